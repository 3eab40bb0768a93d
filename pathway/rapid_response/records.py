"""Inputs of the commands, and an alert as others read it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from accounts.access.states import ConsentMeans
from pathway.rapid_response.states import AlertAction, AlertState, CloseReason, DeclineReason, PauseReason


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseAlert:
    """Somebody calls the rapid team of an offer for a person.

    `is_palliative` answers the first question of every call; `None` when it is not known.
    """

    person_id: UUID
    offer_id: UUID
    is_palliative: bool | None
    reason: str
    callback_phone: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRapidResponse:
    """An alert, with the agreement of the person that the team receives what it needs."""

    alert: RaiseAlert
    agreed_on: date
    agreed_by: ConsentMeans


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowAlert:
    """The team says where it is. `at` is when it happened; `None` is now."""

    alert_id: UUID
    version: int | None
    action: AlertAction
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineAlert:
    """The team sends the call elsewhere, and says where."""

    alert_id: UUID
    version: int | None
    reason: DeclineReason
    instead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAlert:
    """The intervention ends."""

    alert_id: UUID
    version: int | None
    reason: CloseReason


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseForDeath:
    """Every open alert of a person who died ends."""

    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAlert:
    """The caller takes the call back."""

    alert_id: UUID
    version: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRelay:
    """Who takes over, from when, and who else if that fails."""

    alert_id: UUID
    version: int | None
    offer_id: UUID
    from_at: datetime
    fallback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseAlert:
    """The clock stands still, for a published reason."""

    alert_id: UUID
    version: int | None
    reason: PauseReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeAlert:
    """The clock runs again."""

    alert_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """An interval that does not count; `ended_at` is `None` while it lasts."""

    started_at: datetime
    ended_at: datetime | None
    reason: PauseReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """When each step of an alert happened: T0 called, T1 answered, T2 left, T3 at the bedside."""

    called_at: datetime
    answered_at: datetime | None = None
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    stabilised_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock as a page shows it: `elapsed` and `target` in minutes, `state` one of ok, soon, late, stopped."""

    label: str
    since: datetime
    elapsed: int
    target: int
    state: str

    @property
    def percent(self) -> int:
        """How much of the target is gone, 100 at most."""
        return min(100, self.elapsed * 100 // max(self.target, 1))

    @property
    def elapsed_text(self) -> str:
        """The time gone: « 25 min », « 3 h 05 »."""
        return in_words(self.elapsed)

    @property
    def target_text(self) -> str:
        """The time given."""
        return in_words(self.target)


def in_words(minutes: int) -> str:
    """Return a length of time: « 25 min », « 3 h 05 », « 72 h »."""
    hours, rest = divmod(max(minutes, 0), 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSnapshot:
    """An alert, whole: for pages of those who may read it and for the bridge."""

    id: UUID
    version: int
    person_id: UUID
    state: AlertState
    offer_id: UUID
    team_id: UUID
    sender_id: UUID
    requester_id: UUID | None
    is_palliative: bool | None
    reason: str
    callback_phone: str
    place: str
    outcome: str
    marks: Marks
    pauses: tuple[Pause, ...]
    relay_offer_id: UUID | None
    relay_at: datetime | None
    relay_fallback: str
    updated_at: datetime
