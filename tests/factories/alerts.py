"""Rapid teams and calls to them."""

from uuid import UUID

from accounts.access.states import ConsentMeans
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from accounts.organisations.models import Organisation
from accounts.organisations.states import OrganisationKind
from pathway.rapid_response.commands import call_rapid_response
from pathway.rapid_response.records import CallRapidResponse, RaiseAlert
from pathway.structures.models import CareOffer, OfferArea
from pathway.structures.states import OfferKind
from tests.factories import people


def rapid_team(*, departement: str = "21", kind: OfferKind = OfferKind.RAPID_RESPONSE) -> CareOffer:
    """Return a rapid team that covers a département."""
    place: Organisation = people.organisation(kind=OrganisationKind.MOBILE_TEAM)
    offer = CareOffer.objects.create(
        organisation=place, code="eri", kind=kind, name="ERI-SP des Trois Rivières (fictif)"
    )
    OfferArea.objects.create(offer=offer, code=departement)
    return offer


def call(person_id: UUID, offer: CareOffer, **fields: object) -> CallRapidResponse:
    """Return the input of a call, with the person's agreement."""
    values: dict[str, object] = {
        "person_id": person_id,
        "offer_id": offer.id,
        "is_palliative": True,
        "reason": "Douleur non soulagée depuis ce matin",
        "callback_phone": "06 39 98 00 01",
        **fields,
    }
    return CallRapidResponse(alert=RaiseAlert(**values), agreed_on=today(), agreed_by=ConsentMeans.SPOKEN)  # type: ignore[arg-type]  # (a factory takes any field)


def alert(person_id: UUID, offer: CareOffer, by: Actor) -> UUID:
    """Return the id of a new alert."""
    return call_rapid_response(call(person_id, offer), by=by).id
