"""Requests for an opinion as commands take them and as pages read them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pathway.opinions.states import OPINION, OpinionState


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOpinion:
    """A question to one professional of one structure, whose answer is awaited within some days."""

    case_id: UUID
    expert_id: UUID
    organisation_id: UUID
    question: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveOpinion:
    """The answer; or, with `declines`, why there is none."""

    opinion_id: UUID
    version: int | None
    text: str
    declines: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOpinion:
    """The request ends without an answer."""

    opinion_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionSnapshot:
    """A whole request for an opinion, with the names that a page shows."""

    id: UUID
    version: int
    person_id: UUID
    state: OpinionState
    asker: str
    organisation_id: UUID
    organisation: str
    expert_id: UUID
    expert: str
    expert_organisation: str
    question: str
    answer: str
    asked_at: datetime
    until: datetime

    @property
    def state_label(self) -> str:
        """Where it stands, in words."""
        return OPINION.label(self.state)

    @property
    def is_open(self) -> bool:
        """Tell whether an answer is still awaited."""
        return self.state == OpinionState.ASKED
