"""The life of a coordination file and what each act on it asks for."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from accounts.kernel.errors import TransitionRefused
from pathway.cases import rules
from pathway.cases.states import CASE, OPEN, CaseAction, CaseState, ClosingReason

TODAY = date(2026, 11, 22)


def test_every_state_is_reached_and_every_action_has_a_move():
    assert {move.target for move in CASE.moves} == set(CaseState) - {CASE.initial}
    assert {move.action for move in CASE.moves} == set(CaseAction)


def test_closed_and_declined_are_the_only_ends():
    assert {state for state in CaseState if CASE.is_terminal(state)} == set(CaseState) - OPEN


@pytest.mark.parametrize(
    ("action", "state"),
    [
        (CaseAction.START, CaseState.SIGNALLED),
        (CaseAction.ASSIGN, CaseState.SIGNALLED),
        (CaseAction.HAND_OVER, CaseState.ASSIGNED),
        (CaseAction.DECLINE, CaseState.INCLUDED),
        (CaseAction.CLOSE, CaseState.CLOSED),
    ],
)
def test_a_move_out_of_order_is_refused(action, state):
    with pytest.raises(TransitionRefused):
        CASE.target(action, state)


def test_a_handed_over_file_becomes_active_again():
    assert CASE.target(CaseAction.START, CaseState.HANDED_OVER) == CaseState.ACTIVE


def test_a_signalement_says_why_unless_a_plan_was_proposed():
    rules.check_signal(reason="", from_proposal=True, died_on=None)
    with pytest.raises(rules.SignalReasonMissing):
        rules.check_signal(reason=" ", from_proposal=False, died_on=None)
    with pytest.raises(rules.SignalledAfterDeath):
        rules.check_signal(reason="Isolement", from_proposal=False, died_on=TODAY)


def test_a_referent_is_another_coordinator_of_the_dac():
    present, colleague = uuid4(), uuid4()
    rules.check_coordinator(colleague, present=present, colleagues={present, colleague})
    with pytest.raises(rules.SameCoordinator):
        rules.check_coordinator(present, present=present, colleagues={present})
    with pytest.raises(rules.NotACoordinatorHere):
        rules.check_coordinator(uuid4(), present=present, colleagues={present})


@pytest.mark.parametrize(
    ("level", "reason", "assessed_on", "refusal"),
    [
        (0, "Stable", TODAY, rules.LevelUnknown),
        (4, "Stable", TODAY, rules.LevelUnknown),
        (2, " ", TODAY, rules.LevelReasonMissing),
        (2, "Stable", TODAY + timedelta(days=1), rules.LevelInFuture),
    ],
)
def test_a_level_is_one_of_three_justified_and_not_of_tomorrow(level, reason, assessed_on, refusal):
    with pytest.raises(refusal):
        rules.check_level(level, reason=reason, assessed_on=assessed_on, today=TODAY)


def test_a_next_action_has_a_text_and_a_day_to_come_or_neither():
    rules.check_next_action("", due_on=None, today=TODAY)
    rules.check_next_action("Appeler sa fille", due_on=TODAY, today=TODAY)
    for action, due_on, refusal in [
        ("Appeler", None, rules.ActionIncomplete),
        ("", TODAY, rules.ActionIncomplete),
        ("Appeler", TODAY - timedelta(days=1), rules.ActionInPast),
    ]:
        with pytest.raises(refusal):
            rules.check_next_action(action, due_on=due_on, today=TODAY)


def test_before_inclusion_only_a_death_closes():
    rules.check_closing(CaseState.SIGNALLED, ClosingReason.DEATH)
    rules.check_closing(CaseState.ACTIVE, ClosingReason.MOVED)
    with pytest.raises(rules.ClosedBeforeInclusion):
        rules.check_closing(CaseState.SIGNALLED, ClosingReason.MOVED)
