"""Actions given to another structure, as commands take them and as pages read them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from ppa.entrusted_actions.states import ENTRUSTED, OPEN, EntrustedMove, EntrustedState


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrustAction:
    """An action of a plan goes to a structure, in the words that it will read: what, by when, what it needs to know."""

    action_id: UUID
    organisation_id: UUID
    what: str
    due_on: date | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerEntrusted:
    """The structure takes the action, has done it, or cannot; `note` says what came of it, or why not."""

    entrusted_id: UUID
    version: int | None
    answer: EntrustedMove
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawEntrusted:
    """The action comes back to who had given it."""

    entrusted_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowEntrusted:
    """The action of the plan follows what the structure answered."""

    entrusted_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrustedSnapshot:
    """An action given to a structure: the minimum set of it, and nothing else of the plan."""

    id: UUID
    version: int
    person_id: UUID
    action_id: UUID
    state: EntrustedState
    sender_id: UUID
    sender: str
    sender_phone: str
    giver: str
    organisation_id: UUID
    organisation: str
    what: str
    due_on: date | None
    message: str
    note: str
    given_at: datetime
    updated_at: datetime

    @property
    def state_label(self) -> str:
        """Where it stands, in words."""
        return ENTRUSTED.label(self.state)

    @property
    def is_open(self) -> bool:
        """Tell whether the structure still has something to do."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionToGive:
    """An action of a plan as its own words say it, before it is given."""

    id: UUID
    what: str
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrustedLine:
    """A line of a desk: an action and whom it is about."""

    shown: EntrustedSnapshot
    person_name: str
    is_late: bool
