"""Reading places: of one offer, of many at a constant cost, and the places held for request lines."""

from collections.abc import Iterable
from uuid import UUID

from accounts.access.gate import scope
from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now
from accounts.kernel.errors import NotFound
from pathway.capacity.models import Hold, Places
from pathway.capacity.records import HoldSnapshot, PlacesSnapshot
from pathway.capacity.rules import age_words, is_stale
from pathway.capacity.states import HoldState
from pathway.structures.models import CareOffer
from pathway.structures.states import KINDS, OfferKind


def places_for(offer_ids: Iterable[UUID], *, actor: Actor) -> dict[UUID, PlacesSnapshot]:
    """Return the places of offers by id, in one query."""
    offers = CareOffer.objects.filter(scope(actor, Permission.BED_AVAILABILITY_READ), pk__in=set(offer_ids))
    return {offer.id: _snapshot(offer) for offer in offers.select_related("places")}


def places_of(offer_id: UUID, *, actor: Actor) -> PlacesSnapshot:
    """Return the places of one offer."""
    found = places_for([offer_id], actor=actor).get(offer_id)
    if found is None:
        raise NotFound
    return found


def places_snapshot(offer_id: UUID) -> PlacesSnapshot:
    """Return the places of one offer for the FHIR projection."""
    offer = CareOffer.objects.filter(pk=offer_id).select_related("places").first()
    if offer is None:
        raise NotFound
    return _snapshot(offer)


def offer_counted(places_id: UUID) -> UUID | None:
    """Return the offer that a row of places counts, `None` when there is no such row."""
    return Places.objects.filter(pk=places_id).values_list("offer_id", flat=True).first()


def held_places(line_ids: Iterable[UUID]) -> dict[UUID, HoldSnapshot]:
    """Return the holds in force, by request line: for the commands that release or use them."""
    holds = Hold.objects.filter(line_id__in=set(line_ids), state=HoldState.HELD).order_by("id")
    return {hold.line_id: _hold(hold) for hold in holds}


def holds_due(*, limit: int = 100) -> list[UUID]:
    """Return the holds whose time is over, oldest first."""
    due = Hold.objects.filter(state=HoldState.HELD, until__lte=now()).order_by("until", "id")
    return list(due.values_list("id", flat=True)[:limit])


def _hold(hold: Hold) -> HoldSnapshot:
    return HoldSnapshot(
        id=hold.id,
        offer_id=hold.offer_id,
        line_id=hold.line_id,
        until=hold.until,
        state=HoldState(hold.state),
        version=hold.version,
    )


def _snapshot(offer: CareOffer) -> PlacesSnapshot:
    places: Places | None = getattr(offer, "places", None)
    seen = places.observed_at if places else None
    return PlacesSnapshot(
        offer_id=offer.id,
        nature=KINDS[OfferKind(offer.kind)].nature,
        installed=offer.installed,
        available=places.available if places else None,
        held=places.held if places else 0,
        free=places.available - places.held if places else None,
        observed_at=seen,
        age=age_words(seen, now()),
        is_stale=is_stale(seen, now()),
        version=places.version if places else 0,
    )
