"""By when a structure asks about directives and proposes a trusted person."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from pathway.stays.asking import ASKING_KINDS, asking_rules, due_after, question_of
from pathway.stays.records import StaySnapshot
from pathway.stays.states import StayKind, StayState

ARRIVED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)
ADULT = date(1955, 3, 12)


def stay(**fields):
    values = {
        "kind": StayKind.HOSPITAL, "state": StayState.IN_PROGRESS, "planned_for": None, "admitted_at": ARRIVED, "ended_at": None,
        "destination": None, "note": "", "line_id": None, "request_id": None, "version": 1, **fields,
    }  # fmt: skip
    names = {"organisation_name": "Hôpital (fictif)", "offer_name": "USP (fictif)"}
    ids = {name: uuid4() for name in ("id", "person_id", "organisation_id", "offer_id")}
    return StaySnapshot(created_at=ARRIVED, updated_at=ARRIVED, **ids, **names, **values)


def asked(born=ADULT, today=TODAY, **fields):
    return question_of(stay(**fields), born=born, today=today)


@pytest.mark.parametrize(
    ("kind", "days"), [(StayKind.HOSPITAL, 2), (StayKind.HOME_HOSPITAL, 2), (StayKind.HOUSE, 0), (StayKind.HOME, None)]
)
def test_each_kind_of_stay_has_its_rule(kind, days):
    due = due_after(kind, date(2026, 11, 20))
    assert due == (None if days is None else date(2026, 11, 20) + timedelta(days=days))
    assert (kind in ASKING_KINDS) == (days is not None)


def test_each_rule_names_its_source_and_how_sure_it_is():
    assert {rule.kind for rule in asking_rules()} == set(StayKind)
    assert all(rule.source and rule.wording in ("verified", "bill", "assumed") for rule in asking_rules())


def test_the_question_waits_until_it_is_put_and_is_late_after_its_day():
    assert asked(today=date(2026, 11, 22)).waits
    assert not asked(today=date(2026, 11, 22)).is_late
    assert asked().is_late
    put = asked(asked_on=date(2026, 11, 21))
    assert (put.waits, put.is_late, put.by) == (False, False, None)


def test_it_waits_again_from_the_day_on_which_one_comes_back_to_it():
    said = {"asked_on": date(2026, 11, 20), "ask_again_on": date(2026, 11, 22)}
    assert not asked(today=date(2026, 11, 21), **said).waits
    assert asked(today=date(2026, 11, 22), **said).waits
    assert asked(**said).by == date(2026, 11, 22)


@pytest.mark.parametrize("state", [StayState.PLANNED, StayState.FINISHED, StayState.CANCELLED])
def test_nothing_waits_for_who_is_not_there(state):
    assert not asked(state=state, admitted_at=None if state == StayState.PLANNED else ARRIVED).waits
    assert not asked(state=state, asked_on=date(2026, 11, 20), ask_again_on=date(2026, 11, 21)).waits


def test_nothing_is_asked_of_a_minor():
    assert not asked(born=date(2008, 11, 24)).waits
    assert asked(born=date(2008, 11, 23)).waits


def test_the_day_of_an_arrival_is_that_of_paris():
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert asked(kind=StayKind.HOUSE, admitted_at=late).due_by == date(2026, 11, 21)
