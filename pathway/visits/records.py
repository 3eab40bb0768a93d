"""Visits as the command takes them and as pages read them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pathway.visits.states import Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVisit:
    """A visit of the actor's own. `says_nothing_of_health`: he states it of his note."""

    person_id: UUID
    visited_on: date
    presence: Presence
    note: str = ""
    says_nothing_of_health: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLine:
    """One visit: `volunteer` and `association` in words."""

    visited_on: date
    presence: Presence
    presence_label: str
    note: str
    volunteer: str
    association: str
