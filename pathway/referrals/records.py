"""What the commands of requests are given, and what reading hands out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from accounts.access.states import ConsentMeans
from pathway.capacity.records import PlacesSnapshot
from pathway.referrals.states import (
    ClosingReason,
    DeclineReason,
    Destination,
    LineState,
    MessageKind,
    RequestState,
    Urgency,
    WithdrawReason,
)
from pathway.structures.records import OfferSnapshot
from pathway.structures.states import Exclusion, OfferKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What is told of the person. The first three sections are the minimum set. Source: domain.md §5.3."""

    reason: str = ""
    question: str = ""
    place_now: str = ""
    diagnosis: str = ""
    symptoms: str = ""
    treatments: str = ""
    allergies: str = ""
    autonomy: str = ""
    goals: str = ""
    awareness: str = ""
    wishes: str = ""
    carers: str = ""
    services: str = ""
    social: str = ""
    access: str = ""
    callback: str = ""


SECTION_LABELS: Mapping[str, str] = {
    "reason": "Ce qui motive la demande",
    "question": "Ce qui est attendu de la structure",
    "place_now": "Où se trouve la personne aujourd’hui",
    "diagnosis": "Maladie et évolution",
    "symptoms": "Symptômes et leur intensité",
    "treatments": "Traitements, appareils et soins techniques",
    "allergies": "Allergies, portage de bactéries résistantes",
    "autonomy": "Autonomie (échelle OMS ou PPS, PALLIA-10)",
    "goals": "Objectifs des soins",
    "awareness": "Ce que la personne et ses proches savent",
    "wishes": "Souhaits de la personne, lieu de soins compris",
    "carers": "Proches présents et leur fatigue",
    "services": "Aides et soignants déjà en place",
    "social": "Situation sociale, mesure de protection",
    "access": "Adresse, étage, accès au logement",
    "callback": "Numéro joignable jour et nuit",
}
MINIMUM_SECTIONS = ("reason", "question", "place_now")


def minimum_of(dossier: Dossier) -> Dossier:
    """Return the part of a dossier that a structure reads before it accepts."""
    return Dossier(**{name: getattr(dossier, name) for name in MINIMUM_SECTIONS})


def sections_of(dossier: Dossier) -> tuple[tuple[str, str], ...]:
    """Return the filled sections as (French label, text), in order."""
    texts = ((SECTION_LABELS[each.name], getattr(dossier, each.name)) for each in fields(dossier))
    return tuple((label, text) for label, text in texts if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDraft:
    """A request in preparation: what is asked, how soon, and what is told. `level` is that of gradation, 1 to 3."""

    person_id: UUID
    kind: OfferKind
    urgency: Urgency
    level: int
    dossier: Dossier
    needs: frozenset[Exclusion] = frozenset()
    answer_wanted_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDraft:
    """New content for a draft."""

    request_id: UUID
    version: int | None
    kind: OfferKind
    urgency: Urgency
    level: int
    dossier: Dossier
    needs: frozenset[Exclusion] = frozenset()
    answer_wanted_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseRecipients:
    """The structures that a draft will be sent to: the whole set, each time."""

    request_id: UUID
    version: int | None
    offer_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """Send a draft to the structures chosen; `consent_id` is the agreement just recorded, if any."""

    request_id: UUID
    version: int | None
    consent_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendWithConsent:
    """Send a draft, with the person's agreement that the structures chosen receive what they need."""

    request_id: UUID
    version: int | None
    consent_given_on: date
    consent_means: ConsentMeans


@dataclass(frozen=True, slots=True, kw_only=True)
class SendToMore:
    """Ask further structures while the request is active."""

    request_id: UUID
    version: int | None
    offer_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendToMoreWithConsent:
    """Ask further structures, with the person's agreement for them."""

    request_id: UUID
    version: int | None
    offer_ids: frozenset[UUID]
    consent_given_on: date
    consent_means: ConsentMeans


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRequest:
    """Take the whole request back: every line that is not yet admitted is withdrawn."""

    request_id: UUID
    version: int | None
    reason: WithdrawReason


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRequest:
    """The person went elsewhere, or home: the request has no object any more."""

    request_id: UUID
    version: int | None
    reason: ClosingReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePersonRequests:
    """Close everything asked for a person who died."""

    person_id: UUID
    died_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStep:
    """One step of a line that needs nothing more: acknowledge, review, agree."""

    line_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOnLine:
    """A question, an answer or a reminder on a line."""

    line_id: UUID
    version: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistLine:
    """A place on the structure's waiting list; `rank` from 1."""

    line_id: UUID
    version: int | None
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPlace:
    """A place from a day on; `stay_id` is the planned stay."""

    line_id: UUID
    version: int | None
    on: date
    stay_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineLine:
    """The structure cannot receive; `alternative` and `note` are what it proposes instead."""

    line_id: UUID
    version: int | None
    reason: DeclineReason
    note: str = ""
    alternative: OfferKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawLine:
    """The sender takes the request back from one structure."""

    line_id: UUID
    version: int | None
    reason: WithdrawReason


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitLine:
    """The person has come, at an instant; the other lines of the request close."""

    line_id: UUID
    version: int | None
    at: datetime
    stay_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLine:
    """The accompaniment by the structure is over."""

    line_id: UUID
    at: datetime
    destination: Destination


@dataclass(frozen=True, slots=True, kw_only=True)
class LineByClock:
    """A line that the clock moves: settled in after an admission."""

    line_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSnapshot:
    """A request as papers, pages and the bridge read it."""

    id: UUID
    version: int
    person_id: UUID
    sender_id: UUID
    requester_id: UUID | None
    state: RequestState
    kind: OfferKind
    urgency: Urgency
    level: int
    needs: frozenset[Exclusion]
    dossier: Dossier
    answer_wanted_by: datetime | None
    group_identifier: UUID
    consent_id: UUID | None
    admitted_line_id: UUID | None
    offer_ids: tuple[UUID, ...]
    created_at: datetime
    sent_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSnapshot:
    """One structure's line, with what the bridge needs of its request."""

    id: UUID
    version: int
    request_id: UUID
    person_id: UUID
    sender_id: UUID
    requester_id: UUID | None
    recipient_id: UUID
    offer_id: UUID
    group_identifier: UUID
    urgency: Urgency
    answer_wanted_by: datetime | None
    state: LineState
    in_care: bool
    rank: int | None
    offered_on: date | None
    stay_id: UUID | None
    reason: str
    note: str
    alternative: OfferKind | None
    destination: Destination | None
    created_at: datetime
    sent_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message on a line, oldest first in a list."""

    kind: MessageKind
    label: str
    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What matters of a person when structures are compared. Ages in years; `None` or empty: not known."""

    kind: OfferKind
    level: int
    age: int | None = None
    commune: str = ""
    departement: str = ""
    needs: frozenset[Exclusion] = frozenset()
    has_carer: bool | None = None


class Verdict(StrEnum):
    """What one criterion, or all of them, say of a structure."""

    FITS = "fits"
    TO_CONFIRM = "to_confirm"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class MatchReason:
    """One criterion, in words."""

    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A structure to compare, its places now (`None`: none is counted), and whether it acts where the person lives."""

    offer: OfferSnapshot
    places: PlacesSnapshot | None
    covers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A structure and why it suits or not, criterion by criterion."""

    candidate: Candidate
    verdict: Verdict
    reasons: tuple[MatchReason, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How long an answer has been awaited, as `c-clock` shows it; `state` is ok, soon, late or stopped."""

    elapsed: str
    target: str
    percent: int
    state: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line of a list: who, what, for which structure, where it stands."""

    id: UUID
    version: int
    request_id: UUID
    person_id: UUID
    person_name: str
    birth_year: int
    city: str
    kind_label: str
    urgency_label: str
    level: int
    sender_name: str
    offer_id: UUID
    offer_name: str
    offer_phone: str
    state: LineState
    state_label: str
    tone: str
    detail: str
    waiting: Waiting | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """One request of a list, with its lines; `is_lost`: every structure asked has ended its line without an admission."""

    id: UUID
    version: int
    person_id: UUID
    person_name: str
    city: str
    kind_label: str
    urgency_label: str
    state: RequestState
    state_label: str
    is_settled: bool
    is_lost: bool
    sent_at: datetime | None
    created_at: datetime
    lines: tuple[LineRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """A request as its sender's page shows it, each line with its messages and what a structure that declined wrote."""

    request: RequestSnapshot
    row: RequestRow
    sections: tuple[tuple[str, str], ...]
    needs: tuple[str, ...]
    messages: Mapping[UUID, tuple[Message, ...]]
    notes: Mapping[UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """A line as the structure's page shows it: the minimum set, or the whole dossier when `is_full`."""

    line: LineSnapshot
    row: LineRow
    sections: tuple[tuple[str, str], ...]
    needs: tuple[str, ...]
    is_full: bool
    sender_phone: str
    counts_places: bool
    messages: tuple[Message, ...]
