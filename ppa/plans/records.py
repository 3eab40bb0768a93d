"""Plans as commands take them and as pages, papers and the bridge read them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from accounts.documents.records import DocumentSnapshot
from accounts.kernel.errors import NotFound
from ppa.crises.records import CrisisSnapshot
from ppa.plans.outline import Topic
from ppa.plans.states import (
    ACTION_LABELS,
    CLOSING_LABELS,
    GOAL_LABELS,
    MEANS_LABELS,
    MOMENT_LABELS,
    PACE_LABELS,
    PLACE_LABELS,
    TO_DO,
    WORDS_LABELS,
    ActionStatus,
    AgreementMeans,
    ClosingReason,
    EntryKind,
    GoalStatus,
    Pace,
    Place,
    PlaceMoment,
    PlanState,
    Words,
)

Part = TypeVar("Part")


def _found(parts: Iterator[Part]) -> Part:
    for part in parts:
        return part
    raise NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPlan:
    """A plan begins, with the person's leave when one was proposed to her; `outline` is empty for that of her age."""

    person_id: UUID
    outline: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteTopic:
    """What is written on one topic. `version` is that of the topic when it was read, 0 before the first text."""

    plan_id: UUID
    code: str
    text: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDraft:
    """What stands in the fields of a form that is not saved yet, by name.

    `code` is a topic's, or `CONVERSATION` or `NEED`; `started_from` is what `WriteTopic.version` would be;
    `form_token` is that of the form, by which it is known whether it was saved meanwhile.
    """

    person_id: UUID
    code: str
    content: Mapping[str, str]
    started_from: int = 0
    form_token: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetDraft:
    """The author does not want what he had begun any more."""

    person_id: UUID
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSnapshot:
    """What its author had begun, and when he last typed in it."""

    content: Mapping[str, str]
    started_from: int
    saved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTopicPace:
    """The person was offered to speak of a topic, on a day, and said how far she wishes to go.

    `come_back_on` is when a professional may offer it again after « not now »; nobody reminds the person.
    """

    plan_id: UUID
    code: str
    pace: Pace
    offered_on: date
    with_whom: str = ""
    come_back_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNeed:
    """A need of the person, tied to a topic when it came up there."""

    plan_id: UUID
    text: str
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddGoal:
    """What is hoped for, in somebody's own words; `speaker` names a relative or professional."""

    need_id: UUID
    text: str
    words: Words
    speaker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAction:
    """What somebody does about a goal; `due_on` is `None` when no day was set."""

    goal_id: UUID
    what: str
    who: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAction:
    """What is done first about a new goal."""

    what: str
    who: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartNeed:
    """A need with its first goal and, when already known, its first action: what one conversation gives."""

    need: AddNeed
    goal: str
    words: Words
    speaker: str = ""
    action: FirstAction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateAction:
    """Another wording, person or day for an action, while the plan is being written."""

    action_id: UUID
    version: int | None
    what: str
    who: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RewordNeed:
    """Another wording of a need, while the plan is being written."""

    need_id: UUID
    version: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNeedAside:
    """A need leaves the plan, with its goals and actions; what was signed keeps it."""

    need_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeNeedUp:
    """A need that was set aside stands in the plan again, as it was."""

    need_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RewordGoal:
    """Another wording of a goal, or another speaker, while the plan is being written."""

    goal_id: UUID
    version: int | None
    text: str
    words: Words
    speaker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowGoal:
    """Where a goal stands; `settled_on` is when it was reached or given up, `None` for one in progress."""

    goal_id: UUID
    version: int | None
    status: GoalStatus
    settled_on: date | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowAction:
    """How an action goes, at any time of the plan."""

    action_id: UUID
    version: int | None
    status: ActionStatus
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePlan:
    """The draft was read with the person."""

    plan_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAgreement:
    """The person agreed to the present content on a day, by a means. `witness` names who heard or helped her."""

    plan_id: UUID
    version: int | None
    given_on: date
    means: AgreementMeans
    witness: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAgreementBack:
    """The person went back on her agreement before the signature, on a day; `said` holds her words, or the reason."""

    plan_id: UUID
    version: int | None
    told_on: date
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignVersion:
    """A physician signs what the person agreed to."""

    plan_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisePlan:
    """A signed plan is taken up again: the next version begins."""

    plan_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonRevision:
    """The next version, begun by mistake or no longer wanted, is written no more; `words` says why."""

    plan_id: UUID
    version: int | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePlan:
    """A plan comes to its end."""

    plan_id: UUID
    version: int | None
    reason: ClosingReason


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConversation:
    """One conversation with the person: who was there, what was said, how far she wishes to go."""

    plan_id: UUID
    held_on: date
    present: str
    said: str
    how_far: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPlace:
    """Where the person wishes to be cared for, or to die, in her own words; the last answer counts."""

    plan_id: UUID
    moment: PlaceMoment
    place: Place
    told_on: date
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeposit:
    """The signed version was put somewhere by a person named here: `place` is where. Nothing is sent by this deed."""

    plan_id: UUID
    version: int | None
    place: str
    who: str
    done_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusePublication:
    """The person does not wish that the signed version be deposited."""

    plan_id: UUID
    version: int | None
    told_on: date
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOut:
    """A paper of the last signed version was given to somebody, by hand."""

    plan_id: UUID
    version: int | None
    holder: str
    given_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPlan:
    """What is in force was read again and nothing changes; `review_on`: by when the next time, `None` to choose it later."""

    plan_id: UUID
    version: int | None
    words: str = ""
    review_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReview:
    """The day by which the plan is to be looked at again."""

    plan_id: UUID
    version: int | None
    review_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySnapshot:
    """What was kept beside the text: `content` holds the words by name, as `EntryKind` asks; `number` is the version it is about."""

    id: UUID
    kind: EntryKind
    happened_on: date
    number: int
    content: Mapping[str, Any]
    author: str
    kept_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WishedPlace:
    """Where the person last said that she wishes to be, for one moment."""

    moment: PlaceMoment
    place: Place
    words: str
    told_on: date

    @property
    def moment_label(self) -> str:
        """For what the place is wished."""
        return MOMENT_LABELS[self.moment]

    @property
    def place_label(self) -> str:
        """The place, in words."""
        return PLACE_LABELS[self.place]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between two versions: what a part said before, and says after; empty when it was not there."""

    part: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonedRevision:
    """What was kept of a revision that was abandoned: who, when and why, and how it differed from version `kept.number`.

    `closed_label`: why its plan ended since, in words; empty for one under way.
    """

    kept: EntrySnapshot
    changes: tuple[Change, ...]
    closed_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two signed versions side by side; `signed` are the instants of their signatures."""

    before: int
    after: int
    signed: tuple[datetime, datetime]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSnapshot:
    """One time a topic was offered, and the answer."""

    pace: Pace
    with_whom: str
    offered_on: date
    author: str
    come_back_on: date | None = None

    @property
    def label(self) -> str:
        """The answer as a page says it."""
        return f"En présence de {self.with_whom}" if self.with_whom else PACE_LABELS[self.pace]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherText:
    """A text that crossed another one: both are kept until somebody brings them together."""

    text: str
    author: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSnapshot:
    """A topic of one plan. `pace` is `None` before it was offered; `version` is 0 before the first text."""

    topic: Topic
    version: int = 0
    text: str = ""
    author: str = ""
    written_at: datetime | None = None
    pace: Pace | None = None
    offers: tuple[OfferSnapshot, ...] = ()
    others: tuple[OtherText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSnapshot:
    """An action as it stands."""

    id: UUID
    version: int
    what: str
    who: str
    due_on: date | None
    status: ActionStatus
    outcome: str

    @property
    def status_label(self) -> str:
        """How it goes, in words."""
        return ACTION_LABELS[self.status]

    @property
    def is_to_do(self) -> bool:
        """Tell whether it still waits for somebody."""
        return self.status in TO_DO


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalSnapshot:
    """A goal and what is done about it."""

    id: UUID
    text: str
    words: Words
    speaker: str
    actions: tuple[ActionSnapshot, ...]
    version: int = 1
    status: GoalStatus = GoalStatus.IN_PROGRESS
    settled_on: date | None = None
    outcome: str = ""

    @property
    def words_label(self) -> str:
        """Whose words these are."""
        return f"Les mots de {self.speaker}" if self.speaker else WORDS_LABELS[self.words]

    @property
    def status_label(self) -> str:
        """Where it stands, in words."""
        return GOAL_LABELS[self.status]

    @property
    def is_reached(self) -> bool:
        """Tell whether what was hoped for came."""
        return self.status == GoalStatus.REACHED

    @property
    def has_action_to_do(self) -> bool:
        """Tell whether somebody still has something to do about it."""
        return any(action.is_to_do for action in self.actions)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedSnapshot:
    """A need and its goals; `dropped_on`: since when it is set aside."""

    id: UUID
    text: str
    topic: str
    goals: tuple[GoalSnapshot, ...]
    version: int = 1
    dropped_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSnapshot:
    """The person's agreement to one content; `digest` is that content's."""

    id: UUID
    given_on: date
    means: AgreementMeans
    witness: str
    recorded_by: str
    digest: str

    @property
    def means_label(self) -> str:
        """How it was given, in words."""
        return MEANS_LABELS[self.means]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionCard:
    """One signed version in the list of versions; `closed_for`: why its plan ended, `None` for one under way."""

    id: UUID
    plan_id: UUID
    number: int
    signed_at: datetime
    signer: str
    document_id: UUID
    closed_for: ClosingReason | None = None

    @property
    def closed_label(self) -> str:
        """Why its plan ended, in words; empty for one under way."""
        return CLOSING_LABELS[self.closed_for] if self.closed_for else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSnapshot:
    """A whole plan as its page shows it; `number` is that of the version being written, or of the last signed one.

    `agreement_is_current`: what waits for a signature is what the person agreed to. `entries` are the latest first; `stale` says in sentences what changed since the last signature.
    `former` are the signed versions of the person's other plans, all closed.
    """

    id: UUID
    version: int
    person_id: UUID
    state: PlanState
    number: int
    outline: str
    topics: tuple[TopicSnapshot, ...]
    needs: tuple[NeedSnapshot, ...] = ()
    crises: tuple[CrisisSnapshot, ...] = ()
    agreement: AgreementSnapshot | None = None
    agreement_is_current: bool = False
    versions: tuple[VersionCard, ...] = ()
    former: tuple[VersionCard, ...] = ()
    review_on: date | None = None
    entries: tuple[EntrySnapshot, ...] = ()
    stale: tuple[str, ...] = ()

    def kept(self, *kinds: EntryKind) -> tuple[EntrySnapshot, ...]:
        """Return what was kept of some kinds, the latest first."""
        return tuple(entry for entry in self.entries if entry.kind in kinds)

    @property
    def actions(self) -> tuple[ActionSnapshot, ...]:
        """Every action of the plan, need by need."""
        return tuple(action for need in self.needs for goal in need.goals for action in goal.actions)

    def topic(self, code: str) -> TopicSnapshot:
        """Return one topic; raises `NotFound`."""
        return _found(shown for shown in self.topics if shown.topic.code == code)

    def need(self, need_id: UUID) -> NeedSnapshot:
        """Return one need; raises `NotFound`."""
        return _found(need for need in self.needs if need.id == need_id)

    def goal(self, goal_id: UUID) -> GoalSnapshot:
        """Return one goal; raises `NotFound`."""
        return _found(goal for need in self.needs for goal in need.goals if goal.id == goal_id)

    def action(self, action_id: UUID) -> ActionSnapshot:
        """Return one action; raises `NotFound`."""
        return _found(action for action in self.actions if action.id == action_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSummary:
    """Where a plan stands, for a chip or a panel; `versions` newest first."""

    id: UUID
    state: PlanState
    number: int
    versions: tuple[VersionCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSnapshot:
    """A signed version, for its page, its paper and the bridge. `content` is the canonical content that was agreed to.

    `replaces` is the version before; `replaced_at` when the next one was signed; `closed_for` why the plan ended.
    `statuses` and `outcomes`: how its actions go now and what came of them, by their id; `review_on`: by when it is read again.
    For the bridge, `announcements`: what had been announced when it was signed; `directives`: those that prevail beside the version in force.
    """

    id: UUID
    plan_id: UUID
    person_id: UUID
    number: int
    outline: str
    content: dict[str, Any]
    digest: str
    agreement: AgreementSnapshot
    signer_id: UUID | None
    signer: str
    organisation_id: UUID | None
    organisation: str
    signed_at: datetime
    document: DocumentSnapshot
    replaces: UUID | None
    replaces_document: UUID | None
    replaced_at: datetime | None
    closed_for: ClosingReason | None
    statuses: dict[str, ActionStatus]
    outcomes: Mapping[str, str] = field(default_factory=dict)
    review_on: date | None = None
    announcements: tuple[UUID, ...] = ()
    directives: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialAction:
    """An action about a social need that is still to be done, with the name of the person; the earliest day first."""

    id: UUID
    person_id: UUID
    person_name: str
    what: str
    who: str
    due_on: date | None
    is_late: bool
    status_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanToReview:
    """A plan to be looked at again: its day has come, or something has changed since the last signature or reading (`reasons`)."""

    plan_id: UUID
    person_id: UUID
    person_name: str
    review_on: date | None
    has_changed: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWaiting:
    """A plan to be read again, with each reason in words, and since which day it waits."""

    plan_id: UUID
    person_id: UUID
    person_name: str
    since: date
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicToOfferAgain:
    """A topic of which the person did not wish to speak yet, on or after the day to offer it again."""

    person_id: UUID
    title: str
    come_back_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanToSign:
    """A plan that waits for a physician's signature, with the name of the person."""

    plan_id: UUID
    person_id: UUID
    person_name: str
    since: datetime
