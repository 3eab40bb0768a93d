"""Invented structures, and requests at each step of their life."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from accounts.access.states import ConsentMeans
from accounts.kernel.actor import Actor, Role
from accounts.kernel.clock import now, today
from accounts.organisations.models import Organisation
from pathway.capacity.commands import declare_places
from pathway.capacity.records import DeclarePlaces
from pathway.referrals.commands import (
    acknowledge_line,
    agree_in_principle,
    choose_recipients,
    create_draft,
    review_line,
    send_with_consent,
)
from pathway.referrals.models import Request, RequestLine
from pathway.referrals.records import ChooseRecipients, CreateDraft, Dossier, LineStep, SendWithConsent
from pathway.referrals.states import Urgency
from pathway.stays.commands import admit_person, propose_place
from pathway.stays.records import AdmitPerson, ProposePlace
from pathway.structures.models import CareOffer, OfferArea
from pathway.structures.states import OfferKind
from tests.factories import people
from tests.support.past import shown_at_its_end

SECRET = "Métastases osseuses, douleur à la mobilisation"


@dataclass(frozen=True)
class Structure:
    """An offer with its people."""

    organisation: Organisation
    offer: CareOffer
    physician: Actor
    manager: Actor
    nurse: Actor


def structure(kind: OfferKind = OfferKind.USP, *, places: int | None = 3, name: str = "") -> Structure:
    """Return a structure of the Côte-d’Or with an offer and, when `places` is given, that many places declared."""
    place = people.organisation(departement="21")
    offer = CareOffer.objects.create(
        organisation=place, code="1", kind=kind, name=name or f"{kind} de {place.name}", phone="03 53 01 00 01",
        installed=10,
    )  # fmt: skip
    OfferArea.objects.create(offer=offer, code="21")
    made = Structure(
        organisation=place,
        offer=offer,
        physician=people.actor(Role.PHYSICIAN, place),
        manager=people.actor(Role.BED_MANAGER, place),
        nurse=people.actor(Role.NURSE, place),
    )
    if places is not None:
        declare_places(DeclarePlaces(offer_id=offer.id, available=places, version=0), by=made.manager)
    return made


def dossier(**sections: str) -> Dossier:
    """Return a dossier that may be sent."""
    return Dossier(
        **{
            "reason": "Douleur mal soulagée au domicile",
            "question": "Accueil pour équilibrer le traitement",
            "place_now": "Au domicile",
            "diagnosis": SECRET,
            "callback": "03 53 01 00 02",
            **sections,
        }
    )


def draft_record(person_id: UUID, **fields: object) -> CreateDraft:
    """Return the input of a request for a palliative care unit."""
    values: dict[str, object] = {
        "kind": OfferKind.USP,
        "urgency": Urgency.ASAP,
        "level": 3,
        "dossier": dossier(),
        "answer_wanted_by": now() + timedelta(days=2),
        **fields,
    }
    return CreateDraft(person_id=person_id, **values)  # type: ignore[arg-type]  # (a factory takes any field)


@dataclass
class Asked:
    """A request in flight: its sender, its person, and one line per structure."""

    sender: Actor
    person_id: UUID
    request_id: UUID
    structures: tuple[Structure, ...]

    @property
    def request(self) -> Request:
        """The request now."""
        return Request.objects.get(pk=self.request_id)

    def line(self, index: int = 0) -> RequestLine:
        """The newest line of one of the structures now."""
        lines = RequestLine.objects.filter(request_id=self.request_id, offer=self.structures[index].offer)
        return lines.order_by("-created_at", "-id")[0]


@shown_at_its_end()
def draft(*structures: Structure, sender: Actor | None = None, **fields: object) -> Asked:
    """Return a draft with its structures chosen."""
    by = sender or people.actor(Role.PHYSICIAN)
    person_id = people.person(by)
    request_id = create_draft(draft_record(person_id, **fields), by=by).id
    chosen = structures or (structure(),)
    ids = frozenset(one.offer.id for one in chosen)
    choose_recipients(ChooseRecipients(request_id=request_id, version=1, offer_ids=ids), by=by)
    return Asked(sender=by, person_id=person_id, request_id=request_id, structures=chosen)


def send_record(asked: Asked) -> SendWithConsent:
    """Return the input that sends a draft, the person having agreed today."""
    return SendWithConsent(
        request_id=asked.request_id,
        version=asked.request.version,
        consent_given_on=today(),
        consent_means=ConsentMeans.SPOKEN,
    )


@shown_at_its_end()
def sent(*structures: Structure, sender: Actor | None = None, **fields: object) -> Asked:
    """Return a request sent to structures."""
    asked = draft(*structures, sender=sender, **fields)
    send_with_consent(send_record(asked), by=asked.sender)
    return asked


def step(asked: Asked, index: int = 0) -> LineStep:
    """Return the input of a plain step of a line, at its present version."""
    line = asked.line(index)
    return LineStep(line_id=line.id, version=line.version)


@shown_at_its_end()
def studied(asked: Asked, index: int = 0) -> None:
    """Let a structure open and study its line."""
    by = asked.structures[index].manager
    acknowledge_line(step(asked, index), by=by)
    review_line(step(asked, index), by=by)


@shown_at_its_end()
def agreed(asked: Asked, index: int = 0) -> None:
    """Let a structure study its line and agree in principle."""
    studied(asked, index)
    agree_in_principle(step(asked, index), by=asked.structures[index].manager)


@shown_at_its_end()
def proposed(asked: Asked, index: int = 0) -> None:
    """Let a structure study its line and propose a place for tomorrow."""
    studied(asked, index)
    line = asked.line(index)
    record = ProposePlace(line_id=line.id, version=line.version, on=today() + timedelta(days=1))
    propose_place(record, by=asked.structures[index].manager)


def admitted(asked: Asked, index: int = 0) -> UUID:
    """Let a structure admit the person; return the stay."""
    line = asked.line(index)
    record = AdmitPerson(line_id=line.id, version=line.version, admitted_at=now())
    return admit_person(record, by=asked.structures[index].manager).id
