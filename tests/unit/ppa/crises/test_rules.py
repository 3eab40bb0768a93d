"""What makes a prescription written ahead impossible, and what it is good to know before giving it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppa.crises import rules
from ppa.crises.records import CheckHome, HomeSnapshot, Order, PrescriptionSnapshot, Told, interval, quantity
from ppa.crises.states import DoseUnit, Found, Giver, Route, Symptom

TODAY = date(2026, 11, 22)
ORDER = Order(
    drug="Morphine", dose=Decimal(5), unit=DoseUnit.MILLIGRAM, route=Route.SUBCUTANEOUS, interval_hours=Decimal(4),
    max_24h=Decimal(30), givers=frozenset({Giver.NURSE}), starts_on=TODAY, review_by=TODAY + timedelta(days=30),
    place="Réfrigérateur",
)  # fmt: skip


def prescription(order=ORDER, home=None):
    return PrescriptionSnapshot(
        id=UUID(int=1),
        order=order,
        prescriber_id=None,
        prescriber="",
        written_at=datetime(2026, 11, 1, tzinfo=UTC),
        home=home,
    )


def home(**fields):
    values = {"checked_on": TODAY, "found": Found.PRESENT, "expires_on": None, "note": "", "checker": "", **fields}
    return HomeSnapshot(**values)


def texts(**fields):
    return [flag.text for flag in rules.flags_of(prescription(**fields), today=TODAY)]


@pytest.mark.parametrize(
    ("fields", "refusal", "field", "sentence"),
    [
        ({"drug": "  "}, rules.DrugMissing, "drug", "Écrivez le nom du médicament, avec sa forme et son dosage."),
        ({"dose": Decimal(0)}, rules.DoseNotPositive, "dose", "supérieure à zéro"),
        ({"interval_hours": Decimal(0)}, rules.IntervalOutOfRange, "interval_hours", "un quart d’heure"),
        ({"interval_hours": Decimal(169)}, rules.IntervalOutOfRange, "interval_hours", "sept jours"),
        ({"max_24h": Decimal("4.9")}, rules.MaximumUnderDose, "max_24h", "plus petit qu’une seule prise"),
        ({"max_24h": Decimal("30.1")}, rules.MaximumOutOfReach, "max_24h", "ne peut pas être atteint"),
        ({"givers": frozenset()}, rules.GiversMissing, "givers", "qui peut donner"),
        ({"place": ""}, rules.PlaceMissing, "place", "où se trouve"),
        ({"review_by": TODAY - timedelta(days=1)}, rules.ReviewPassed, "review_by", "déjà passée"),
        ({"starts_on": TODAY + timedelta(days=31)}, rules.ReviewBeforeStart, "review_by", "avant le début"),
    ],
)
def test_a_prescription_that_cannot_be_right_is_refused_with_its_sentence(fields, refusal, field, sentence):
    with pytest.raises(refusal) as told:
        rules.check_order(replace(ORDER, **fields), today=TODAY)
    assert told.value.field == field
    assert sentence in told.value.message


@pytest.mark.parametrize(
    ("hours", "doses"),
    [(Decimal(4), 6), (Decimal(5), 5), (Decimal(24), 1), (Decimal(72), 1), (Decimal("0.5"), 48)],
)
def test_the_interval_says_how_many_doses_a_day_may_hold(hours, doses):
    assert rules.doses_a_day(replace(ORDER, interval_hours=hours)) == doses


@given(
    dose=st.decimals(min_value="0.001", max_value="500", places=3),
    hours=st.decimals(min_value="0.25", max_value="168", places=2),
    share=st.decimals(min_value="0", max_value="1", places=3),
)
def test_an_accepted_prescription_never_gives_more_than_its_maximum_nor_less_than_one_dose(dose, hours, share):
    order = replace(ORDER, dose=dose, interval_hours=hours)
    order = replace(order, max_24h=dose + (dose * rules.doses_a_day(order) - dose) * share)
    rules.check_order(order, today=TODAY)
    assert 1 <= rules.most_doses(order) <= rules.doses_a_day(order)
    assert rules.most_doses(order) * dose <= order.max_24h
    assert rules.order_from(rules.order_content(order)) == order


def test_a_review_date_in_the_past_is_flagged_and_one_that_comes_is_announced():
    assert "À réévaluer depuis le 21/11/2026" in texts(order=replace(ORDER, review_by=TODAY - timedelta(days=1)))
    assert "À réévaluer avant le 25/11/2026" in texts(order=replace(ORDER, review_by=TODAY + timedelta(days=3)))
    assert texts(home=home()) == []


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ({"found": Found.ABSENT}, "Absent du domicile"),
        ({"found": Found.PARTIAL}, "Il en manque au domicile"),
        ({"expires_on": TODAY - timedelta(days=1)}, "Périmé depuis le 21/11/2026"),
        ({"checked_on": TODAY - timedelta(days=31)}, "Pas vérifié depuis le 22/10/2026"),
    ],
)
def test_what_is_really_at_home_is_told(found, sentence):
    assert texts(home=home(**found)) == [sentence]


def test_a_drug_that_nobody_looked_for_is_told():
    assert texts() == ["Personne n’a encore vérifié que le médicament est là"]


def test_a_maximum_that_ends_within_a_dose_is_told():
    assert texts(order=replace(ORDER, max_24h=Decimal(12)), home=home()) == [
        "Le maximum n’est pas un nombre entier de prises : il reste 2\u00a0mg"
    ]


def test_the_gravest_flag_comes_first():
    late = replace(ORDER, review_by=TODAY + timedelta(days=1))
    flags = rules.flags_of(prescription(late, home(found=Found.ABSENT)), today=TODAY)
    assert [flag.tone for flag in flags] == ["crit", "warn"]


def test_what_may_happen_needs_its_signs_its_answer_and_a_name_when_it_is_another():
    told = Told(symptom=Symptom.OTHER, signs="Chute", response="Ne pas relever seul")
    with pytest.raises(rules.CrisisUnnamed):
        rules.check_told(told)
    with pytest.raises(rules.CrisisUntold) as refused:
        rules.check_told(Told(symptom=Symptom.PAIN, signs="Elle crie", response=" "))
    assert refused.value.field == "response"


def test_nobody_has_looked_tomorrow():
    record = CheckHome(prescription_id=UUID(int=1), checked_on=TODAY + timedelta(days=1), found=Found.PRESENT)
    with pytest.raises(rules.CheckedInFuture):
        rules.check_home(record, today=TODAY)


def test_numbers_are_written_in_french():
    assert quantity(Decimal("2.50"), DoseUnit.MILLIGRAM) == "2,5\u00a0mg"
    assert interval(Decimal("0.5")) == "30\u00a0min"
    assert interval(Decimal(100)) == "100\u00a0h"
