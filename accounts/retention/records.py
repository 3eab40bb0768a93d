"""What is kept until when, and the inputs of the commands."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from accounts.retention.states import Trigger


@dataclass(frozen=True, slots=True)
class Rule:
    """One period: so many years from what, and the text that sets it."""

    trigger: Trigger
    years: int
    basis: str
    number: int = 1
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Until when a file is kept, by which rule, and whether a claim suspends its end."""

    until: date
    rule: Rule
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """A file whose period is over; `reference` is all that is said of whom it is about."""

    reference: UUID
    until: date


@dataclass(frozen=True, slots=True)
class Period:
    """A rule in force, its words, the former ones (newest first), and how many files it brings to their end within a year."""

    label: str
    rule: Rule
    former: tuple[Rule, ...]
    ending: int


@dataclass(frozen=True, slots=True)
class ShortPeriod:
    """What is kept for some days only, and why so few."""

    label: str
    days: int
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPeriod:
    """Keep files so many years from now on, by a text; `version` is the number of the rule that is replaced."""

    trigger: Trigger
    years: int
    basis: str
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPurge:
    """Ask that what is due be erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLogPurge:
    """Ask that the rows of the access log whose time is over be replaced by their signed digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPurge:
    """Confirm, cancel or carry out an order."""

    order_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseFile:
    """Erase one file of an order that is being carried out."""

    subject_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLegalHold:
    """Suspend the end of a file, because of a claim."""

    reference: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftLegalHold:
    """The claim is over."""

    hold_id: UUID
