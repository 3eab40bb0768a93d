"""Any sequence of deeds leaves a plan where a small model says, with the versions, agreements and refusals it says."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.access.gate import open_trail
from accounts.kernel.clock import today
from accounts.kernel.errors import DomainError
from ppa.plans.commands import (
    abandon_revision,
    close_plan,
    confirm_plan,
    follow_goal,
    hand_out,
    open_plan,
    record_agreement,
    record_conversation,
    record_deposit,
    refuse_publication,
    revise_plan,
    reword_need,
    set_need_aside,
    set_review,
    share_plan,
    sign_version,
    start_need,
    take_agreement_back,
    take_need_up,
    write_topic,
)
from ppa.plans.models import Goal, Need, Plan, PlanVersion
from ppa.plans.queries import plan_of
from ppa.plans.records import (
    AbandonRevision,
    AddNeed,
    ClosePlan,
    ConfirmPlan,
    FollowGoal,
    HandOut,
    OpenPlan,
    RecordConversation,
    RecordDeposit,
    RefusePublication,
    RevisePlan,
    RewordNeed,
    SetNeedAside,
    SetReview,
    SharePlan,
    SignVersion,
    StartNeed,
    TakeAgreementBack,
    TakeNeedUp,
    WriteTopic,
)
from ppa.plans.rules import content_of
from ppa.plans.states import ClosingReason, GoalStatus, Words
from tests.factories import announcements, plans

pytestmark = pytest.mark.django_db

IN_FORCE = {"signed", "published", "publication_refused"}
WRITABLE = {"drafting", "shared", "agreed", "under_review"}


def said_in(content):
    """Return what a signed content says, as the model does."""
    parts = [(need["text"], *map(standing_of, need["goals"])) for need in content["needs"]]
    return next((topic["text"] for topic in content["topics"]), ""), next(iter(parts), ())


def standing_of(goal):
    return str(GoalStatus.REACHED if "reached" in goal else GoalStatus.IN_PROGRESS)


class PlanMachine(RuleBasedStateMachine):
    """A plan and its model: a state, the text, the need, what was agreed to, what was signed, the papers given."""

    def __init__(self) -> None:
        super().__init__()
        self.team = plans.team()
        self.plan = plans.plan(self.team)
        self.state, self.text, self.agreed = "drafting", "", None
        self.need, self.is_aside, self.goal = "", False, GoalStatus.IN_PROGRESS
        self.signed: list[tuple[str, tuple[str, ...]]] = []
        self.kept, self.where = 0, "signed"
        self.proposal = None

    def attempt(self, command, record, *, by, passes):
        """Do a deed that the model lets pass, or see it refused."""
        if passes:
            command(record, by=by)
            return True
        with pytest.raises(DomainError):
            command(record, by=by)
        return False

    @property
    def about(self):
        row = plans.present(self.plan)
        return {"plan_id": row.id, "version": row.version}

    @property
    def says(self):
        """The text, then the need with where its goal stands, as a version would hold them."""
        goal = () if self.goal == GoalStatus.GIVEN_UP else (str(self.goal),)
        return self.text, (self.need, *goal) if self.need and not self.is_aside else ()

    @rule()
    def word_need(self):
        """Tell the need, or word it otherwise, while it may change."""
        text, held = f"Besoin {self.about['version']}", Need.objects.filter(plan_id=self.plan.id).first()
        told = StartNeed(need=AddNeed(plan_id=self.plan.id, text=text), goal="Dormir", words=Words.PERSON)
        command, record = (
            (reword_need, RewordNeed(need_id=held.id, version=held.version, text=text)) if held else (start_need, told)
        )
        if self.attempt(command, record, by=self.team.coordinator, passes=self.state in WRITABLE):
            self.need = text

    @rule(status=st.sampled_from(list(GoalStatus)))
    def follow(self, status):
        """Say where its goal stands, while the need is not set aside."""
        for goal in Goal.objects.filter(need__plan_id=self.plan.id):
            record = FollowGoal(goal_id=goal.id, version=goal.version, status=status, settled_on=today())
            passes = self.state in WRITABLE and not self.is_aside
            if self.attempt(follow_goal, record, by=self.team.nurse, passes=passes):
                self.goal = status

    @rule()
    def move_need(self):
        """Set the need aside, or take it up again."""
        for need in Need.objects.filter(plan_id=self.plan.id):
            command, asked = (take_need_up, TakeNeedUp) if self.is_aside else (set_need_aside, SetNeedAside)
            record = asked(need_id=need.id, version=need.version)
            if self.attempt(command, record, by=self.team.coordinator, passes=self.state in WRITABLE):
                self.is_aside = not self.is_aside

    @rule()
    def write(self):
        """Change the text, while it may change."""
        text = f"Texte {self.about['version']}"
        with open_trail():
            version = plan_of(self.team.person_id, actor=self.team.coordinator).topic("what_matters").version
        record = WriteTopic(plan_id=self.plan.id, code="what_matters", text=text, version=version)
        if self.attempt(write_topic, record, by=self.team.coordinator, passes=self.state in WRITABLE):
            self.text = text

    @rule()
    def share(self):
        """Read it with the person."""
        passes = self.state in {"drafting", "under_review"} and any(self.says)
        if self.attempt(share_plan, SharePlan(**self.about), by=self.team.coordinator, passes=passes):
            self.state = "shared"

    @rule()
    def agree(self):
        """Take her agreement."""
        record = plans.agreement(plans.present(self.plan))
        passes = self.state in {"shared", "agreed"} and any(self.says)
        if self.attempt(record_agreement, record, by=self.team.nurse, passes=passes):
            self.state, self.agreed = "agreed", self.says

    @rule()
    def take_back(self):
        """She goes back on it, while nobody signed: nothing holds any more of what she had agreed to."""
        record = TakeAgreementBack(**self.about, told_on=today(), said="« Finalement non. »")
        if self.attempt(take_agreement_back, record, by=self.team.nurse, passes=self.state == "agreed"):
            self.state, self.agreed = "shared", None
            self.kept += 1
            with open_trail():
                assert plan_of(self.team.person_id, actor=self.team.coordinator).agreement is None

    @rule()
    def sign(self):
        """Sign, which needs the agreement to this very content."""
        passes = self.state == "agreed" and self.agreed == self.says
        if self.attempt(sign_version, SignVersion(**self.about), by=self.team.physician, passes=passes):
            self.state = self.where = "signed"
            self.signed.append(self.says)

    @rule()
    def deposit(self):
        """Deposit by hand what is in force, also while the next version is written."""
        record = RecordDeposit(**self.about, place="Mon espace santé", who="Maël", done_on=today())
        if self.attempt(record_deposit, record, by=self.team.coordinator, passes=bool(self.signed)):
            self.kept += 1
            self.where = "published"
            self.state = "published" if self.state in IN_FORCE else self.state

    @rule()
    def refuse(self):
        """The person refuses the deposit: what was deposited stays told so, her no beside it."""
        record = RefusePublication(**self.about, told_on=today())
        if self.attempt(refuse_publication, record, by=self.team.coordinator, passes=bool(self.signed)):
            self.kept += 1
            self.where = "publication_refused" if self.where == "signed" else self.where
            self.state = "publication_refused" if self.state == "signed" else self.state

    @rule()
    def give(self):
        """Give a paper, once there is one."""
        record = HandOut(**self.about, holder="Sa fille", given_on=today())
        if self.attempt(hand_out, record, by=self.team.nurse, passes=bool(self.signed)):
            self.kept += 1

    @rule()
    def talk(self):
        """Talk, at any time."""
        record = RecordConversation(plan_id=self.plan.id, held_on=today(), present="", said="« Bien. »")
        if self.attempt(record_conversation, record, by=self.team.nurse, passes=True):
            self.kept += 1

    @rule()
    def plan_review(self):
        """Choose a day of review, at any time."""
        record = SetReview(**self.about, review_on=today() + timedelta(days=30))
        self.attempt(set_review, record, by=self.team.coordinator, passes=True)

    @rule()
    def confirm(self):
        """Read again what is in force: nothing changes."""
        record = ConfirmPlan(**self.about)
        if self.attempt(confirm_plan, record, by=self.team.coordinator, passes=self.state in IN_FORCE):
            self.kept += 1

    @rule()
    def revise(self):
        """Begin the next version."""
        if self.attempt(revise_plan, RevisePlan(**self.about), by=self.team.coordinator, passes=self.state in IN_FORCE):
            self.state, self.agreed = "under_review", None

    @rule()
    def abandon(self):
        """Write the next version no more: what was signed is the plan again, word for word, but never over her own goal."""
        record = AbandonRevision(**self.about, words="Par erreur")
        held = self.signed[-1][1] if self.signed else ()
        stands = bool(self.need) and self.goal != GoalStatus.GIVEN_UP and (bool(held) or not self.is_aside)
        passes = self.state in {"under_review", "shared"} and bool(self.signed) and stands == bool(held[1:])
        if self.attempt(abandon_revision, record, by=self.team.coordinator, passes=passes):
            self.kept += 1
            self.state, (self.text, need) = self.where, self.signed[-1]
            self.is_aside = bool(self.need) and not need
            if need:
                self.need, self.goal = need[0], GoalStatus(need[1]) if need[1:] else GoalStatus.GIVEN_UP
            assert self.says == self.signed[-1]
            with open_trail():
                shown = plan_of(self.team.person_id, actor=self.team.coordinator)
            told = content_of(outline=shown.outline, topics=shown.topics, needs=shown.needs)
            assert said_in(told) == self.signed[-1]

    @rule(reason=st.sampled_from([ClosingReason.RECOVERY, ClosingReason.WITHDRAWAL]))
    def close_and_begin_again(self, reason):
        """Close; another plan begins, which knows nothing of the first: where she wanted none any more, once she is asked."""
        record = ClosePlan(**self.about, reason=reason)
        self.attempt(close_plan, record, by=self.team.physician, passes=True)
        if reason == ClosingReason.WITHDRAWAL:
            self.attempt(open_plan, OpenPlan(person_id=self.team.person_id), by=self.team.coordinator, passes=False)
            self.proposal = announcements.answered(
                announcements.present(self.proposal)
                if self.proposal
                else announcements.proposed(self.team.person_id, self.team.physician),
                self.team.coordinator,
            )
        begun = open_plan(OpenPlan(person_id=self.team.person_id), by=self.team.coordinator)
        self.plan = Plan.objects.get(pk=begun.id)
        self.state, self.text, self.agreed, self.signed, self.kept = "drafting", "", None, [], 0
        self.need, self.is_aside, self.goal = "", False, GoalStatus.IN_PROGRESS

    @invariant()
    def is_as_the_model_says(self):
        """The state, the versions and what was kept beside them are those of the model."""
        row = plans.present(self.plan)
        assert row.state == self.state
        versions = PlanVersion.objects.filter(plan=row).order_by("number")
        assert [said_in(version.content) for version in versions] == self.signed
        assert row.entries.count() == self.kept


def test_any_sequence_of_deeds_leaves_the_plan_where_the_model_says():
    run_state_machine_as_test(
        PlanMachine,
        settings=settings(
            max_examples=6,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        ),
    )
