"""What the commands of stays are given, and what reading hands out."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pathway.referrals.states import Destination
from pathway.stays.states import StayKind, StayState


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStay:
    """A stay that is expected from a day on, for a request line."""

    stay_id: UUID
    person_id: UUID
    offer_id: UUID
    line_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposePlace:
    """A structure proposes a place from a day on."""

    line_id: UUID
    version: int | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitPerson:
    """The person of a request line has come, at an instant."""

    line_id: UUID
    version: int | None
    admitted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStay:
    """A stay begins. `stay_id` names the planned one, or the id of the new one; `line_id` is empty without a request."""

    person_id: UUID
    offer_id: UUID
    admitted_at: datetime
    stay_id: UUID | None = None
    line_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveStay:
    """The person goes home for some days, or comes back."""

    stay_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discharge:
    """The stay is over, at an instant."""

    stay_id: UUID
    version: int | None
    ended_at: datetime
    destination: Destination
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelStay:
    """A planned stay will not take place."""

    stay_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishForDeath:
    """Every open stay of a person who died ends."""

    person_id: UUID
    died_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeath:
    """The person died; `died_on` is a day in Paris."""

    person_id: UUID
    died_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class StaySnapshot:
    """A stay as pages and the bridge read it."""

    id: UUID
    version: int
    person_id: UUID
    organisation_id: UUID
    organisation_name: str
    offer_id: UUID
    offer_name: str
    line_id: UUID | None
    request_id: UUID | None
    kind: StayKind
    state: StayState
    planned_for: date | None
    admitted_at: datetime | None
    ended_at: datetime | None
    destination: Destination | None
    note: str
    created_at: datetime
    updated_at: datetime
    asked_on: date | None = None
    ask_again_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StayRow:
    """One stay of a list. `ask_by`: by when she was, or is, to be asked about directives; `None` when nothing waits."""

    id: UUID
    version: int
    person_id: UUID
    person_name: str
    birth_year: int
    offer_name: str
    kind_label: str
    state: StayState
    state_label: str
    tone: str
    planned_for: date | None
    admitted_at: datetime | None
    ended_at: datetime | None
    destination_label: str
    ask_by: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaySpan:
    """A stay as a bar of the person's lanes; `end` empty: still running."""

    lane: str
    label: str
    start: datetime
    end: datetime | None
    state: StayState
