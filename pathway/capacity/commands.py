"""Writing places: declaring, holding, giving back, using. The offer's row is the lock of all of them."""

from uuid import UUID

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import ANY_VERSION, Act, check_version, command
from accounts.kernel.clock import now
from accounts.kernel.errors import NotFound
from pathway.capacity.events import HoldEnded, PlaceHeld, PlacesChanged
from pathway.capacity.models import CapacityObservation, Hold, Places
from pathway.capacity.records import DeclarePlaces, HoldPlace, LapseHold, ReleaseHold, UseHold
from pathway.capacity.rules import LineAlreadyHolds, check_declaration, check_figure_time, check_hold
from pathway.capacity.states import HoldAction, HoldState, Source
from pathway.structures.models import CareOffer
from pathway.structures.states import KINDS, Nature, OfferKind


@command(Permission.BED_AVAILABILITY_UPDATE)
def declare_places(record: DeclarePlaces, act: Act) -> Receipt:
    """Say how many places of an offer are available now; the same figure again confirms it."""
    offer = act.open(CareOffer, record.offer_id, version=ANY_VERSION)
    known, instant = _places_of(offer), now()
    seen = record.observed_at or instant
    places = known or Places(offer=offer)
    check_version(places, record.version)
    check_figure_time(seen, last=known.observed_at if known else None, now=instant)
    check_declaration(available=record.available, held=places.held, installed=offer.installed)
    places.available, places.observed_at, places.source = record.available, seen, Source.DECLARED
    _observe(places, offer, act)
    return act.amend(places, "declare", PlacesChanged)


@command(Permission.BED_AVAILABILITY_HOLD)
def hold_place(record: HoldPlace, act: Act) -> Receipt:
    """Keep one place of an offer for a request line; refused when none is free."""
    offer = act.open(CareOffer, record.offer_id, version=ANY_VERSION)
    places = _places_of(offer)
    check_hold(
        available=places.available if places else None,
        held=places.held if places else 0,
        until=record.until,
        now=now(),
    )
    if Hold.objects.filter(line_id=record.line_id, state=HoldState.HELD).exists():
        raise LineAlreadyHolds
    _change(places, act, held=1)
    hold = Hold(offer=offer, line_id=record.line_id, until=record.until)
    return act.add(hold, "hold", PlaceHeld)


@command(Permission.BED_AVAILABILITY_HOLD)
def release_hold(record: ReleaseHold, act: Act) -> Receipt:
    """Give a held place back.

    Another structure's admission, or the sender's withdrawal, releases through
    `run(release_hold, …, by=system_actor("…"))`: it is the consequence of their act.
    """
    return _end(record.hold_id, HoldAction.RELEASE, act, reason=record.reason)


@command(Permission.BED_AVAILABILITY_HOLD)
def use_hold(record: UseHold, act: Act) -> Receipt:
    """Turn a held place into an occupied one: one place fewer is available."""
    return _end(record.hold_id, HoldAction.USE, act)


@command(Permission.BED_AVAILABILITY_HOLD)
def lapse_hold(record: LapseHold, act: Act) -> Receipt:
    """End a hold whose time is over."""
    return _end(record.hold_id, HoldAction.LAPSE, act)


def _end(hold_id: UUID, action: HoldAction, act: Act, *, reason: str = "") -> Receipt:
    offer_id = Hold.objects.filter(pk=hold_id).values_list("offer_id", flat=True).first()
    if offer_id is None:
        raise NotFound
    offer = act.lock(CareOffer, offer_id)
    hold = act.lock(Hold, hold_id)
    act.ask(Facts(type="hold", id=hold.id, organisation_id=offer.organisation_id, state=hold.state))
    receipt = act.advance(hold, action, HoldEnded, reason=reason)
    places = _places_of(offer)
    _change(places, act, held=-1, available=-1 if action == HoldAction.USE else 0)
    return receipt


def _change(places: Places | None, act: Act, *, held: int, available: int = 0) -> None:
    if places is None:
        raise NotFound
    places.held += held
    places.available += available
    if available:
        places.source = Source.ADMISSION
        _observe(places, places.offer, act)
    act.amend(places, "count", PlacesChanged)


def _places_of(offer: CareOffer) -> Places | None:
    return Places.objects.filter(offer=offer).select_related("offer").first()


def _observe(places: Places, offer: CareOffer, act: Act) -> None:
    CapacityObservation.objects.create(
        offer=offer,
        nature=KINDS[OfferKind(offer.kind)].nature or Nature.PLACE,
        count=places.available,
        source=places.source,
        observed_at=places.observed_at,
        actor_id=act.by.id,
    )
