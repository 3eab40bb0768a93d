"""What the acts on a coordination file say, and the file as pages and the bridge read it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pathway.cases.states import CaseState, ClosingReason, Origin, Phase, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalCase:
    """Somebody asks the DAC for its support.

    A coordinator opens the file at his own DAC, others at the one that covers the person.
    `organisation_id` (the DAC) and `signaller_id` count for the system only, which speaks
    for the organisation that proposed a plan.
    """

    person_id: UUID
    reason: str = ""
    caller: str = ""
    urgency: Urgency = Urgency.ROUTINE
    organisation_id: UUID | None = None
    proposal_id: UUID | None = None
    signaller_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncludeCase:
    """The DAC takes the person in; its membership of her circle opens."""

    case_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncludeAndAssign:
    """The DAC takes the person in, with her référent when one is named already (else None)."""

    case_id: UUID
    version: int | None
    coordinator_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineCase:
    """The DAC does not take the person in, and says why and whom else to ask."""

    case_id: UUID
    version: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignCase:
    """A coordinator of the DAC becomes the person's référent."""

    case_id: UUID
    version: int | None
    coordinator_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCase:
    """The référent begins, or takes over from a colleague."""

    case_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverCase:
    """A colleague takes over; the file keeps both names. `note`: what she must know."""

    case_id: UUID
    version: int | None
    coordinator_id: UUID
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLevel:
    """The level of gradation, 1 to 3, with its reason and, when known, the phase of the illness."""

    case_id: UUID
    version: int | None
    level: int
    reason: str
    assessed_on: date
    phase: Phase | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNextAction:
    """What is to do next and by when; both empty: it is done and nothing follows yet."""

    case_id: UUID
    version: int | None
    action: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCase:
    """The support of the DAC ends. `version=ANY_VERSION` when another act, such as a death, causes it."""

    case_id: UUID
    version: int | None
    reason: ClosingReason
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoordinatorTerm:
    """One référent of a file, from an instant to another; `until` is `None` for the present one."""

    professional_id: UUID
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessedLevel:
    """One assessment of the level of gradation."""

    id: UUID
    level: int
    reason: str
    assessed_on: date
    assessor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSnapshot:
    """A coordination file as pages and the bridge read it. `terms` and `levels` newest first."""

    id: UUID
    person_id: UUID
    version: int
    state: CaseState
    organisation_id: UUID
    signaller_id: UUID | None
    proposal_id: UUID | None
    origin: Origin
    coordinator_id: UUID | None
    urgency: Urgency
    caller: str
    reason: str
    decline_reason: str
    closing_reason: ClosingReason | None
    note: str
    level: int | None
    phase: Phase | None
    next_action: str
    due_on: date | None
    included_at: datetime | None
    closed_at: datetime | None
    terms: tuple[CoordinatorTerm, ...]
    levels: tuple[AssessedLevel, ...]
    created_at: datetime
    updated_at: datetime
