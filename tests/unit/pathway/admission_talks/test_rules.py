"""Whom one asks on admission, what an answer needs, and what follows of it."""

from datetime import date, timedelta
from itertools import product
from uuid import uuid4

import pytest

from pathway.admission_talks import rules
from pathway.admission_talks.records import Known, RecordTalk
from pathway.admission_talks.rules import Step, check_talk, next_steps
from pathway.admission_talks.states import DIRECTIVES_LABELS, TRUSTED_LABELS, DirectivesAnswer, TrustedAnswer

TODAY = date(2026, 11, 23)
ARRIVED = date(2026, 11, 20)
NOTHING = Known(has_directives=False, has_designation=False)


def talk(**fields):
    values = {"asked_on": TODAY, "directives": DirectivesAnswer.NONE, "trusted": TrustedAnswer.DECLINED, **fields}
    return RecordTalk(stay_id=uuid4(), **values)


def check(record=None, **fields):
    values = {
        "born": date(1955, 3, 12),
        "died_on": None,
        "arrived_on": ARRIVED,
        "ended_on": None,
        "today": TODAY,
        **fields,
    }
    check_talk(record or talk(), **values)


@pytest.mark.parametrize(
    ("said", "round_her", "refusal"),
    [
        ({"asked_on": TODAY + timedelta(days=1)}, {}, rules.TalkInFuture),
        ({}, {"died_on": TODAY - timedelta(days=1)}, rules.TalkAfterDeath),
        ({}, {"born": date(2008, 11, 24)}, rules.TalkOfMinor),
        ({}, {"ended_on": TODAY - timedelta(days=1)}, rules.TalkOutsideStay),
        ({"asked_on": ARRIVED - timedelta(days=61)}, {}, rules.TalkOutsideStay),
        ({"directives": DirectivesAnswer.ELSEWHERE, "where": "  "}, {}, rules.PlaceNotSaid),
        ({"where": "Chez le notaire"}, {}, rules.PlaceUnexpected),
        ({"directives": DirectivesAnswer.UNABLE}, {}, rules.AgainMissing),
        ({"trusted": TrustedAnswer.UNABLE}, {}, rules.AgainMissing),
        ({"again_on": TODAY}, {}, rules.AgainTooEarly),
    ],
)
def test_what_cannot_be_written_down_is_refused_in_french(said, round_her, refusal):
    with pytest.raises(refusal) as refused:
        check(talk(**said), **round_her)
    assert refused.value.text.endswith(".")


def test_every_refusal_is_tried():
    tried = {mark.args[1][i][2] for mark in test_what_cannot_be_written_down_is_refused_in_french.pytestmark for i in range(len(mark.args[1]))}  # fmt: skip
    made = {one for one in vars(rules).values() if isinstance(one, type) and one.__module__ == rules.__name__}
    assert {one for one in made if hasattr(one, "code")} == tried


@pytest.mark.parametrize(("directives", "trusted"), list(product(DirectivesAnswer, TrustedAnswer)))
def test_every_answer_is_accepted_whatever_the_other(directives, trusted):
    where = "Chez sa fille" if directives == DirectivesAnswer.ELSEWHERE else ""
    check(talk(directives=directives, trusted=trusted, where=where, again_on=TODAY + timedelta(days=2)))


def test_a_refusal_to_speak_needs_no_reason_and_no_other_day():
    check(talk(directives=DirectivesAnswer.NOT_WISHED, trusted=TrustedAnswer.DECLINED))


def test_a_relative_may_tell_where_they_are_when_she_cannot_answer():
    check(talk(directives=DirectivesAnswer.UNABLE, where="Étude notariale", again_on=TODAY + timedelta(days=1)))


def test_a_talk_may_precede_the_arrival_or_the_day_of_a_death():
    check(talk(asked_on=ARRIVED - timedelta(days=8)))
    check(talk(asked_on=ARRIVED), died_on=TODAY)
    check(talk(), arrived_on=None)


def steps(
    directives=DirectivesAnswer.NONE, trusted=TrustedAnswer.DECLINED, *, known=NOTHING, protected=False, where=""
):
    return next_steps(directives, trusted, is_protected=protected, where=where, known=known)


def test_what_follows_an_answer():
    assert steps() == ()
    assert steps(DirectivesAnswer.HERE) == (Step.RECORD_DIRECTIVES,)
    assert steps(DirectivesAnswer.ELSEWHERE, where="Chez sa fille") == (Step.NOTE_PLACE,)
    assert steps(trusted=TrustedAnswer.WISHES) == (Step.DESIGNATE,)
    assert steps(trusted=TrustedAnswer.DESIGNATED, protected=True) == (Step.DESIGNATE, Step.ASK_LEAVE)
    assert steps(DirectivesAnswer.HERE, protected=True) == (Step.RECORD_DIRECTIVES, Step.ASK_LEAVE)
    assert steps(protected=True) == ()


def test_what_the_file_holds_is_not_asked_for_again():
    known = Known(has_directives=True, has_designation=True)
    for directives, trusted in product(DirectivesAnswer, TrustedAnswer):
        assert steps(directives, trusted, known=known, protected=True, where="Chez sa fille") == ()


def test_every_answer_has_its_words():
    assert set(DIRECTIVES_LABELS) == set(DirectivesAnswer)
    assert set(TRUSTED_LABELS) == set(TrustedAnswer)
