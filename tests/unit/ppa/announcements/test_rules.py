"""What an announcement, a proposal and an answer must hold."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from ppa.announcements import rules
from ppa.announcements.records import Answer, RecordAnnouncement
from ppa.announcements.states import PROPOSAL, ProposalAction, ProposalState, Trigger

TODAY = date(2026, 11, 22)
GOOD = RecordAnnouncement(
    person_id=uuid4(), trigger=Trigger.SERIOUS_ILLNESS, announced_on=date(2026, 11, 20), diagnosis_code="C34.1"
)


def check(record, *, born_on=date(1955, 3, 12), died_on=None):
    rules.check_announcement(record, born_on=born_on, died_on=died_on, today=TODAY)


@pytest.mark.parametrize("code", ["C34.1", "c341", "G30", "I50.0", " f05.1 ", "M62.8-0", "C34.10+8"])
def test_a_code_of_the_cim10_is_taken_in_any_usual_form(code):
    check(replace(GOOD, diagnosis_code=code))


def test_a_code_is_kept_in_capitals_with_its_dot():
    assert rules.normalised_code(" c341 ") == "C34.1"
    assert rules.normalised_code("g30") == "G30"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"announced_on": date(2026, 11, 23)}, rules.AnnouncedInFuture),
        ({"announced_on": date(1955, 3, 11)}, rules.AnnouncedBeforeBirth),
        ({"diagnosis_code": "34C"}, rules.DiagnosisCodeWrong),
        ({"diagnosis_code": "cancer"}, rules.DiagnosisCodeWrong),
        ({"diagnosis_code": " "}, rules.DiagnosisMissing),
    ],
)
def test_an_impossible_announcement_is_refused(change, refusal):
    with pytest.raises(refusal):
        check(replace(GOOD, **change))


def test_nothing_is_announced_after_a_death():
    with pytest.raises(rules.PersonHasDied):
        check(GOOD, died_on=date(2026, 11, 21))


@pytest.mark.parametrize(
    ("proposed_on", "refusal"),
    [(date(2026, 11, 23), rules.ProposedInFuture), (date(2026, 11, 19), rules.ProposedBeforeAnnouncement)],
)
def test_a_plan_is_proposed_at_the_announcement_or_later_never_tomorrow(proposed_on, refusal):
    rules.check_proposal(proposed_on=GOOD.announced_on, announced_on=GOOD.announced_on, today=TODAY)
    with pytest.raises(refusal):
        rules.check_proposal(proposed_on=proposed_on, announced_on=GOOD.announced_on, today=TODAY)


@pytest.mark.parametrize(
    ("answer", "answered_on", "come_back_on", "refusal"),
    [
        (Answer.ACCEPTED, date(2026, 11, 23), None, rules.AnsweredInFuture),
        (Answer.ACCEPTED, date(2026, 11, 19), None, rules.AnsweredBeforeProposal),
        (Answer.DEFERRED, date(2026, 11, 21), None, rules.ComeBackDateMissing),
        (Answer.DEFERRED, date(2026, 11, 21), date(2026, 11, 21), rules.ComeBackDateMissing),
    ],
)
def test_an_impossible_answer_is_refused(answer, answered_on, come_back_on, refusal):
    with pytest.raises(refusal):
        rules.check_answer(
            answer, answered_on=answered_on, come_back_on=come_back_on, proposed_on=date(2026, 11, 20), today=TODAY
        )


def test_every_answer_may_be_taken_back_and_every_state_is_reached():
    answers = [ProposalAction(answer) for answer in Answer]
    assert all(PROPOSAL.may(action, state) for action in answers for state in ProposalState)
    assert {move.target for move in PROPOSAL.moves} == set(ProposalState)
