"""What a question, its term and its answer must say."""

from uuid import uuid4

import pytest

from pathway.opinions.rules import (
    MOST_DAYS,
    AnswerMissing,
    ExpertUnknown,
    QuestionTooShort,
    TooLong,
    check_answer,
    check_expert,
    check_question,
)
from pathway.opinions.states import OPINION, OpinionAction, OpinionState


def test_a_question_says_something_and_has_a_term():
    check_question("Faut-il adapter la morphine ?", MOST_DAYS)
    with pytest.raises(QuestionTooShort):
        check_question("  Avis ?   ", 14)
    for days in (0, MOST_DAYS + 1):
        with pytest.raises(TooLong):
            check_question("Faut-il adapter la morphine ?", days)


def test_only_somebody_of_the_list_is_asked():
    known = uuid4()
    check_expert(known, among={known})
    with pytest.raises(ExpertUnknown):
        check_expert(uuid4(), among={known})


def test_an_answer_is_not_empty():
    check_answer("Oui.")
    with pytest.raises(AnswerMissing):
        check_answer("  ")


def test_whatever_ends_a_question_ends_it_for_good():
    for state in OpinionState:
        moves = [action for action in OpinionAction if OPINION.may(action, state)]
        assert bool(moves) == (state == OpinionState.ASKED)
