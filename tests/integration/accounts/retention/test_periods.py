"""Periods of conservation: who decides on another one, what it would bring to its end, and that the former stays written."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from accounts.access.rules import STEP_UP
from accounts.audit.models import AuditRow
from accounts.kernel.actor import Role
from accounts.kernel.clock import now
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, StepUpNeeded, VersionMissing
from accounts.organisations.models import Organisation
from accounts.retention.commands import set_period
from accounts.retention.models import RetentionRule
from accounts.retention.periods import due_now, ending_within_a_year, kept, rules
from accounts.retention.records import SetPeriod
from accounts.retention.rules import PeriodUnchanged, PeriodUnreasonable, PeriodWithoutText
from accounts.retention.states import Trigger
from tests.factories import identities, people
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db
DECISION = "Décision du directeur du 3 mars 2026, référentiel de la CNIL"
PAGE, CHANGE = "/conservation/", "/conservation/durees/last_activity/"


@pytest.fixture
def nurse():
    return people.actor(Role.NURSE)


@pytest.fixture
def person_id(nurse):
    return people.person(nurse)


@pytest.fixture
def officer(nurse):
    return people.actor(Role.PRIVACY_OFFICER, Organisation.objects.get(pk=nurse.organisation_id))


def to(years, **fields):
    values = {"trigger": Trigger.LAST_ACTIVITY, "years": years, "basis": DECISION, "version": 1, **fields}
    return SetPeriod(**values)


@pytest.mark.parametrize("role", [Role.PRIVACY_OFFICER, Role.TECHNICAL_ADMIN])
def test_another_period_is_in_force_at_once_and_the_former_stays(role):
    actor = people.actor(role)
    receipt = set_period(to(25), by=actor)
    assert (rules()[Trigger.LAST_ACTIVITY].years, receipt.version) == (25, 2)
    rows = RetentionRule.objects.filter(object="person_file", trigger="last_activity").order_by("number")
    assert [(row.years, row.set_by) for row in rows] == [(20, None), (25, actor.id)]
    assert rules()[Trigger.BIRTH].years == 28
    assert AuditRow.objects.filter(action="retention_purge.set_period", actor_id=actor.id, outcome="allowed").exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        RetentionRule.objects.filter(number=1).update(years=1)


def test_only_by_who_may_with_both_factors_just_given_and_from_what_he_read(officer):
    with pytest.raises(StepUpNeeded):
        set_period(to(25), by=replace(officer, authenticated_at=now() - STEP_UP - timedelta(minutes=1)))
    for role in (Role.COORDINATOR, Role.PHYSICIAN, Role.RIGHTS_MANAGER):
        with pytest.raises(NotAllowed):
            set_period(to(25), by=people.actor(role))
    with pytest.raises(VersionMissing):
        set_period(to(25, version=None), by=officer)
    set_period(to(25), by=officer)
    with pytest.raises(StaleVersion):
        set_period(to(30), by=officer)


@pytest.mark.parametrize(
    ("record", "refusal"),
    [
        (to(4), PeriodUnreasonable),
        (to(101), PeriodUnreasonable),
        (to(25, basis="parce que"), PeriodWithoutText),
    ],
)
def test_what_makes_no_rule(officer, record, refusal):
    with pytest.raises(refusal):
        set_period(record, by=officer)
    with pytest.raises(PeriodUnchanged):
        set_period(to(20, basis=rules()[Trigger.LAST_ACTIVITY].basis), by=officer)
    assert RetentionRule.objects.filter(object="person_file").count() == 3


def test_what_is_due_follows_the_rules_of_that_moment(person_id, officer, clock):
    clock.forward(days=365.25 * 12)
    assert due_now() == []
    assert ending_within_a_year(rules()).total() == 0
    officer = replace(officer, authenticated_at=now())
    set_period(to(10), by=officer)
    assert [one.reference for one in due_now()] == [person_id]
    assert ending_within_a_year(rules()) == {Trigger.LAST_ACTIVITY: 1}
    set_period(to(20, version=2), by=officer)
    assert due_now() == []


def test_the_page_shows_what_another_period_would_do_before_it_is_decided(person_id, officer, clock):
    clock.forward(days=365.25 * 12)
    client = signed_in(officer)
    shown = client.get(PAGE).content.decode()
    assert CHANGE in shown
    assert "20 ans" in shown
    form = client.get(CHANGE).content.decode()
    assert "Code de la santé publique" in form
    asked = {"years": 10, "basis": DECISION, "version": 1}
    seen = client.post(CHANGE, {**asked, "look": "1"})
    assert (seen.status_code, rules()[Trigger.LAST_ACTIVITY].years) == (200, 20)
    assert "1 dossier à terme d’ici un an, contre 0 aujourd’hui" in seen.content.decode()
    assert "C’est plus court" in seen.content.decode()
    assert client.post(CHANGE, asked).status_code == 302
    after = client.get(PAGE).content.decode()
    assert "10 ans" in after
    assert "Durées précédentes" in after
    assert client.post(CHANGE, {**asked, "years": 2}).status_code == 422


def test_the_page_is_for_those_who_decide(nurse, officer):
    assert signed_in(nurse).get(CHANGE).status_code == 404
    assert signed_in(officer).get("/conservation/durees/inconnu/").status_code == 404


def test_who_is_not_there_and_who_is_filed_elsewhere_is_unknown():
    pair = identities.pair()
    identities.merged(pair)
    assert kept(pair.kept_id).until > now().date()
    for gone in (pair.merged_id, uuid4()):
        with pytest.raises(NotFound):
            kept(gone)
