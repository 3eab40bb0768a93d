"""What the trail is read as, and the inputs of this feature's commands."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from accounts.audit.records import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One row of the audit as it may be shown: ids and codes, no name. `number` is its place in `chain`."""

    chain: str
    number: int
    at: datetime
    actor_id: UUID | None
    professional_id: UUID | None
    organisation_id: UUID | None
    role: str
    channel: str
    session: str
    action: str
    object_type: str
    object_id: UUID | None
    person_id: UUID | None
    outcome: Outcome
    rule: str
    correlation_id: UUID
    ip: str
    purpose: str
    query: str
    is_emergency: bool

    @property
    def id(self) -> str:
        """The name of the row everywhere: chain and number."""
        return f"{self.chain}.{self.number}"


class AskedBy(StrEnum):
    """Who asked for a person's access list."""

    PERSON = "person"
    REPRESENTATIVE = "representative"


ASKED_BY_LABELS = {
    AskedBy.PERSON: "La personne elle-même",
    AskedBy.REPRESENTATIVE: "Son représentant légal, pour elle",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandAccessList:
    """A person asked, on a day, who opened her file."""

    person_id: UUID
    asked_by: AskedBy
    asked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One line of a person's access list: what one actor did of one kind on one day, how often, and in what quality."""

    day: date
    first: datetime
    last: datetime
    times: int
    who: str
    function: str
    organisation: str
    what: str
    quality: str
    is_emergency: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessList:
    """A person's access list over a time; `since` is the first day that the trail still holds."""

    person_id: UUID
    since: date
    until: datetime
    lines: tuple[Access, ...]
    is_cut: bool

    @property
    def emergencies(self) -> int:
        """How many lines rest on a break-glass."""
        return sum(line.is_emergency for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What one professional opened of one person on one day, with what is needed to tell whether it is usual.

    `first_row` and `last_row` are places in the organisation's chain. `worked_on` and
    `left_on`: the nearest day that the organisation did something for the person, and the
    day her stay there ended. `persons_that_day`: how many persons the professional opened.
    """

    professional_id: UUID
    person_id: UUID
    role: str
    day: date
    first: datetime
    last: datetime
    rows: int
    first_row: int
    last_row: int
    worked_on: date | None = None
    left_on: date | None = None
    died_on: date | None = None
    persons_that_day: int = 1
    same_name: bool = False
    is_staff: bool = False
    by_night: bool = False
    is_emergency: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAccess:
    """The privacy officer looked at one visit: what was found, in words."""

    professional_id: UUID
    person_id: UUID
    day: date
    is_justified: bool
    comment: str
