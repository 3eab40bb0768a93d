"""Inputs of this feature's commands, and what its pages read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from accounts.people.records import PersonSnapshot
from accounts.vigilance.states import MergeState


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRecords:
    """Two records are one person: `kept` goes on, with all that `merged` held. Both versions are those that were compared."""

    kept_id: UUID
    kept_version: int | None
    merged_id: UUID
    merged_version: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRecords:
    """They were two persons: each gets back what was hers."""

    merge_id: UUID
    version: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowMerge:
    """Something was written to the merged record while its merge ran."""

    merge_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRead:
    """A physician has read what both records held of the same kind."""

    merge_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What a feature is told of a merge, or of its end."""

    merge_id: UUID
    kept_id: UUID
    merged_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two records that are compared: who it says she is, whence it comes, what it holds.

    `ins` is empty when the reader may not see it. `origins` are the names of the structures
    that know her by it; `counts` how many of each kind, nothing of their content.
    """

    person: PersonSnapshot
    ins: str
    registered_by: str
    origins: Sequence[str]
    members: Sequence[str]
    refusals: int
    counts: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """One line of a comparison; `differs` when the two records say different things."""

    label: str
    values: tuple[str, str]

    @property
    def differs(self) -> bool:
        """Tell whether the two sides differ, case and blanks apart."""
        first, second = (" ".join(value.split()).casefold() for value in self.values)
        return first != second


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two records side by side. `conflicts` are what must be settled first, whichever record is kept.

    `keepable` are the ids of the records that may be kept.
    """

    sides: tuple[Side, Side]
    traits: Sequence[Trait]
    conflicts: Sequence[str]
    keepable: frozenset[UUID]
    newcomers: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """Another record was one with a person's for a time. `is_absorbed`: it is now, and all its history is hers."""

    other_id: UUID
    is_absorbed: bool
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Something written while two records were one, that stayed with the record that was kept."""

    at: datetime
    what: str
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeLine:
    """A merge that stands, as the person's page tells it. `to_read`: what a physician has still to look at."""

    id: UUID
    version: int
    merged_on: date
    organisation: str
    to_read: Sequence[str]
    may_note: bool
    may_part: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeSnapshot:
    """One merge as a page shows it. `moved`: how many of each kind were moved."""

    id: UUID
    version: int
    state: MergeState
    kept_id: UUID
    merged_id: UUID
    kept_name: str
    merged_name: str
    merged_on: date
    by: str
    organisation: str
    reason: str
    parted_on: date | None
    parted_reason: str
    moved: Sequence[tuple[str, int]]
    left: Sequence[Left]
    hidden: int
    to_read: Sequence[str]
    read_on: date | None
