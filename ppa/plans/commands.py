"""Writing plans: topics at the person's pace, needs, goals and actions, the agreement, the signature, the revision."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Subquery

from accounts.access.gate import is_permitted
from accounts.access.models import IdempotencyKey
from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import ANY_VERSION, Act, Command, Unit, command, together
from accounts.documents.records import DocumentKind, NewFile
from accounts.documents.store import keep
from accounts.kernel.actor import Actor
from accounts.kernel.clock import day_of, instant_of, now, today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, VersionMissing
from accounts.kernel.models import Transition
from accounts.organisations.queries import organisation_snapshot, professional_snapshot
from accounts.people.queries import person_snapshot
from accounts.people.records import ResumeAfterMistake
from ppa.announcements.models import PlanProposal
from ppa.announcements.states import ProposalState
from ppa.crises.queries import at_home, crises_snapshot
from ppa.plans.bringing_back import bring_back
from ppa.plans.content import entries_of, is_wanted_no_more, latest_agreement, needs_of, topics_of
from ppa.plans.events import (
    PlanActionFollowed,
    PlanAgreed,
    PlanAgreementTakenBack,
    PlanChanged,
    PlanClosed,
    PlanNoted,
    PlanOpened,
    PlanPublicationRefused,
    PlanPublished,
    PlanResumed,
    PlanReviewSet,
    PlanRevisionAbandoned,
    PlanShared,
    PlanSigned,
    PlanUnderReview,
)
from ppa.plans.models import (
    Goal,
    Need,
    Plan,
    PlanAgreement,
    PlanEntry,
    PlannedAction,
    PlanTopic,
    PlanVersion,
    TextDraft,
    TopicOffer,
    TopicText,
)
from ppa.plans.on_file import told_on_paper
from ppa.plans.outline import domain_of, topic
from ppa.plans.paper import Paper, plan_pdf
from ppa.plans.records import (
    AbandonRevision,
    AddAction,
    AddGoal,
    AddNeed,
    ClosePlan,
    ConfirmPlan,
    FollowAction,
    FollowGoal,
    ForgetDraft,
    HandOut,
    KeepDraft,
    NeedSnapshot,
    OpenPlan,
    RecordAgreement,
    RecordConversation,
    RecordDeposit,
    RecordPlace,
    RefusePublication,
    RevisePlan,
    RewordGoal,
    RewordNeed,
    SetNeedAside,
    SetReview,
    SetTopicPace,
    SharePlan,
    SignVersion,
    StartNeed,
    TakeAgreementBack,
    TakeNeedUp,
    UpdateAction,
    WriteTopic,
)
from ppa.plans.rules import (
    NoLongerInPlan,
    NothingSigned,
    NotInForce,
    PlanAlreadyOpen,
    ProposalNotAccepted,
    WantedNoMore,
    agreement_taken_back,
    check_abandonable,
    check_agreement,
    check_alive,
    check_handed,
    check_happened,
    check_left,
    check_offer,
    check_reconciled,
    check_review,
    check_settled,
    check_shareable,
    check_signable,
    check_text,
    chosen_outline,
    content_of,
    digest_of,
    is_blank,
    is_kept_beside,
    next_review,
    revision_of,
    social_codes,
    taken_back_on,
    way_back,
    wished_places,
)
from ppa.plans.states import (
    CONVERSATION,
    IN_FORCE,
    NEED,
    PLAN,
    TO_DO,
    ClosingReason,
    Domain,
    EntryKind,
    GoalStatus,
    Pace,
    PlanAction,
    PlanState,
)

WRITERS: Mapping[str, Permission] = {
    Domain.MEDICAL: Permission.PPA_UPDATE_DRAFT_MEDICAL_SECTION,
    Domain.NURSING: Permission.PPA_UPDATE_DRAFT_NURSING_SECTION,
    Domain.COORDINATION: Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION,
    Domain.SOCIAL: Permission.PPA_UPDATE_DRAFT_SOCIAL_SECTION,
}
FORMS: Mapping[str, Permission] = {
    NEED: Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION,
    CONVERSATION: Permission.PPA_RECORD_CONVERSATION,
}


def right_at(code: str) -> Permission:
    """Return the right to write on a topic, or in a form of the plan; raises `NotFound`."""
    return FORMS.get(code) or WRITERS[domain_of(code)]


@command(Permission.PPA_CREATE)
def open_plan(record: OpenPlan, act: Act) -> Receipt:
    """Begin a person's plan; she has one at a time, and one that was proposed waits for her answer."""
    act.ask(Facts(type="plan", person_id=record.person_id, organisation_id=act.by.organisation_id, is_draft=True))
    person = person_snapshot(record.person_id)
    check_alive(person.died_on)
    if act.by.organisation_id is None:
        raise NotFound
    proposal = PlanProposal.objects.filter(person_id=record.person_id).first()
    if proposal is not None and proposal.state != ProposalState.ACCEPTED:
        raise ProposalNotAccepted
    if is_wanted_no_more(record.person_id):
        raise WantedNoMore
    model = chosen_outline(record.outline, born_on=person.traits.birth_date, today=today())
    plan = Plan(
        person_id=record.person_id,
        organisation_id=act.by.organisation_id,
        proposal=proposal,
        outline=model.version,
    )
    try:
        with transaction.atomic():
            return act.add(plan, "open", PlanOpened)
    except IntegrityError:
        raise PlanAlreadyOpen from None


class Coded(Protocol):
    """The input of a writer that is about one topic, or one form of the plan."""

    @property
    def code(self) -> str:
        """The code of the topic, or of the form."""


RecordT = TypeVar("RecordT", bound=Coded)
PartT = TypeVar("PartT", Need, Goal, PlannedAction)


class ByCode(Generic[RecordT]):
    """A writer whose record is about one topic or form: its code decides which right is asked."""

    def __init__(self, name: str, body: Callable[[RecordT, Act], Receipt], rights: Mapping[str, Permission] = WRITERS):
        self.__name__ = name
        self.__doc__ = body.__doc__
        self._commands: dict[Permission, Command[RecordT]] = {
            right: command(right)(_named(f"{name}_{part}", body)) for part, right in rights.items()
        }

    def at(self, code: str) -> "Command[RecordT]":
        """Return the command for one code, to be composed with others; raises `NotFound`."""
        return self._commands[right_at(code)]

    def __call__(self, record: RecordT, *, by: Actor) -> Receipt:
        """Write alone."""
        return self.at(record.code)(record, by=by)


def _named(name: str, body: Callable[[RecordT, Act], Receipt]) -> Callable[[RecordT, Act], Receipt]:
    @wraps(body)
    def writer(record: RecordT, act: Act) -> Receipt:
        return body(record, act)

    writer.__name__, writer.__doc__, writer.__module__ = name, body.__doc__, body.__module__
    return writer


def _write_topic(record: WriteTopic, act: Act) -> Receipt:
    """Write a topic. A text that crosses another one is kept beside it: nothing is lost, nobody is refused."""
    plan = _draft(record.plan_id, act)
    row = _topic_row(plan, record.code)
    crossed = record.version != row.version and record.text != row.text
    row.version += 1
    if not crossed:
        row.text, row.author_id, row.written_at = record.text, act.by.professional_id, now()
        row.settled_at = row.written_at
    row.save()
    TopicText.objects.create(
        topic=row,
        topic_version=row.version,
        text=record.text,
        author_id=act.by.professional_id,
        crossed=crossed,
        created_at=now(),
    )
    _drafts(plan, record.code, act).delete()
    return act.amend(plan, "write_topic", PlanChanged)


def _set_topic_pace(record: SetTopicPace, act: Act) -> Receipt:
    """Keep how far the person wishes to go on a topic; each offer stays, the last one counts."""
    plan = _draft(record.plan_id, act)
    check_offer(record, born_on=_born_on(plan), today=today())
    row = _topic_row(plan, record.code)
    row.pace = record.pace
    row.save()
    TopicOffer.objects.create(
        topic=row,
        pace=record.pace,
        with_whom=record.with_whom.strip(),
        offered_on=record.offered_on,
        come_back_on=record.come_back_on if record.pace == Pace.NOT_NOW else None,
        author_id=act.by.professional_id,
    )
    return act.amend(plan, "set_topic_pace", PlanChanged)


def _keep_draft(record: KeepDraft, act: Act) -> Receipt:
    """Keep what the actor is typing, for him alone: no version, no event, nothing that anybody else reads.

    What says no more than what is saved already is not kept; version 0 of the receipt tells so.
    """
    plan = _draft(_present_plan(record.person_id), act)
    if act.by.professional_id is None:
        raise NotAllowed
    rows = _drafts(plan, record.code, act)
    if _was_saved(record, act):
        return Receipt(type="text_draft", id=plan.id, version=0)
    if _says_nothing_new(record, plan):
        rows.delete()
        return Receipt(type="text_draft", id=plan.id, version=0)
    row = rows.first() or TextDraft(plan=plan, code=record.code, author_id=act.by.professional_id)
    row.content, row.started_from, row.saved_at = dict(record.content), record.started_from, now()
    row.save()
    return Receipt(type="text_draft", id=row.id, version=1)


def _forget_draft(record: ForgetDraft, act: Act) -> Receipt:
    """Let go of what the actor had begun."""
    plan = _draft(_present_plan(record.person_id), act)
    _drafts(plan, record.code, act).delete()
    return Receipt(type="text_draft", id=plan.id, version=0)


write_topic = ByCode("write_topic", _write_topic)
set_topic_pace = ByCode("set_topic_pace", _set_topic_pace)
keep_draft = ByCode("keep_draft", _keep_draft, {**WRITERS, CONVERSATION: FORMS[CONVERSATION]})
forget_draft = ByCode("forget_draft", _forget_draft, {**WRITERS, CONVERSATION: FORMS[CONVERSATION]})


@command(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
def add_need(record: AddNeed, act: Act) -> Receipt:
    """Add a need; the receipt names the need."""
    plan = _draft(record.plan_id, act)
    check_text(record.text, field="need")
    if record.topic:
        topic(record.topic, version=plan.outline)
    need = Need.objects.create(
        plan=plan, topic=record.topic, text=record.text.strip(), author_id=act.by.professional_id
    )
    _drafts(plan, NEED, act).delete()
    return _changed(plan, "add_need", act, made=("need", need.id))


@command(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
def add_goal(record: AddGoal, act: Act) -> Receipt:
    """Add a goal to a need; the receipt names the goal."""
    plan = _draft(_plan_id(Need, record.need_id, "plan_id"), act)
    check_text(record.text, field="goal")
    _check_need(Need.objects.get(pk=record.need_id))
    goal = Goal.objects.create(
        need_id=record.need_id, text=record.text.strip(), words=record.words, speaker=record.speaker.strip()
    )
    return _changed(plan, "add_goal", act, made=("goal", goal.id))


@command(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
def add_action(record: AddAction, act: Act) -> Receipt:
    """Add an action to a goal; the receipt names the action."""
    plan = _draft(_plan_id(Goal, record.goal_id, "need__plan_id"), act)
    check_text(record.what, field="what")
    check_text(record.who, field="who")
    _check_goal(Goal.objects.select_related("need").get(pk=record.goal_id))
    action = PlannedAction.objects.create(
        goal_id=record.goal_id, what=record.what.strip(), who=record.who.strip(), due_on=record.due_on
    )
    return _changed(plan, "add_action", act, made=("planned_action", action.id))


@command(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
def reword_need(record: RewordNeed, act: Act) -> Receipt:
    """Word a need otherwise."""
    plan, need = _present_need(record.need_id, record.version, act)
    check_text(record.text, field="need")
    need.text = record.text.strip()
    need.save()
    return _changed(plan, "reword_need", act, made=("need", need.id))


@command(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
def set_need_aside(record: SetNeedAside, act: Act) -> Receipt:
    """Set a need aside with its goals, once nobody has anything left to do about them."""
    plan, need = _present_need(record.need_id, record.version, act)
    check_left(_snapshot_of(plan, need.id).goals)
    need.dropped_on = need.dropped_on or today()
    need.save()
    return _changed(plan, "set_need_aside", act, made=("need", need.id))


@command(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
def take_need_up(record: TakeNeedUp, act: Act) -> Receipt:
    """Take up again a need that was set aside."""
    plan, need = _present_need(record.need_id, record.version, act)
    need.dropped_on = None
    need.save()
    return _changed(plan, "take_need_up", act, made=("need", need.id))


@command(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
def reword_goal(record: RewordGoal, act: Act) -> Receipt:
    """Word a goal otherwise, or say otherwise whose words it is in."""
    plan, goal = _present_goal(record.goal_id, record.version, act)
    check_text(record.text, field="goal")
    goal.text, goal.words, goal.speaker = record.text.strip(), record.words, record.speaker.strip()
    goal.save()
    return _changed(plan, "reword_goal", act, made=("goal", goal.id))


@command(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
def follow_goal(record: FollowGoal, act: Act) -> Receipt:
    """Keep where a goal stands: reached, given up, or in progress again."""
    plan, goal = _present_goal(record.goal_id, record.version, act)
    found = next(one for one in _snapshot_of(plan, goal.need_id).goals if one.id == goal.id)
    check_settled(record, found, born_on=_born_on(plan), today=today())
    is_settled = record.status != GoalStatus.IN_PROGRESS
    goal.status = record.status
    goal.settled_on = record.settled_on if is_settled else None
    goal.outcome = record.outcome.strip() if is_settled else ""
    goal.save()
    return _changed(plan, "follow_goal", act, made=("goal", goal.id))


@together
def start_need(record: StartNeed, run: Unit) -> Receipt:
    """Add a need with its first goal and, when known, its first action: one conversation, one form."""
    need = run(add_need, record.need)
    goal = run(add_goal, AddGoal(need_id=need.id, text=record.goal, words=record.words, speaker=record.speaker))
    if record.action:
        first = record.action
        run(add_action, AddAction(goal_id=goal.id, what=first.what, who=first.who, due_on=first.due_on))
    return need


@command(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
def update_action(record: UpdateAction, act: Act) -> Receipt:
    """Word an action otherwise, give it to somebody else or another day, while the plan is being written."""
    plan = _draft(_plan_id(PlannedAction, record.action_id, "goal__need__plan_id"), act)
    check_text(record.what, field="what")
    check_text(record.who, field="who")
    action = _present_action(record.action_id, record.version)
    action.what, action.who, action.due_on = record.what.strip(), record.who.strip(), record.due_on
    action.save()
    return _changed(plan, "update_action", act, made=("planned_action", action.id))


@command(Permission.PPA_FOLLOW_ACTION)
def follow_action(record: FollowAction, act: Act) -> Receipt:
    """Keep how an action goes, also once the plan is signed."""
    plan = act.open(Plan, _plan_id(PlannedAction, record.action_id, "goal__need__plan_id"), version=ANY_VERSION)
    _check_sight(record.action_id, plan, by=act.by)
    action = _present_action(record.action_id, record.version)
    if record.status in TO_DO:
        _check_goal(action.goal)
    action.status, action.outcome = record.status, record.outcome.strip()
    action.save()
    receipt = act.amend(plan, "follow_action", PlanActionFollowed)
    return Receipt(type="planned_action", id=action.id, version=receipt.version)


@command(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
def share_plan(record: SharePlan, act: Act) -> Receipt:
    """Say that the draft was read with the person."""
    plan = act.open(Plan, record.plan_id, version=record.version)
    check_shareable(topics_of(plan), needs_of(plan), crises_snapshot(plan.person_id))
    return act.advance(plan, PlanAction.SHARE, PlanShared)


@command(Permission.PPA_RECORD_AGREEMENT)
def record_agreement(record: RecordAgreement, act: Act) -> Receipt:
    """Keep the person's agreement to the present content."""
    plan = act.open(Plan, record.plan_id, version=record.version)
    check_alive(person_snapshot(plan.person_id).died_on)
    was_shared = PLAN.may(PlanAction.AGREE, plan.state)
    since = taken_back_on(entries_of(plan), number=plan.number)
    check_agreement(record, was_shared=was_shared, born_on=_born_on(plan), today=today(), taken_back_on=since)
    check_shareable(topics_of(plan), needs_of(plan), crises_snapshot(plan.person_id))
    PlanAgreement.objects.create(
        plan=plan,
        number=plan.number,
        given_on=record.given_on,
        means=record.means,
        witness=record.witness.strip(),
        digest=digest_of(_content(plan)),
        recorder_id=act.by.professional_id,
        organisation_id=act.by.organisation_id,
    )
    return act.advance(plan, PlanAction.AGREE, PlanAgreed)


@command(Permission.PPA_RECORD_AGREEMENT)
def take_agreement_back(record: TakeAgreementBack, act: Act) -> Receipt:
    """Keep that the person went back on her agreement before the signature: what was recorded stays, and counts no more."""
    plan = act.open(Plan, record.plan_id, version=record.version)
    check_alive(person_snapshot(plan.person_id).died_on)
    given = agreement_taken_back(record, latest_agreement(plan, entries_of(plan)), state=plan.state, today=today())
    words = {"said": record.said.strip(), "agreement": str(given.id)}
    _keep_entry(plan, EntryKind.TAKEN_BACK, record.told_on, words, act, number=plan.number)
    return act.advance(plan, PlanAction.TAKE_AGREEMENT_BACK, PlanAgreementTakenBack)


@command(Permission.PPA_VALIDATE_SIGN)
def sign_version(record: SignVersion, act: Act) -> Receipt:
    """Sign what the person agreed to: an immutable version and its paper; the receipt names the version."""
    plan = act.open(Plan, record.plan_id, version=record.version)
    person = person_snapshot(plan.person_id)
    check_alive(person.died_on)
    content, agreement = _content(plan), latest_agreement(plan, entries_of(plan))
    digest = digest_of(content)
    check_signable(agreed_digest=agreement.digest if agreement else None, present_digest=digest)
    if agreement is None or act.by.professional_id is None or act.by.organisation_id is None:
        raise NotFound
    signed_at = now().replace(microsecond=0)
    version = PlanVersion(
        plan=plan,
        number=plan.number,
        outline=plan.outline,
        content=content,
        digest=digest,
        agreement_id=agreement.id,
        signer_id=act.by.professional_id,
        organisation_id=act.by.organisation_id,
        signed_at=signed_at,
    )
    paper = Paper(
        person=person,
        content=content,
        number=plan.number,
        digest=digest,
        agreement=agreement,
        signer=professional_snapshot(act.by.professional_id),
        organisation=organisation_snapshot(act.by.organisation_id).name,
        signed_at=signed_at,
        at_home=at_home(plan.person_id),
        review_on=plan.review_on if plan.review_on and plan.review_on > day_of(signed_at) else None,
        on_file=told_on_paper(plan.person_id),
    )
    file = NewFile(
        title=f"Plan personnalisé d’accompagnement, version {plan.number}",
        content=plan_pdf(paper),
        content_type="application/pdf",
        made_here=True,
    )
    version.document = keep(file, act, person_id=plan.person_id, kind=DocumentKind.PLAN, source_id=version.id)
    version.save()
    act.advance(plan, PlanAction.SIGN, PlanSigned, at=signed_at)
    return Receipt(type="plan_version", id=version.id, version=plan.version)


@command(Permission.PPA_SUPERSEDE_NEW_VERSION)
def revise_plan(record: RevisePlan, act: Act) -> Receipt:
    """Take a signed plan up again: the next version begins with what the last one says, which stays in force."""
    plan = act.open(Plan, record.plan_id, version=record.version)
    check_alive(person_snapshot(plan.person_id).died_on)
    plan.number += 1
    return act.advance(plan, PlanAction.REVISE, PlanUnderReview)


@command(Permission.PPA_SUPERSEDE_NEW_VERSION)
def abandon_revision(record: AbandonRevision, act: Act) -> Receipt:
    """Write the next version no more: the plan says again what was signed last, and what was written since is kept beside it."""
    plan = act.open(Plan, record.plan_id, version=record.version)
    check_alive(person_snapshot(plan.person_id).died_on)
    check_text(record.words, field="words")
    signed, written, needs = _last_signed(plan), _content(plan), needs_of(plan)
    back = way_back(entries_of(plan), number=signed.number)
    PLAN.target(back, plan.state)
    check_reconciled(topics_of(plan))
    check_abandonable(signed.content, written, needs, added=_added_since(plan))
    kept = {"words": record.words.strip(), "written": revision_of(signed.content, written, needs)}
    _keep_entry(plan, EntryKind.ABANDONED, today(), kept, act)
    bring_back(plan, signed.content, by=act.by.professional_id)
    plan.number = signed.number
    return act.advance(plan, back, PlanRevisionAbandoned)


@command(Permission.PPA_UPDATE_DRAFT_COORDINATION_SECTION)
def record_place(record: RecordPlace, act: Act) -> Receipt:
    """Keep where the person wishes to be cared for, or to die; each answer stays, the last one counts."""
    plan = _draft(record.plan_id, act)
    check_happened(record.told_on, field="told_on", born_on=_born_on(plan), today=today())
    words = {"moment": str(record.moment), "place": str(record.place), "words": record.words.strip()}
    _keep_entry(plan, EntryKind.PLACE, record.told_on, words, act)
    return act.amend(plan, "record_place", PlanChanged)


@command(Permission.PPA_RECORD_CONVERSATION)
def record_conversation(record: RecordConversation, act: Act) -> Receipt:
    """Keep one conversation with the person, at any time of the plan."""
    plan = _draft(record.plan_id, act)
    check_happened(record.held_on, field="held_on", born_on=_born_on(plan), today=today())
    check_text(record.said, field="said")
    words = {"present": record.present.strip(), "said": record.said.strip(), "how_far": record.how_far.strip()}
    _keep_entry(plan, EntryKind.CONVERSATION, record.held_on, words, act)
    _drafts(plan, CONVERSATION, act).delete()
    return act.amend(plan, "record_conversation", PlanNoted, at=instant_of(record.held_on))


@command(Permission.PPA_RECORD_CIRCULATION)
def record_deposit(record: RecordDeposit, act: Act) -> Receipt:
    """Keep that somebody put the signed version somewhere; nothing is sent by this."""
    plan = act.open(Plan, record.plan_id, version=record.version)
    signed_on = _signed_on(plan)
    check_handed(record.done_on, field="done_on", signed_on=signed_on, today=today())
    check_text(record.who, field="who")
    check_text(record.place, field="place")
    _keep_entry(
        plan, EntryKind.DEPOSIT, record.done_on, {"who": record.who.strip(), "place": record.place.strip()}, act
    )
    if is_kept_beside(PlanAction.PUBLISH, plan.state, is_signed=signed_on is not None):
        return act.amend(plan, "note_deposit", PlanNoted, at=instant_of(record.done_on))
    return act.advance(plan, PlanAction.PUBLISH, PlanPublished, at=instant_of(record.done_on))


@command(Permission.PPA_RECORD_CIRCULATION)
def refuse_publication(record: RefusePublication, act: Act) -> Receipt:
    """Keep that the person does not wish that the signed version be deposited: normal, and reversible."""
    plan = act.open(Plan, record.plan_id, version=record.version)
    check_happened(record.told_on, field="told_on", born_on=_born_on(plan), today=today())
    _keep_entry(plan, EntryKind.REFUSAL, record.told_on, {"reason": record.reason.strip()}, act)
    if is_kept_beside(PlanAction.REFUSE_PUBLICATION, plan.state, is_signed=_signed_on(plan) is not None):
        return act.amend(plan, "note_refusal", PlanNoted, at=instant_of(record.told_on))
    return act.advance(plan, PlanAction.REFUSE_PUBLICATION, PlanPublicationRefused, at=instant_of(record.told_on))


@command(Permission.PPA_RECORD_CIRCULATION)
def hand_out(record: HandOut, act: Act) -> Receipt:
    """Keep who holds a paper of the last signed version."""
    plan = act.open(Plan, record.plan_id, version=record.version)
    signed_on = _signed_on(plan)
    if signed_on is None:
        raise NothingSigned
    check_handed(record.given_on, field="given_on", signed_on=signed_on, today=today())
    check_text(record.holder, field="holder")
    _keep_entry(plan, EntryKind.HAND_OUT, record.given_on, {"holder": record.holder.strip()}, act)
    return act.amend(plan, "hand_out", PlanNoted, at=instant_of(record.given_on))


@command(Permission.PPA_SUPERSEDE_NEW_VERSION)
def set_review(record: SetReview, act: Act) -> Receipt:
    """Choose the day by which the plan is to be looked at again."""
    plan = act.open(Plan, record.plan_id, version=record.version)
    check_alive(person_snapshot(plan.person_id).died_on)
    check_review(record.review_on, today=today())
    plan.review_on = record.review_on
    return act.amend(plan, "set_review", PlanReviewSet)


@command(Permission.PPA_SUPERSEDE_NEW_VERSION)
def confirm_plan(record: ConfirmPlan, act: Act) -> Receipt:
    """Keep that the version in force was read again and that nothing changes: what had marked it marks it no more."""
    plan = act.open(Plan, record.plan_id, version=record.version)
    check_alive(person_snapshot(plan.person_id).died_on)
    if plan.state not in IN_FORCE:
        raise NotInForce
    plan.review_on = next_review(plan.review_on, record.review_on, today=today())
    _keep_entry(plan, EntryKind.REVIEWED, today(), {"words": record.words.strip()}, act)
    return act.amend(plan, "confirm", PlanReviewSet)


@command(Permission.PPA_REVOKE)
def close_plan(record: ClosePlan, act: Act) -> Receipt:
    """Bring a plan to its end; another may be opened later."""
    plan = act.open(Plan, record.plan_id, version=record.version)
    plan.closed_for = record.reason
    return act.advance(plan, PlanAction.CLOSE, PlanClosed, reason=record.reason)


@command(Permission.PATIENT_IDENTITY_RESUME_CARE)
def resume_plan(record: ResumeAfterMistake, act: Act) -> Receipt:
    """Put the plan that a death had closed by mistake back where it stood."""
    act.ask(Facts(type=Plan.AGGREGATE, person_id=record.person_id))
    receipt = Receipt(type="person", id=record.person_id, version=0)
    ended = Plan.objects.filter(person_id=record.person_id, closed_for=ClosingReason.DEATH)
    latest = ended.order_by("-updated_at", "-id").first()
    if latest is not None:
        plan = act.lock(Plan, latest.id)
        plan.closed_for = ""
        receipt = act.take_back(plan, PlanAction.CLOSE, PlanResumed)
    return receipt


def _draft(plan_id: UUID, act: Act) -> Plan:
    """Return a plan that may be written in: any version of it, since each topic and action has its own."""
    plan = act.open(Plan, plan_id, version=ANY_VERSION)
    check_alive(person_snapshot(plan.person_id).died_on)
    return plan


def _born_on(plan: Plan) -> date:
    return person_snapshot(plan.person_id).traits.birth_date


def _last_signed(plan: Plan) -> PlanVersion:
    """Return the last signed version; raises `NothingSigned` before the first."""
    found = PlanVersion.objects.filter(plan=plan).order_by("-number").first()
    if found is None:
        raise NothingSigned
    return found


def _added_since(plan: Plan) -> QuerySet[PlannedAction, str]:
    """Return how the actions go that were added since the revision of a plan began."""
    revised = Transition.objects.filter(
        aggregate_type=Plan.AGGREGATE, aggregate_id=plan.pk, deed=PlanAction.REVISE
    ).order_by("-recorded_at")
    added = PlannedAction.objects.filter(
        goal__need__plan=plan, created_at__gt=Subquery(revised.values("recorded_at")[:1])
    )
    return added.values_list("status", flat=True)


def _signed_on(plan: Plan) -> date | None:
    """Return the day of the last signature; `None` before the first."""
    signed = PlanVersion.objects.filter(plan=plan).order_by("-number").values_list("signed_at", flat=True).first()
    return day_of(signed) if signed else None


def _present_plan(person_id: UUID) -> UUID:
    found: UUID | None = (
        Plan.objects.filter(person_id=person_id).exclude(state=PlanState.CLOSED).values_list("id", flat=True).first()
    )
    if found is None:
        raise NotFound
    return found


def _drafts(plan: Plan, code: str, act: Act) -> QuerySet[TextDraft]:
    """Return what the actor had begun there: one row at most, and never another's."""
    return TextDraft.objects.filter(plan=plan, code=code, author_id=act.by.professional_id)


def _was_saved(record: KeepDraft, act: Act) -> bool:
    """Tell whether the very form that is being typed in was saved meanwhile: what comes late from it is not kept again."""
    if act.by.id is None or record.form_token is None:
        return False
    return IdempotencyKey.objects.filter(actor_id=act.by.id, key=str(record.form_token)).exists()


def _says_nothing_new(record: KeepDraft, plan: Plan) -> bool:
    if record.code in FORMS:
        return is_blank(record.content)
    written = PlanTopic.objects.filter(plan=plan, code=record.code).first()
    return record.content.get("text", "").strip() == (written.text.strip() if written else "")


def _keep_entry(
    plan: Plan, kind: EntryKind, day: date, words: Mapping[str, Any], act: Act, *, number: int | None = None
) -> None:
    """Keep an entry about version `number`, else about the last signed one."""
    last = PlanVersion.objects.filter(plan=plan).order_by("-number").values_list("number", flat=True).first()
    PlanEntry.objects.create(
        plan=plan,
        kind=kind,
        happened_on=day,
        number=(last or 0) if number is None else number,
        content=dict(words),
        author_id=act.by.professional_id,
    )


def _topic_row(plan: Plan, code: str) -> PlanTopic:
    topic(code, version=plan.outline)
    return PlanTopic.objects.filter(plan=plan, code=code).first() or PlanTopic(plan=plan, code=code)


def _present_action(action_id: UUID, version: int | None) -> PlannedAction:
    return _next(PlannedAction.objects.get(pk=action_id), version)


def _present_need(need_id: UUID, version: int | None, act: Act) -> tuple[Plan, Need]:
    plan = _draft(_plan_id(Need, need_id, "plan_id"), act)
    return plan, _next(Need.objects.get(pk=need_id), version)


def _present_goal(goal_id: UUID, version: int | None, act: Act) -> tuple[Plan, Goal]:
    plan = _draft(_plan_id(Goal, goal_id, "need__plan_id"), act)
    goal = _next(Goal.objects.select_related("need").get(pk=goal_id), version)
    _check_need(goal.need)
    return plan, goal


def _next(row: PartT, version: int | None) -> PartT:
    """Return a part of the plan in its next version; raises unless `version` is the present one."""
    if version is None:
        raise VersionMissing
    if version != row.version:
        raise StaleVersion
    row.version += 1
    return row


def _snapshot_of(plan: Plan, need_id: UUID) -> NeedSnapshot:
    return next(need for need in needs_of(plan) if need.id == need_id)


def _check_need(need: Need) -> None:
    """Raise `NoLongerInPlan` for a need that is set aside."""
    if need.dropped_on is not None:
        raise NoLongerInPlan


def _check_goal(goal: Goal) -> None:
    """Raise `NoLongerInPlan` for a goal that was given up, or whose need is set aside."""
    _check_need(goal.need)
    if goal.status == GoalStatus.GIVEN_UP:
        raise NoLongerInPlan


def _check_sight(action_id: UUID, plan: Plan, *, by: Actor) -> None:
    """Raise `NotFound` unless an actor may read what he follows: the social sector reads the social needs only."""
    is_social = PlannedAction.objects.filter(pk=action_id, goal__need__topic__in=social_codes()).exists()
    if not is_social and not is_permitted(by, Permission.PPA_READ_DRAFT, plan.facts()):
        raise NotFound


def _plan_id(model: type[Need] | type[Goal] | type[PlannedAction], id: UUID, path: str) -> UUID:
    found: UUID | None = model._default_manager.filter(pk=id).values_list(path, flat=True).first()
    if found is None:
        raise NotFound
    return found


def _changed(plan: Plan, deed: str, act: Act, *, made: tuple[str, UUID]) -> Receipt:
    receipt = act.amend(plan, deed, PlanChanged)
    return Receipt(type=made[0], id=made[1], version=receipt.version)


def _content(plan: Plan) -> dict[str, object]:
    return content_of(
        outline=plan.outline,
        topics=topics_of(plan),
        needs=needs_of(plan),
        crises=crises_snapshot(plan.person_id),
        places=wished_places(entries_of(plan)),
    )
