"""What an announcement, a proposal and an answer say: inputs of the commands, and snapshots for pages and the bridge."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from ppa.announcements.states import ProposalAction, ProposalState, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAnnouncement:
    """A serious illness, a worsening or an early loss of autonomy was announced to the person.

    `diagnosis_code` is a CIM-10 code, with or without its dot. `recorder_id` is who made
    the announcement, perhaps an outside contact; `None`: the professional who writes.
    `sent_at`: when a partner sent it; `None`: now.
    """

    person_id: UUID
    trigger: Trigger
    announced_on: date
    diagnosis_code: str = ""
    diagnosis_label: str = ""
    recorder_id: UUID | None = None
    present: str = ""
    knows: str = ""
    wishes_to_know: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposePlan:
    """A personal plan was proposed to the person on the ground of an announcement; the day may be a later one."""

    announcement_id: UUID
    proposed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """An announcement and, when `proposed_on` is given, the proposal of a plan with it."""

    announcement: RecordAnnouncement
    proposed_on: date | None = None


class Answer(StrEnum):
    """What the person answers; each is a move of the proposal."""

    ACCEPTED = ProposalAction.ACCEPT
    DEFERRED = ProposalAction.DEFER
    DECLINED = ProposalAction.DECLINE


ANSWER_LABELS = {
    Answer.ACCEPTED: "Oui, elle souhaite un plan",
    Answer.DEFERRED: "Pas maintenant",
    Answer.DECLINED: "Non, merci",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerProposal:
    """The person answered. `heard_by_id`: who heard it, `None` for the professional who writes.

    `come_back_on` is the day to speak of it again, needed for « pas maintenant » only.
    """

    proposal_id: UUID
    version: int | None
    answer: Answer
    answered_on: date
    heard_by_id: UUID | None = None
    reason: str = ""
    come_back_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementSnapshot:
    """An announcement as pages and the bridge read it."""

    id: UUID
    person_id: UUID
    version: int
    trigger: Trigger
    announced_on: date
    diagnosis_code: str
    diagnosis_label: str
    organisation_id: UUID
    recorder_id: UUID | None
    present: str
    knows: str
    wishes_to_know: str
    sent_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """One answer of the person, as kept."""

    answer: Answer
    answered_on: date
    heard_by_id: UUID | None
    reason: str
    come_back_on: date | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalSnapshot:
    """A proposal as pages and the bridge read it; `announcement_ids` oldest first, `answers` newest first."""

    id: UUID
    person_id: UUID
    version: int
    state: ProposalState
    owner_id: UUID
    organisation_id: UUID
    proposed_on: date
    come_back_on: date | None
    announcement_ids: tuple[UUID, ...]
    answers: tuple[GivenAnswer, ...]
    created_at: datetime
    updated_at: datetime
