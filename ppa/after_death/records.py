"""What is wished for the relatives, and the contacts with them, as commands take them and as pages read them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ppa.after_death.states import OPEN, ContactState, Outcome
from ppa.after_death.timing import NEWS, step_label


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTellingWish:
    """What the person wishes on the day of her death: who tells her relatives, in which words, and what not to do."""

    person_id: UUID
    by_whom: str
    words: str
    not_so: str = ""
    stated_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanContacts:
    """Plan, on a death, what the rules foresee for each relative."""

    person_id: UUID
    died_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelContacts:
    """The death was recorded by mistake: nothing is planned any more."""

    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanContact:
    """One more contact with a relative, on a day of hers."""

    person_id: UUID
    relative_id: UUID
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteContact:
    """How a contact went; `by_whom`: who spoke with her, in words."""

    contact_id: UUID
    version: int | None
    outcome: Outcome
    happened_on: date
    by_whom: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveContact:
    """Another day for a contact."""

    contact_id: UUID
    version: int | None
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class StopContacts:
    """A relative wishes no contact any more."""

    person_id: UUID
    relative_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingWishSnapshot:
    """One statement of hers, with the day and the professional who wrote it down."""

    by_whom: str
    words: str
    not_so: str
    stated_on: date
    noted_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSnapshot:
    """One contact as pages read it."""

    id: UUID
    version: int
    person_id: UUID
    organisation_id: UUID | None
    relative_id: UUID
    step: str
    due_on: date
    state: ContactState
    happened_on: date | None
    by_whom: str
    note: str

    @property
    def label(self) -> str:
        """What this contact is for, in words."""
        return step_label(self.step)

    @property
    def is_news(self) -> bool:
        """Tell whether it is the one that tells her of the death."""
        return self.step == NEWS

    @property
    def is_open(self) -> bool:
        """Tell whether somebody may still call."""
        return self.state in OPEN
