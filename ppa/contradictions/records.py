"""Contradictions as they are found, and their settlements as commands take them and pages read them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ppa.contradictions.states import Kind, Outcome, SettledWith, SettlementState


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What one source says, quoted. `dated` is the date of the source, `None` when it has none."""

    source: str
    source_id: UUID
    dated: date | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two passages that a person must read together. `first` is the one that prevails by law, when one does.

    `key` changes with either passage: what was settled of the former words does not settle the new ones.
    """

    key: str
    kind: Kind
    subject: str
    sentence: str
    first: Passage
    second: Passage

    @property
    def passages(self) -> tuple[Passage, Passage]:
        """Both, to be laid side by side."""
        return self.first, self.second


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleContradiction:
    """Somebody read both passages, asked, and says what holds; `note` says why, in plain words."""

    person_id: UUID
    key: str
    outcome: Outcome
    settled_with: SettledWith
    settled_on: date
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenContradiction:
    """The question is taken up again."""

    settlement_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementSnapshot:
    """A settlement, with both passages as they were: the one that lost is kept."""

    id: UUID
    version: int
    person_id: UUID
    state: SettlementState
    contradiction: Contradiction
    outcome: Outcome
    settled_with: SettledWith
    settled_on: date
    settled_by: str
    note: str
