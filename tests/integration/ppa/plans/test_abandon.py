"""A revision that was begun by mistake is abandoned: the signed version is the plan again, what was written is kept."""

import pytest
from django.urls import reverse

from accounts.access.gate import open_trail
from accounts.audit.models import AuditRow
from accounts.kernel.clock import today
from accounts.kernel.errors import TransitionRefused
from accounts.kernel.models import Transition
from ppa.plans.commands import (
    abandon_revision,
    add_action,
    add_goal,
    close_plan,
    follow_action,
    follow_goal,
    record_agreement,
    record_deposit,
    record_place,
    refuse_publication,
    revise_plan,
    reword_goal,
    reword_need,
    set_need_aside,
    set_topic_pace,
    share_plan,
    sign_version,
    take_need_up,
    update_action,
)
from ppa.plans.models import Goal, Need, PlannedAction, TopicText
from ppa.plans.queries import plan_of, version_for, versions_snapshot
from ppa.plans.records import (
    AbandonRevision,
    AddAction,
    AddGoal,
    ClosePlan,
    FollowAction,
    FollowGoal,
    RecordDeposit,
    RecordPlace,
    RefusePublication,
    RevisePlan,
    RewordGoal,
    RewordNeed,
    SetNeedAside,
    SetTopicPace,
    SharePlan,
    SignVersion,
    TakeNeedUp,
    UpdateAction,
)
from ppa.plans.rules import (
    ActionRewordedSince,
    ActionsAddedSince,
    ActionsToDo,
    NothingSigned,
    PersonSpokeSince,
    TextMissing,
    TextsToReconcile,
    content_of,
    wished_places,
)
from ppa.plans.states import (
    ActionStatus,
    ClosingReason,
    EntryKind,
    GoalStatus,
    Pace,
    Place,
    PlaceMoment,
    PlanState,
    Words,
)
from tests.factories import crises, directives, plans
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return plans.team()


@pytest.fixture
def plan(team):
    return revised(plans.signed(team), team)


def revised(plan, team):
    plan = plans.present(plan)
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    return plans.present(plan)


def abandon(plan, team, words="Commencée par erreur."):
    plan = plans.present(plan)
    return abandon_revision(AbandonRevision(plan_id=plan.id, version=plan.version, words=words), by=team.coordinator)


def read(team):
    with open_trail():
        return plan_of(team.person_id, actor=team.coordinator)


def signed_content(team):
    with open_trail():
        return version_for(team.person_id, 1, actor=team.coordinator).content


def written(plan):
    return content_of(
        outline=plan.outline,
        topics=plan.topics,
        needs=plan.needs,
        crises=plan.crises,
        places=wished_places(plan.entries),
    )


def follow(need_id, status, team, outcome=""):
    """Say how the action of a need goes."""
    action = PlannedAction.objects.get(goal__need=need_id)
    record = FollowAction(action_id=action.id, version=action.version, status=status, outcome=outcome)
    follow_action(record, by=team.coordinator)


def aside(need_id, team):
    set_need_aside(SetNeedAside(need_id=need_id, version=Need.objects.get(pk=need_id).version), by=team.coordinator)


def settle(goal, status, team, outcome=""):
    """Say where a goal stands."""
    record = FollowGoal(goal_id=goal.id, version=goal.version, status=status, settled_on=today(), outcome=outcome)
    follow_goal(record, by=team.coordinator)


def told(need_id, text, words, team):
    """Return the id of a goal that is added to a need."""
    return add_goal(AddGoal(need_id=need_id, text=text, words=words), by=team.coordinator).id


def signed_with(status, team, *, is_aside):
    """Return a signed plan with one more need, whose action had come so far, and its id."""
    row = plans.written(team)
    need_id = plans.need(row, team, "Un besoin d’avant", words=Words.PROFESSIONAL)
    follow(need_id, status, team)
    if is_aside:
        aside(need_id, team)
    return signed_as_it_is(row, team), need_id


def signed_as_it_is(row, team):
    """Return a plan once it was read with her, agreed to and signed."""
    share_plan(SharePlan(plan_id=row.id, version=plans.present(row).version), by=team.coordinator)
    record_agreement(plans.agreement(plans.present(row)), by=team.nurse)
    sign_version(SignVersion(plan_id=row.id, version=plans.present(row).version), by=team.physician)
    return plans.present(row)


def url(name, team):
    return reverse(f"plans:{name}", args=[team.person_id])


def test_a_revision_where_nothing_changed_is_abandoned_dated_and_traced(plan, team):
    before = versions_snapshot(plan.id)
    abandon(plan, team)
    shown = read(team)
    assert (shown.state, shown.number) == (PlanState.SIGNED, 1)
    (kept,) = shown.kept(EntryKind.ABANDONED)
    assert (kept.happened_on, kept.number, kept.content["words"]) == (today(), 1, "Commencée par erreur.")
    assert Transition.objects.filter(aggregate_id=plan.id, deed="abandon", target="signed").count() == 1
    assert AuditRow.objects.filter(object_id=plan.id, action="ppa.supersede_new_version").count() == 2
    assert versions_snapshot(plan.id) == before
    assert revised(plan, team).number == 2


def test_what_was_written_gives_way_to_the_signed_words_and_is_kept(plan, team):
    plans.write(plan, team, "Aller à l’hôpital.", version=1)
    plans.write(plan, team, "Un thème de plus.", code="accessibility")
    need = Need.objects.get(plan=plan)
    reword_need(RewordNeed(need_id=need.id, version=need.version, text="Un autre besoin"), by=team.coordinator)
    action = PlannedAction.objects.get(goal__need=need)
    reworded = UpdateAction(action_id=action.id, version=action.version, what="Autre chose", who="Autre", due_on=None)
    update_action(reworded, by=team.coordinator)
    settle(Goal.objects.get(need=need), GoalStatus.REACHED, team)
    abandon(plan, team)
    shown = read(team)
    assert written(shown) == signed_content(team)
    assert shown.topic("what_matters").author
    assert shown.topic("accessibility").text == ""
    assert "Aller à l’hôpital." in [one.text for one in TopicText.objects.order_by("id")]
    text = signed_in(team.coordinator).get(url("versions", team)).content.decode()
    for words in ("Révision abandonnée le", "Commencée par erreur.", "Aller à l’hôpital.", "Un autre besoin"):
        assert words in text


def test_a_need_of_the_revision_is_set_aside_and_one_that_was_set_aside_comes_back(plan, team):
    (old,) = Need.objects.filter(plan=plan)
    new = plans.need(plan, team, "Venu par erreur", words=Words.PROFESSIONAL)
    with pytest.raises(ActionsAddedSince):
        abandon(plan, team)
    for need, status in ((new, ActionStatus.DROPPED), (old.id, ActionStatus.DONE)):
        follow(need, status, team)
    aside(old.id, team)
    abandon(plan, team)
    assert written(read(team)) == signed_content(team)
    assert Need.objects.get(pk=new).dropped_on == today()
    assert Need.objects.get(pk=old.id).dropped_on is None
    assert PlannedAction.objects.get(goal__need=old).status == ActionStatus.DONE


@pytest.mark.parametrize("status", [ActionStatus.PLANNED, ActionStatus.DONE])
def test_an_action_that_somebody_does_or_did_keeps_the_revision_open(plan, team, status):
    goal = Goal.objects.get(need__plan=plan)
    added = add_action(
        AddAction(goal_id=goal.id, what="Appeler", who="HAD (fictive)", due_on=None), by=team.coordinator
    )
    follow_action(FollowAction(action_id=added.id, version=1, status=status, outcome=""), by=team.coordinator)
    with pytest.raises(ActionsAddedSince):
        abandon(plan, team)
    assert read(team).state == PlanState.UNDER_REVIEW


def test_what_left_the_plan_before_the_signature_does_not_keep_the_revision_open(team):
    plan, need_id = signed_with(ActionStatus.DONE, team, is_aside=True)
    abandon(revised(plan, team), team)
    assert read(team).state == PlanState.SIGNED
    assert PlannedAction.objects.get(goal__need=need_id).status == ActionStatus.DONE


def test_an_action_taken_up_again_once_signed_does_not_keep_the_revision_open(team):
    plan, need_id = signed_with(ActionStatus.DROPPED, team, is_aside=False)
    follow(need_id, ActionStatus.DOING, team)
    abandon(revised(plan, team), team)
    assert read(team).state == PlanState.SIGNED
    assert PlannedAction.objects.get(goal__need=need_id).status == ActionStatus.DOING


def test_nothing_to_do_is_left_under_what_leaves_the_plan_again(team):
    plan, need_id = signed_with(ActionStatus.DONE, team, is_aside=True)
    revised(plan, team)
    need = Need.objects.get(pk=need_id)
    take_need_up(TakeNeedUp(need_id=need_id, version=need.version), by=team.coordinator)
    follow(need_id, ActionStatus.PLANNED, team)
    with pytest.raises(ActionsToDo):
        abandon(plan, team)


def test_what_the_person_said_since_is_never_undone(plan, team):
    record_place(
        RecordPlace(plan_id=plan.id, moment=PlaceMoment.CARE, place=Place.HOME, words="", told_on=today()),
        by=team.coordinator,
    )
    with pytest.raises(PersonSpokeSince):
        abandon(plan, team)


def test_a_topic_that_she_no_longer_wants_to_speak_of_keeps_the_revision_open(plan, team):
    offer = SetTopicPace(
        plan_id=plan.id, code="what_matters", pace=Pace.NEVER, offered_on=today(), with_whom="", come_back_on=None
    )
    set_topic_pace(offer, by=team.coordinator)
    with pytest.raises(PersonSpokeSince):
        abandon(plan, team)


def test_how_a_goal_or_a_need_left_the_revision_is_kept(team):
    plan = plans.written(team)
    need_id = plans.need(plan, team, "Un besoin de trop", words=Words.PROFESSIONAL)
    theirs = told(Need.objects.exclude(pk=need_id).get().id, "Marcher", Words.RELATIVE, team)
    plan = revised(signed_as_it_is(plan, team), team)
    settle(Goal.objects.get(pk=theirs), GoalStatus.GIVEN_UP, team, outcome="Trop fatigant, dit sa fille")
    need = Need.objects.get(pk=need_id)
    reword_need(RewordNeed(need_id=need.id, version=need.version, text="Dit autrement"), by=team.coordinator)
    follow(need_id, ActionStatus.DONE, team)
    aside(need_id, team)
    client = signed_in(team.coordinator)
    kept = ("Trop fatigant, dit sa fille", "Dit autrement", f"Mis de côté le {today():%d/%m/%Y}")
    before = client.get(url("abandon", team)).content.decode()
    abandon(plan, team)
    after = client.get(url("versions", team)).content.decode()
    assert [(words in before, words in after) for words in kept] == [(True, True)] * 3
    assert "Retiré" not in after
    assert written(read(team)) == signed_content(team)


def reword(goal, team):
    record = RewordGoal(goal_id=goal.id, version=goal.version, text="Dormir dehors", words=goal.words)
    reword_goal(record, by=team.coordinator)


def give_up(goal, team):
    follow(goal.need_id, ActionStatus.DONE, team)
    settle(goal, GoalStatus.GIVEN_UP, team)


@pytest.mark.parametrize("deed", [reword, give_up, lambda goal, team: told(goal.need_id, "Rire", Words.PERSON, team)])
def test_a_goal_in_her_own_words_is_never_undone(plan, team, deed):
    deed(Goal.objects.get(need__plan=plan), team)
    with pytest.raises(PersonSpokeSince):
        abandon(plan, team)


def test_texts_that_crossed_are_brought_together_first(plan, team):
    for text in ("À l’hôpital.", "Chez sa fille."):
        plans.write(plan, team, text, version=1)
    with pytest.raises(TextsToReconcile):
        abandon(plan, team)


def test_drugs_and_crises_are_not_said_to_be_put_aside(plan, team):
    crises.foreseen(team.person_id, team.physician)
    client = signed_in(team.coordinator)
    before = client.get(url("abandon", team)).content.decode()
    abandon(plan, team)
    assert crises.DRUG not in before + client.get(url("versions", team)).content.decode()
    assert "Les conduites à tenir et les médicaments prévus ne changent pas." in before
    assert crises.DRUG in client.get(url("page", team)).content.decode()


def test_an_action_that_was_dropped_stays_so_and_is_not_said_to_be_put_aside(plan, team):
    need = Need.objects.get(plan=plan)
    row = PlannedAction.objects.get(goal__need=need)
    reword_action(row, team)
    follow(need.id, ActionStatus.DROPPED, team, outcome="La pompe n’est plus utile")
    client = signed_in(team.coordinator)
    before = client.get(url("abandon", team)).content.decode()
    abandon(plan, team)
    assert "Passage du soir" not in before + client.get(url("versions", team)).content.decode()
    row.refresh_from_db()
    assert (row.what, row.status) == ("Poser une pompe", ActionStatus.DROPPED), "its words go with what came of it"


@pytest.mark.parametrize("status", [ActionStatus.DOING, ActionStatus.DONE])
def test_an_action_worded_otherwise_and_carried_out_keeps_the_revision_open(plan, team, status):
    need = Need.objects.get(plan=plan)
    reword_action(PlannedAction.objects.get(goal__need=need), team)
    follow(need.id, status, team, outcome="Pompe posée")
    with pytest.raises(ActionRewordedSince):
        abandon(plan, team)


def reword_action(row, team):
    record = UpdateAction(
        action_id=row.id, version=row.version, what="Poser une pompe", who="HAD (fictive)", due_on=row.due_on
    )
    update_action(record, by=team.coordinator)


def test_what_was_abandoned_stays_readable_once_another_plan_is_open(plan, team):
    plans.write(plan, team, "Aller à l’hôpital.", version=1)
    abandon(plan, team)
    record = ClosePlan(plan_id=plan.id, version=plans.present(plan).version, reason=ClosingReason.MOVED)
    close_plan(record, by=team.physician)
    plans.plan(team)
    text = signed_in(team.coordinator).get(url("versions", team)).content.decode()
    for words in ("Commencée par erreur.", "Aller à l’hôpital.", "Plan clos&nbsp;: la personne est suivie ailleurs"):
        assert words in text


@pytest.mark.parametrize("while_revised", [False, True])
def test_where_the_signed_version_was_deposited_is_found_again(team, while_revised):
    plan = plans.signed(team)
    if while_revised:
        plan = revised(plan, team)
    done = RecordDeposit(plan_id=plan.id, version=plan.version, place="Mon espace santé", who="Maël", done_on=today())
    record_deposit(done, by=team.coordinator)
    if not while_revised:
        revised(plan, team)
    abandon(plan, team)
    assert read(team).state == PlanState.PUBLISHED


def test_a_refused_deposit_is_found_again(team):
    plan = plans.signed(team)
    refuse_publication(RefusePublication(plan_id=plan.id, version=plan.version, told_on=today()), by=team.coordinator)
    revised(plan, team)
    abandon(plan, team)
    assert read(team).state == PlanState.PUBLICATION_REFUSED


def test_a_revision_is_abandoned_before_her_agreement_only(plan, team):
    share_plan(SharePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    abandon(plan, team)
    assert read(team).state == PlanState.SIGNED
    with pytest.raises(TransitionRefused):
        abandon(plan, team)
    other = plans.team()
    agreed = plans.agreed(other)
    with pytest.raises(NothingSigned):
        abandon(agreed, other)


def test_it_is_said_why(plan, team):
    with pytest.raises(TextMissing) as refused:
        abandon(plan, team, words=" ")
    assert refused.value.field == "words"


def test_the_screen_shows_what_is_put_aside_before_it_asks(plan, team):
    plans.write(plan, team, "Aller à l’hôpital.", version=1)
    client = signed_in(team.coordinator)
    assert url("abandon", team) in client.get(url("page", team)).content.decode()
    page = client.get(url("abandon", team)).content.decode()
    assert "Aller à l’hôpital." in page
    data = {"version": plans.present(plan).version, "words": "Ce n’était pas le bon plan."}
    text = client.post(url("abandon", team), data, follow=True).content.decode()
    assert "Réviser le plan" in text
    assert url("versions", team) in text
    assert url("abandon", team) not in text


def test_a_first_version_is_closed_and_never_abandoned(team):
    plan = plans.shared(team)
    assert url("abandon", team) not in signed_in(team.coordinator).get(url("page", team)).content.decode()
    with pytest.raises(NothingSigned):
        abandon(plan, team)


def test_what_had_marked_the_plan_marks_it_again(team):
    plan = plans.signed(team)
    directives.directive(team.person_id, team.physician)
    revised(plan, team)
    assert read(team).stale == ()
    abandon(plan, team)
    assert read(team).stale == ("Les directives anticipées ont changé",)
