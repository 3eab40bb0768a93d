"""What a plan's content is, and how its life cycle goes."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from accounts.kernel.errors import NotFound, TransitionRefused
from pathway.cases.states import CASE
from pathway.stays.states import STAY
from ppa.announcements.states import ANNOUNCEMENT
from ppa.crises.states import CRISIS
from ppa.directives.states import DIRECTIVE
from ppa.emergency_sheets.states import EMERGENCY_SHEET
from ppa.plans.outline import outline, topic
from ppa.plans.records import ActionSnapshot, FollowGoal, GoalSnapshot, NeedSnapshot, OfferSnapshot, TopicSnapshot
from ppa.plans.rules import (
    STALE_WHEN,
    ActionsToDo,
    PlanIsEmpty,
    SettledDayMissing,
    TextMissing,
    ToldInFuture,
    changes_between,
    check_left,
    check_settled,
    check_shareable,
    check_text,
    content_of,
    digest_of,
)
from ppa.plans.states import (
    DRAFTS,
    IN_FORCE,
    PLAN,
    ActionStatus,
    Domain,
    GoalStatus,
    Pace,
    PlanAction,
    PlanState,
    Words,
)
from ppa.trusted_persons.states import DESIGNATION

ACTION = ActionSnapshot(
    id=UUID(int=3), version=1, what="Passage du soir", who="SSIAD", due_on=None, status=ActionStatus.PLANNED, outcome=""
)


def digest(action: ActionSnapshot, *, text: str = "Rester chez moi.") -> str:
    goal = GoalSnapshot(id=UUID(int=2), text="Dormir", words=Words.PERSON, speaker="", actions=(action,))
    need = NeedSnapshot(id=UUID(int=1), text="Ne plus avoir mal", topic="", goals=(goal,))
    topics = [TopicSnapshot(topic=topic("what_matters"), text=text, pace=Pace.OPEN)]
    return digest_of(content_of(outline="2026-1", topics=topics, needs=[need]))


def test_the_outline_has_thirteen_topics_of_the_four_domains_in_plain_words():
    topics = outline()
    assert len({each.code for each in topics}) == 13
    assert {each.domain for each in topics} == set(Domain)
    assert all(each.title and each.prompt and each.easy for each in topics)
    assert all("'" not in each.title + each.prompt + each.easy for each in topics)


def test_an_unknown_topic_is_not_found():
    with pytest.raises(NotFound):
        topic("weather")


@pytest.mark.parametrize("status", [ActionStatus.DOING, ActionStatus.DONE])
def test_following_an_action_leaves_the_agreed_content_as_it_is(status):
    assert digest(replace(ACTION, status=status, outcome="Bien passé", version=4)) == digest(ACTION)


def test_dropping_or_rewording_an_action_or_a_topic_changes_the_content():
    others = {
        digest(replace(ACTION, status=ActionStatus.DROPPED)),
        digest(replace(ACTION, what="Passage du matin")),
        digest(ACTION, text="Rester ici."),
    }
    assert len(others | {digest(ACTION)}) == 4


GOAL = GoalSnapshot(id=UUID(int=2), text="Dormir", words=Words.PERSON, speaker="", actions=())
NEED = NeedSnapshot(id=UUID(int=1), text="Ne plus avoir mal", topic="", goals=(GOAL,))
REACHED = replace(GOAL, status=GoalStatus.REACHED, settled_on=date(2026, 5, 3), outcome="Elle dort.")


def planned(*needs: NeedSnapshot) -> dict[str, Any]:
    return content_of(outline="2026-1", topics=[], needs=needs)


def test_what_was_given_up_or_set_aside_leaves_the_content_and_what_was_reached_is_told_so():
    given_up = replace(GOAL, status=GoalStatus.GIVEN_UP, settled_on=date(2026, 5, 3))
    assert planned(replace(NEED, goals=(given_up,)))["needs"][0]["goals"] == []
    assert planned(replace(NEED, dropped_on=date(2026, 5, 3)))["needs"] == []
    (goal,) = planned(replace(NEED, goals=(REACHED,)))["needs"][0]["goals"]
    assert goal["reached"] == {"on": "2026-05-03", "outcome": "Elle dort."}
    assert "reached" not in planned(NEED)["needs"][0]["goals"][0], "what was agreed to before keeps its digest"


def test_two_versions_differ_by_a_goal_that_was_reached():
    (change,) = changes_between(planned(NEED), planned(replace(NEED, goals=(REACHED,))))
    assert change.before == "Dormir\nLes mots de la personne"
    assert change.after == "Dormir\nLes mots de la personne\nAtteint le 03/05/2026 : Elle dort."
    assert {one.after for one in changes_between(planned(NEED), planned())} == {""}


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (replace(NEED, goals=(replace(GOAL, words=Words.RELATIVE, speaker="sa fille"),)), "Les mots de sa fille"),
        (replace(NEED, goals=(replace(GOAL, words=Words.PROFESSIONAL),)), "Les mots d’un professionnel"),
        (replace(NEED, topic="symptoms"), topic("symptoms").title),
    ],
)
def test_two_versions_differ_by_whose_words_a_goal_is_in_and_by_the_topic_of_a_need(other, told):
    (change,) = changes_between(planned(NEED), planned(other))
    assert told in change.after
    assert told not in change.before


def test_two_versions_differ_by_a_topic_that_she_is_now_ready_to_speak_of():
    def content(pace):
        shown = TopicSnapshot(topic=topic("crises"), text="Rester ici.", pace=pace)
        return content_of(outline="2026-1", topics=[shown], needs=[])

    (change,) = changes_between(content(None), content(Pace.OPEN))
    assert (change.before, change.after) == ("Rester ici.", "Rester ici.\nD’accord pour en parler")


def test_two_versions_differ_by_the_model_they_follow():
    (change,) = changes_between(planned(NEED), planned(NEED) | {"outline": "enfant-2026-1"})
    assert (change.part, change.before, change.after) == ("Modèle du plan", "Adulte", "Enfant ou adolescent")


def test_nothing_leaves_the_plan_while_somebody_has_something_to_do_about_it():
    busy = replace(GOAL, actions=(ACTION,))
    with pytest.raises(ActionsToDo):
        check_left([GOAL, busy])
    check_left([replace(busy, actions=(replace(ACTION, status=ActionStatus.DROPPED),))])
    give_up = FollowGoal(goal_id=GOAL.id, version=1, status=GoalStatus.GIVEN_UP, settled_on=date(2026, 5, 3))
    life = {"born_on": date(1950, 1, 1), "today": date(2026, 5, 4)}
    with pytest.raises(ActionsToDo):
        check_settled(give_up, busy, **life)
    check_settled(replace(give_up, status=GoalStatus.REACHED), busy, **life)
    with pytest.raises(SettledDayMissing):
        check_settled(replace(give_up, settled_on=None), GOAL, **life)
    with pytest.raises(ToldInFuture):
        check_settled(replace(give_up, settled_on=date(2026, 5, 5)), GOAL, **life)


def test_a_plan_whose_only_need_is_set_aside_is_empty():
    with pytest.raises(PlanIsEmpty):
        check_shareable([], [replace(NEED, dropped_on=date(2026, 5, 3))])


def test_a_topic_that_was_never_offered_is_not_in_the_content():
    shown = [TopicSnapshot(topic=each) for each in outline()]
    assert content_of(outline="2026-1", topics=shown, needs=[])["topics"] == []


def test_a_blank_text_is_refused_beside_its_field():
    with pytest.raises(TextMissing) as refusal:
        check_text(" \n", field="need")
    assert refusal.value.field == "need"


def test_a_signature_only_follows_an_agreement():
    for state in set(PlanState) - {PlanState.AGREED}:
        with pytest.raises(TransitionRefused):
            PLAN.target(PlanAction.SIGN, state)


def test_every_state_is_reachable_and_only_closing_ends_a_plan():
    reached = {PLAN.initial} | {move.target for move in PLAN.moves}
    assert reached == set(PlanState)
    assert [state for state in PlanState if PLAN.is_terminal(state)] == [PlanState.CLOSED]
    assert set(PlanState) - DRAFTS == {*IN_FORCE, PlanState.CLOSED}


def test_what_marks_a_plan_is_something_that_does_happen():
    """A deed that no table knows would never mark anything."""
    tables = {
        "directive": DIRECTIVE, "designation": DESIGNATION, "anticipated_crisis": CRISIS, "stay": STAY, "case": CASE,
        "announcement": ANNOUNCEMENT, "emergency_sheet": EMERGENCY_SHEET,
    }  # fmt: skip
    unknown = [
        (kind, deed)
        for kind, deed in STALE_WHEN
        if deed not in {*tables[kind].deeds, *(str(move.action) for move in tables[kind].moves)}
    ]
    assert unknown == []


def test_another_pace_is_a_difference_between_two_versions():
    """A topic that she no longer wishes to speak of, or with somebody else, has changed although its text has not."""

    def content(pace, with_whom=""):
        offer = OfferSnapshot(pace=pace, with_whom=with_whom, offered_on=date(2026, 5, 3), author="")
        shown = TopicSnapshot(topic=topic("crises"), text="Rester ici.", pace=pace, offers=(offer,))
        return content_of(outline="2026-1", topics=[shown], needs=[])

    (never,) = changes_between(content(Pace.OPEN), content(Pace.NEVER))
    assert (never.before, never.after) == (
        "Rester ici.\nD’accord pour en parler",
        "Rester ici.\nNe souhaite pas en parler",
    )
    (other,) = changes_between(content(Pace.WITH_SOMEONE, "sa fille"), content(Pace.WITH_SOMEONE, "son fils"))
    assert (other.before, other.after) == (
        "Rester ici.\nEn présence de sa fille",
        "Rester ici.\nEn présence de son fils",
    )
