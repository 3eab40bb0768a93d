"""What the commands of places are given, and what reading hands out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pathway.capacity.states import HoldState
from pathway.structures.states import Nature


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarePlaces:
    """A structure says how many places of an offer are available now, held ones included.

    `version` is that of the figure that was read; 0 when there was none. `observed_at` is
    when the figure was true; now when it is `None`.
    """

    offer_id: UUID
    available: int
    version: int | None
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlace:
    """Keep one place of an offer for a request line, until an instant."""

    offer_id: UUID
    line_id: UUID
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHold:
    """Give a held place back. `reason` is a code, such as "admitted-elsewhere"."""

    hold_id: UUID
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseHold:
    """The person has come: the held place is hers."""

    hold_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseHold:
    """The time of a held place is over."""

    hold_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldSnapshot:
    """A held place, as other features read it."""

    id: UUID
    offer_id: UUID
    line_id: UUID
    until: datetime
    state: HoldState
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesSnapshot:
    """The places of one offer now. `available`, `free` and `observed_at` are `None` while nobody has said.

    `free` is what is available and not held; `age` says in French how old the figure is.
    """

    offer_id: UUID
    nature: Nature | None
    installed: int
    available: int | None
    held: int
    free: int | None
    observed_at: datetime | None
    age: str
    is_stale: bool
    version: int
