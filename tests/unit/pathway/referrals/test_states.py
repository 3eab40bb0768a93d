"""The table of a request's lines: complete, reachable, and the one that states.md settles."""

from itertools import product

import pytest

from accounts.kernel.errors import TransitionRefused
from pathway.referrals.states import (
    BEFORE_ADMISSION,
    LINE,
    LINE_FACTS,
    LIVE,
    REQUEST,
    SHOWN_TO_RECIPIENT,
    DeclineReason,
    LineAction,
    LineState,
    Side,
    WithdrawReason,
    reason_label,
)

A, S = LineAction, LineState
ORDER = {
    (S.DRAFT, A.SEND): S.SENT,
    (S.SENT, A.ACKNOWLEDGE): S.RECEIVED,
    (S.RECEIVED, A.REVIEW): S.UNDER_REVIEW,
    (S.RECEIVED, A.REQUEST_INFO): S.INFO_REQUESTED,
    (S.UNDER_REVIEW, A.REQUEST_INFO): S.INFO_REQUESTED,
    (S.INFO_REQUESTED, A.SUPPLY_INFO): S.INFO_SUPPLIED,
    (S.INFO_SUPPLIED, A.REVIEW): S.UNDER_REVIEW,
    (S.UNDER_REVIEW, A.WAITLIST): S.WAITLISTED,
    (S.UNDER_REVIEW, A.AGREE): S.AGREED_IN_PRINCIPLE,
    (S.UNDER_REVIEW, A.OFFER): S.OFFERED,
    (S.UNDER_REVIEW, A.DECLINE): S.DECLINED,
    (S.WAITLISTED, A.OFFER): S.OFFERED,
    (S.WAITLISTED, A.ADMIT): S.ADMITTED,
    (S.WAITLISTED, A.DECLINE): S.DECLINED,
    (S.AGREED_IN_PRINCIPLE, A.OFFER): S.OFFERED,
    (S.AGREED_IN_PRINCIPLE, A.ADMIT): S.ADMITTED,
    (S.AGREED_IN_PRINCIPLE, A.DECLINE): S.DECLINED,
    (S.OFFERED, A.ADMIT): S.ADMITTED,
    (S.OFFERED, A.DECLINE): S.DECLINED,
    (S.ADMITTED, A.END): S.ENDED,
    (S.SENT, A.EXPIRE): S.EXPIRED,
    (S.RECEIVED, A.EXPIRE): S.EXPIRED,
    (S.INFO_REQUESTED, A.EXPIRE): S.EXPIRED,
    (S.OFFERED, A.EXPIRE): S.EXPIRED,
    **{(state, A.WITHDRAW): S.WITHDRAWN for state in BEFORE_ADMISSION},
    **{(state, A.CLOSE): S.CLOSED_ELSEWHERE for state in BEFORE_ADMISSION},
}


@pytest.mark.parametrize(("state", "action"), list(product(LineState, LineAction)))
def test_the_table_is_the_order_that_was_settled_and_nothing_else(state, action):
    if (state, action) in ORDER:
        assert LINE.target(action, state) == ORDER[state, action]
    else:
        with pytest.raises(TransitionRefused):
            LINE.target(action, state)


def test_every_state_is_reached_named_and_mapped():
    reached = {LINE.initial} | {move.target for move in LINE.moves}
    assert reached == set(LineState) == set(LINE.labels) == set(LINE_FACTS)


def test_what_ends_a_line_is_terminal_and_only_that():
    assert {state for state in LineState if LINE.is_terminal(state)} == set(LineState) - set(LIVE)


def test_a_button_is_offered_only_for_what_a_person_does():
    acting = {move.action for move in LINE.moves if move.label}
    for move in LINE.moves:
        if LINE_FACTS[LineState(move.target)].set_by in (Side.CLOCK, Side.ACT):
            assert move.action not in acting


def test_a_structure_sees_neither_what_was_not_sent_nor_what_it_lost():
    hidden = {S.DRAFT, S.DECLINED, S.WITHDRAWN, S.CLOSED_ELSEWHERE, S.EXPIRED}
    assert set(LineState) - set(SHOWN_TO_RECIPIENT) == hidden


def test_every_reason_has_its_words():
    assert all(reason_label(S.DECLINED, reason) for reason in DeclineReason)
    assert all(reason_label(S.WITHDRAWN, reason) for reason in WithdrawReason)
    assert reason_label(S.SENT, "no-place") == ""


def test_the_request_itself_has_four_states():
    assert REQUEST.states == ("draft", "active", "completed", "revoked")
