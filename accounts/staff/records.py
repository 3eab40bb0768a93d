"""Inputs of this feature's commands, and what its pages read."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from accounts.kernel.actor import Duty, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStaffAccount:
    """Somebody begins in a function. `rpps` empty: the register does not know her.

    `username` empty: she signs in with Pro Santé Connect only, and `password` is not used.
    Whoever has an account already keeps it, and gets the function.
    """

    organisation_id: UUID
    role: Role
    family: str
    given: str = ""
    rpps: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFunction:
    """Another function, or a mandate beside one, from today to a day, or without an end."""

    staff_id: UUID
    organisation_id: UUID
    role: Duty
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndFunction:
    """A function ends now."""

    staff_id: UUID
    function_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAccount:
    """An account closes, or opens again (`is_open`)."""

    staff_id: UUID
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowSessions:
    """How many sessions an account may have at once: one or two."""

    staff_id: UUID
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReset:
    """The holder lost the password or every second factor: a second person will confirm."""

    staff_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmReset:
    """The second person confirms: this first password replaces the old one, and no second factor remains."""

    staff_id: UUID
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewStaff:
    """Every function of the organisation was read again; `functions` is how many there were on the page."""

    functions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSnapshot:
    """One function of somebody, present or past. `is_own`: at a place that the reader manages."""

    id: UUID
    organisation: str
    role: Duty
    starts_on: date
    ends_on: date | None
    is_present: bool
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSnapshot:
    """Somebody of the organisation, with the account and the functions.

    `username` empty: no account. `is_local`: the account has a password.
    `reset_asked_by`: who asked for a reset that nobody confirmed yet.
    """

    id: UUID
    name: str
    rpps: str
    username: str
    is_open: bool
    is_local: bool
    has_second_factor: bool
    sessions_allowed: int
    last_sign_in: datetime | None
    functions: tuple[FunctionSnapshot, ...]
    works_elsewhere: bool
    reset_asked_by: str = ""
    reset_asked_by_id: UUID | None = None

    @property
    def next_end(self) -> date | None:
        """The first day on which a present function ends; `None` when none does."""
        return min((one.ends_on for one in self.functions if one.is_present and one.ends_on), default=None)
