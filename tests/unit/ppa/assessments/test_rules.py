"""Scales: which answers they take, what these make, what is suggested."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppa.assessments.records import AssessmentSnapshot
from ppa.assessments.rules import (
    RECENT,
    AnswerMissing,
    AnswerUnknown,
    AssessedAfterDeath,
    AssessedBeforeBirth,
    AssessedInFuture,
    FirstQuestionEnds,
    NothingAnswered,
    RespondentUnfit,
    advice_from,
    charted,
    check_answers,
    check_day,
    check_respondent,
    result_of,
)
from ppa.assessments.scale import present_scales, scale, scales
from ppa.assessments.states import Advice, AssessmentState, Respondent
from ppa.assessments.trend import HEIGHT, MARGIN, WIDTH, trend_of

TODAY = date(2026, 11, 22)
SFAP = 4


def answered(code, *values):
    """Answer the items of a scale in order; `None` leaves one blank."""
    items = scale(code).items
    return {item.code: Decimal(str(value)) for item, value in zip(items, values, strict=False) if value is not None}


def result(code, *values, threshold=SFAP):
    chosen, answers = scale(code), answered(code, *values)
    check_answers(chosen, answers)
    return result_of(chosen, answers, pallia_threshold=threshold)


def taken(code, *values, days_ago=0, state=AssessmentState.RECORDED):
    chosen, answers = scale(code), answered(code, *values)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return AssessmentSnapshot(
        id=uuid4(), version=1, person_id=uuid4(), state=state, scale=chosen, assessed_on=TODAY - timedelta(days=days_ago),
        respondent=chosen.respondents[0], answers=answers, result=result_of(chosen, answers, pallia_threshold=SFAP),
        note="", assessor_id=None, organisation_id=None, created_at=at, updated_at=at,
    )  # fmt: skip


@pytest.mark.parametrize("one", scales(), ids=lambda one: f"{one.code}-{one.version}")
def test_a_scale_is_whole(one):
    assert one.items
    assert one.respondents
    assert min(band.least for band in one.bands) == one.low
    least = sum(min(item.values) for item in one.items)
    most = sum(max(item.values) for item in one.items)
    assert (least, most) == (one.low, one.high)
    assert len({item.code for item in one.items}) == len(one.items)


@pytest.mark.parametrize(
    ("code", "values", "score", "label", "advice"),
    [
        ("pallia-10", [1, 1, 1, 0, 0, 0, 0, 0, 0, 0], 3, "Pas de besoin repéré", None),
        ("pallia-10", [1, 1, 1, 1, 0, 0, 0, 0, 0, 0], 4, "Besoin repéré", Advice.PALLIATIVE_TEAM),
        ("ecog", [4], 4, "Toujours au lit ou au fauteuil", None),
        ("algoplus", [0, 0, 0, 0, 1], 1, "Sous le seuil", Advice.SECOND_SCALE),
        ("algoplus", [1, 0, 0, 0, 1], 2, "Douleur probable", Advice.SYMPTOM),
        ("doloplus", [1, 1, 1, 1], 4, "Sous le seuil", None),
        ("doloplus", [3, 2], 5, "Douleur probable", Advice.SYMPTOM),
        ("pain-nrs", [3], 3, "Douleur légère", None),
        ("esas", [6, 6, 6, 6], 24, "Le plus fort : douleur, 6", None),
        ("esas", [7, 0], 7, "Le plus fort : douleur, 7", Advice.SYMPTOM),
        ("zarit-short", [1, 1, 1, 1, 1, 0, 0], 5, "Charge modérée à sévère", None),
        ("zarit-short", [1, 1, 1, 1, 1, 0.5, 0], "5.5", "Charge sévère", Advice.RESPITE),
    ],
)
def test_answers_make_a_score_its_words_and_what_it_suggests(code, values, score, label, advice):
    found = result(code, *values)
    assert (found.score, found.label, found.advice) == (Decimal(score), label, advice)


def test_the_threshold_of_pallia_10_is_a_setting():
    three = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert result("pallia-10", *three, threshold=3).advice == Advice.PALLIATIVE_TEAM
    assert result("pallia-10", *three, threshold=5).advice is None


def test_blank_items_count_for_nothing_and_are_told():
    assert result("doloplus", 3, None, 2).is_partial
    assert not result("doloplus", *[0] * 10).is_partial


def test_pallia_10_ends_with_a_disease_that_may_be_cured():
    found = result("pallia-10", 0)
    assert (found.score, found.is_partial) == (0, False)
    with pytest.raises(FirstQuestionEnds):
        result("pallia-10", 0, 1)


@pytest.mark.parametrize(
    ("code", "answers", "refusal"),
    [
        ("ecog", {}, NothingAnswered),
        ("ecog", {"level": Decimal(5)}, AnswerUnknown),
        ("ecog", {"other": Decimal(1)}, AnswerUnknown),
        ("karnofsky", {"level": Decimal(55)}, AnswerUnknown),
        ("algoplus", {"i1": Decimal(1)}, AnswerMissing),
        ("pallia-10", {"q2": Decimal(1)}, AnswerMissing),
        ("zarit-short", {"q1": Decimal("0.7")}, AnswerUnknown),
    ],
)
def test_other_answers_are_refused(code, answers, refusal):
    with pytest.raises(refusal):
        check_answers(scale(code), answers)


def test_a_day_lies_within_a_life():
    born, died = date(1950, 1, 2), date(2026, 11, 20)
    check_day(died, born=born, died=died, today=TODAY)
    for day, refusal in (
        (TODAY + timedelta(days=1), AssessedInFuture),
        (date(1950, 1, 1), AssessedBeforeBirth),
        (TODAY, AssessedAfterDeath),
    ):
        with pytest.raises(refusal):
            check_day(day, born=born, died=died, today=TODAY)


def test_who_may_answer_depends_on_the_scale():
    check_respondent(scale("zarit-short"), Respondent.RELATIVE)
    with pytest.raises(RespondentUnfit):
        check_respondent(scale("pain-nrs"), Respondent.PROFESSIONAL)


def test_the_last_result_of_each_scale_advises_and_an_old_one_is_silent():
    high, low = [1] * 10, [1] + [0] * 9
    assert advice_from([taken("pallia-10", *high, days_ago=2)], today=TODAY) == (Advice.PALLIATIVE_TEAM,)
    assert advice_from([taken("pallia-10", *high, days_ago=2), taken("pallia-10", *low)], today=TODAY) == ()
    assert advice_from([taken("pallia-10", *high, days_ago=RECENT.days + 1)], today=TODAY) == ()
    assert advice_from([taken("pallia-10", *high, state=AssessmentState.CANCELLED)], today=TODAY) == ()


def test_a_symptom_felt_twice_running_is_not_relieved():
    once, twice = taken("esas", 5, 0), [taken("esas", 5, 0), taken("esas", 4, 6, days_ago=3)]
    assert advice_from([once], today=TODAY) == ()
    assert advice_from(twice, today=TODAY) == (Advice.SYMPTOM,)
    assert advice_from([taken("esas", 3, 6), taken("esas", 6, 3, days_ago=3)], today=TODAY) == ()


def test_a_low_algoplus_asks_for_doloplus_until_it_is_done():
    low = taken("algoplus", 0, 0, 0, 0, 0, days_ago=1)
    assert advice_from([low], today=TODAY) == (Advice.SECOND_SCALE,)
    assert advice_from([low, taken("doloplus", 1)], today=TODAY) == ()
    assert advice_from([low, taken("doloplus", 1, days_ago=2)], today=TODAY) == (Advice.SECOND_SCALE,)


def test_the_course_of_a_profile_follows_its_strongest_symptom():
    assert charted(taken("esas", 2, 8)) == (8, 0, 10)
    assert charted(taken("algoplus", 1, 1, 1, 0, 0)) == (3, 0, 5)


@given(st.data())
def test_every_allowed_answer_gives_a_score_within_the_scale(data):
    chosen = data.draw(st.sampled_from(present_scales()))
    answers = {
        item.code: data.draw(st.sampled_from(item.values))
        for item in chosen.items
        if item.is_required or data.draw(st.booleans())
    }
    try:
        check_answers(chosen, answers)
    except (NothingAnswered, FirstQuestionEnds):
        return
    found = result_of(chosen, answers, pallia_threshold=SFAP)
    assert chosen.low <= found.score <= chosen.high
    assert found.label


@given(st.lists(st.tuples(st.dates(date(2020, 1, 1), TODAY), st.integers(0, 10)), min_size=1, max_size=20))
def test_a_trend_stays_in_its_picture_and_keeps_the_order(values):
    told = [(day, Decimal(value)) for day, value in sorted(values)]
    trend = trend_of(told, low=Decimal(0), high=Decimal(10))
    assert [(point.day, point.value) for point in trend.points] == told
    assert all(MARGIN <= point.x <= WIDTH - MARGIN and MARGIN <= point.y <= HEIGHT - MARGIN for point in trend.points)
    assert [point.x for point in trend.points] == sorted(point.x for point in trend.points)
