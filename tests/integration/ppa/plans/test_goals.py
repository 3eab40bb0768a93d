"""Needs and goals change with the person: worded otherwise, reached, given up, set aside; what was signed stays."""

from datetime import timedelta

import pytest

from accounts.kernel.clock import day_of, today
from accounts.kernel.errors import NotAllowed, StaleVersion, VersionMissing
from fhir_bridge.mappers import goal as goals
from ppa.plans.commands import (
    add_action,
    add_goal,
    follow_action,
    follow_goal,
    record_agreement,
    revise_plan,
    reword_goal,
    reword_need,
    set_need_aside,
    share_plan,
    sign_version,
    take_need_up,
)
from ppa.plans.models import Goal, Need, PlannedAction, PlanVersion
from ppa.plans.queries import versions_snapshot
from ppa.plans.records import (
    AddAction,
    AddGoal,
    FollowAction,
    FollowGoal,
    RevisePlan,
    RewordGoal,
    RewordNeed,
    SetNeedAside,
    SharePlan,
    SignVersion,
    TakeNeedUp,
)
from ppa.plans.rules import ActionsToDo, BeforeBirth, NoLongerInPlan, SettledDayMissing, TextMissing, ToldInFuture
from ppa.plans.states import ActionStatus, GoalStatus, Words
from tests.factories import plans
from tests.integration.ppa.plans.test_screens import hidden, signed_in, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return plans.team()


def drop_the_action(team):
    action = PlannedAction.objects.get()
    record = FollowAction(action_id=action.id, version=action.version, status=ActionStatus.DROPPED)
    follow_action(record, by=team.nurse)


def settled(goal, status=GoalStatus.REACHED, **fields):
    return FollowGoal(goal_id=goal.id, version=goal.version, status=status, **{"settled_on": today(), **fields})


def sign_next(plan, team):
    row = plans.present(plan)
    share_plan(SharePlan(plan_id=row.id, version=row.version), by=team.coordinator)
    record_agreement(plans.agreement(plans.present(plan)), by=team.nurse)
    sign_version(SignVersion(plan_id=row.id, version=plans.present(plan).version), by=team.physician)


def revised(team):
    row = plans.signed(team)
    revise_plan(RevisePlan(plan_id=row.id, version=row.version), by=team.coordinator)
    return row


def test_a_mistyped_need_and_goal_are_worded_otherwise_by_who_read_them_last(team):
    plans.written(team)
    need, goal = Need.objects.get(), Goal.objects.get()
    record = RewordNeed(need_id=need.id, version=1, text=" Dormir sans douleur ")
    reword_need(record, by=team.coordinator)
    words = RewordGoal(goal_id=goal.id, version=1, text="Une vraie nuit", words=Words.RELATIVE, speaker="Sa fille")
    reword_goal(words, by=team.nurse)
    assert Need.objects.get().text == "Dormir sans douleur"
    assert (Goal.objects.get().text, Goal.objects.get().speaker) == ("Une vraie nuit", "Sa fille")
    for writer, late in ((reword_need, record), (reword_goal, words)):
        with pytest.raises(StaleVersion):
            writer(late, by=team.coordinator)
    with pytest.raises(VersionMissing):
        reword_need(RewordNeed(need_id=need.id, version=None, text="Dormir"), by=team.coordinator)
    with pytest.raises(TextMissing):
        reword_need(RewordNeed(need_id=need.id, version=2, text=" "), by=team.coordinator)


def test_nothing_changes_in_a_plan_that_is_signed(team):
    plans.signed(team)
    need, goal = Need.objects.get(), Goal.objects.get()
    for writer, record in (
        (reword_need, RewordNeed(need_id=need.id, version=1, text="Autre")),
        (set_need_aside, SetNeedAside(need_id=need.id, version=1)),
        (follow_goal, settled(goal)),
    ):
        with pytest.raises(NotAllowed):
            writer(record, by=team.coordinator)


def test_a_goal_is_reached_or_given_up_on_a_day_of_her_life(team):
    plans.written(team)
    goal = Goal.objects.get()
    for refusal, day in ((SettledDayMissing, None), (ToldInFuture, today() + timedelta(days=1)), (BeforeBirth, today().replace(year=1900))):  # fmt: skip
        with pytest.raises(refusal):
            follow_goal(settled(goal, settled_on=day), by=team.coordinator)
    with pytest.raises(ActionsToDo):
        follow_goal(settled(goal, GoalStatus.GIVEN_UP), by=team.coordinator)
    follow_goal(settled(goal, outcome="Elle dort."), by=team.coordinator)
    follow_goal(settled(Goal.objects.get(), GoalStatus.IN_PROGRESS, outcome="Non."), by=team.coordinator)
    held = Goal.objects.get()
    assert (held.status, held.settled_on, held.outcome) == ("in_progress", None, "")


def test_a_goal_reached_after_the_first_version_is_told_so_in_the_next_one_only(team):
    plan = revised(team)
    follow_goal(settled(Goal.objects.get(), outcome="Elle dort."), by=team.coordinator)
    sign_next(plan, team)
    first, second = [one.content["needs"][0]["goals"][0] for one in PlanVersion.objects.order_by("number")]
    assert ("reached" in first, second["reached"]["outcome"]) == (False, "Elle dort.")
    (resource,) = goals.to_resources(versions_snapshot(plan.id))
    assert resource["lifecycleStatus"] == "completed"
    text = signed_in(team.coordinator).get(url("compare", team, 1, 2)).content.decode()
    assert f"Atteint le {today():%d/%m/%Y} : Elle dort." in text


def test_a_goal_given_up_leaves_the_next_version_and_is_cancelled_at_the_partners(team):
    plan = revised(team)
    drop_the_action(team)
    follow_goal(settled(Goal.objects.get(), GoalStatus.GIVEN_UP), by=team.coordinator)
    (before,) = goals.to_resources(versions_snapshot(plan.id))
    assert before["lifecycleStatus"] == "active", "the version in force still has it"
    sign_next(plan, team)
    (resource,) = goals.to_resources(versions_snapshot(plan.id))
    signed_on = day_of(PlanVersion.objects.get(number=2).signed_at).isoformat()
    assert (resource["lifecycleStatus"], resource["statusDate"]) == ("cancelled", signed_on)
    goal = Goal.objects.get()
    with pytest.raises(NotAllowed):
        follow_goal(settled(goal, GoalStatus.IN_PROGRESS), by=team.coordinator)


def test_a_need_is_set_aside_once_nobody_has_anything_to_do_about_it_and_taken_up_again(team):
    plan = revised(team)
    need, goal, action = Need.objects.get(), Goal.objects.get(), PlannedAction.objects.get()
    with pytest.raises(ActionsToDo):
        set_need_aside(SetNeedAside(need_id=need.id, version=1), by=team.coordinator)
    drop_the_action(team)
    set_need_aside(SetNeedAside(need_id=need.id, version=1), by=team.coordinator)
    for writer, record in (
        (add_goal, AddGoal(need_id=need.id, text="Autre", words=Words.PERSON)),
        (add_action, AddAction(goal_id=goal.id, what="Autre", who="SSIAD")),
        (follow_goal, settled(goal)),
        (follow_action, FollowAction(action_id=action.id, version=2, status=ActionStatus.PLANNED)),
    ):
        with pytest.raises(NoLongerInPlan):
            writer(record, by=team.coordinator)
    sign_next(plan, team)
    first, second = PlanVersion.objects.order_by("number")
    assert (len(first.content["needs"]), second.content["needs"]) == (1, [])
    (left,) = goals.to_resources(versions_snapshot(plan.id))
    assert left["lifecycleStatus"] == "cancelled"
    row = plans.present(plan)
    revise_plan(RevisePlan(plan_id=row.id, version=row.version), by=team.coordinator)
    take_need_up(TakeNeedUp(need_id=need.id, version=2), by=team.coordinator)
    assert Need.objects.get().dropped_on is None


def test_the_page_words_follows_and_sets_aside(team):
    plans.written(team)
    client = signed_in(team.coordinator)
    need, goal = Need.objects.get(), Goal.objects.get()

    def done(name, target, **data):
        address = url(name, team, target)
        return client.post(address, {**hidden(client.get(address)), **data}, follow=True).content.decode()

    assert "Dormir sans douleur" in done("reword_need", need.id, need="Dormir sans douleur")
    text = done("reword_goal", goal.id, goal="Une vraie nuit", words="relative", speaker="Sa fille")
    assert "Une vraie nuit" in text
    assert "Les mots de Sa fille" in text
    text = done("follow_goal", goal.id, status="reached", settled_on=today().isoformat(), outcome="Elle dort.")
    assert f"Atteint le {today():%d/%m/%Y}" in text
    assert "Elle dort." in text
    assert "Objectifs atteints" in client.get(url("ppcs", team)).content.decode()
    assert "Des actions sont encore à faire ou en cours" in done("set_need_aside", need.id)
    drop_the_action(team)
    text = done("set_need_aside", need.id)
    assert "Besoins mis de côté" in text
    assert "Dormir sans douleur" not in client.get(url("ppcs", team)).content.decode()
    assert "Besoin mis de côté le" in client.get(url("actions", team)).content.decode()
    assert "Besoins mis de côté" not in done("take_need_up", need.id)
