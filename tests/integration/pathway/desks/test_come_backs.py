"""What was put off to a day comes back on the desk of the professionals, never before; so does a drug past its review."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access.circle import enter
from accounts.access.gate import open_trail
from accounts.access.models import Opposition
from accounts.access.records import OpenMembership
from accounts.access.states import Basis, Category, ConsentMeans
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from pathway.desks.come_backs import DRUGS, TOPICS, TRUSTED, come_backs
from pathway.stays.commands import record_death
from pathway.stays.records import RecordDeath
from ppa.crises.commands import stop_prescription
from ppa.crises.models import Prescription
from ppa.crises.records import StopPrescription
from ppa.plans.commands import set_topic_pace
from ppa.plans.records import SetTopicPace
from ppa.plans.states import Pace
from ppa.trusted_persons.commands import answer_proposal, propose_trusted_person
from ppa.trusted_persons.records import AnswerProposal, ProposeTrustedPerson
from tests.factories import crises, people, plans, trusted_persons
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def dac():
    return people.actor(Role.COORDINATOR, people.coordination())


def followed(dac):
    team = plans.team()
    enter(OpenMembership(person_id=team.person_id, organisation_id=dac.organisation_id, basis=Basis.COORDINATION))
    return team


def put_off(team, plan, *, until, code="what_matters", pace=Pace.NOT_NOW):
    record = SetTopicPace(
        plan_id=plan.id, code=code, pace=pace, offered_on=today(), come_back_on=until, with_whom="Sa fille"
    )
    set_topic_pace(record, by=team.coordinator)


def put_off_trusted(team, *, until):
    proposed = propose_trusted_person(
        ProposeTrustedPerson(person_id=team.person_id, proposed_on=today()), by=team.nurse
    )
    answer_proposal(
        AnswerProposal(designation_id=proposed.id, version=1, declines=True, answered_on=today(), come_back_on=until),
        by=team.nurse,
    )


def prescribed(team):
    crisis = crises.foreseen(team.person_id, team.physician)
    (drug,) = crisis.prescriptions
    assert Prescription.objects.get().review_by == drug.order.review_by
    return drug


def everything(dac):
    """Return a person for whom all three come back in thirty days."""
    team = followed(dac)
    put_off(team, plans.plan(team), until=today() + 30 * DAY)
    put_off_trusted(team, until=today() + 30 * DAY)
    crises.prescription(crises.crisis(team.person_id, team.physician), team.physician, review_by=today() + 30 * DAY)
    return team


def due(actor):
    with open_trail():
        return [(one.person_id, one.why, one.about) for one in come_backs(actor)]


def test_what_was_put_off_comes_back_on_its_day_and_a_drug_the_day_after_its_review(dac, clock):
    team = everything(dac)
    clock.forward(days=29)
    assert due(dac) == []
    clock.forward(days=1)
    assert due(dac) == [
        (team.person_id, TRUSTED, ()),
        (team.person_id, TOPICS, ("Ce qui compte pour la personne",)),
    ]
    clock.forward(days=1)
    assert (team.person_id, DRUGS, (crises.DRUG,)) in due(dac)
    page = signed_in(dac).get("/").content.decode()
    for words in ("À reprendre", TOPICS, TRUSTED, DRUGS, crises.DRUG):
        assert words in page, words


@pytest.mark.parametrize("pace", [Pace.OPEN, Pace.NEVER, Pace.WITH_SOMEONE, Pace.NOT_NOW])
def test_only_her_last_answer_on_a_topic_counts(dac, clock, pace):
    team = followed(dac)
    plan = plans.plan(team)
    put_off(team, plan, until=today() + DAY)
    clock.forward(seconds=1)
    put_off(team, plan, until=today() + 60 * DAY, pace=pace)
    clock.forward(days=2)
    assert due(dac) == []


def test_the_topics_of_one_person_share_a_line(dac, clock):
    team = followed(dac)
    plan = plans.plan(team)
    put_off(team, plan, until=today() + 2 * DAY)
    put_off(team, plan, until=today() + DAY, code="carers")
    clock.forward(days=3)
    ((_, _, about),) = due(dac)
    assert len(about) == 2


def test_who_designated_somebody_since_is_not_asked_again(dac, clock):
    team = followed(dac)
    put_off_trusted(team, until=today() + DAY)
    clock.forward(days=1)
    assert [why for _, why, _ in due(dac)] == [TRUSTED]
    trusted_persons.designation(team.person_id, people.relative(team.person_id, team.nurse), team.nurse)
    assert due(dac) == []


def test_a_drug_that_was_stopped_or_whose_person_died_is_not_reviewed(dac, clock):
    stopped, dead = followed(dac), followed(dac)
    for team in (stopped, dead):
        crises.prescription(crises.crisis(team.person_id, team.physician), team.physician, review_by=today())
        put_off(team, plans.plan(team), until=today() + DAY)
        put_off_trusted(team, until=today() + DAY)
    clock.forward(days=1)
    assert len(due(dac)) == 6
    row = Prescription.objects.get(crisis__person=stopped.person_id)
    stop_prescription(StopPrescription(prescription_id=row.id, version=row.crisis.version), by=stopped.physician)
    record_death(RecordDeath(person_id=dead.person_id, died_on=today()), by=dead.physician)
    assert sorted(due(dac)) == sorted(
        [(stopped.person_id, TOPICS, ("Ce qui compte pour la personne",)), (stopped.person_id, TRUSTED, ())]
    )


def test_it_comes_back_to_her_circle_alone_and_to_nobody_whom_she_refused(dac, clock):
    team = everything(dac)
    clock.forward(days=31)
    assert len(due(dac)) == len(due(team.nurse)) == len(due(team.physician)) == 3
    assert due(people.actor(Role.COORDINATOR, people.coordination())) == []
    assert due(people.actor(Role.BED_MANAGER)) == []
    refusal = Opposition.objects.create(
        person_id=team.person_id, organisation_id=dac.organisation_id, category=Category.PLAN, stated_on=today(), means=ConsentMeans.SPOKEN
    )  # fmt: skip
    assert [why for _, why, _ in due(dac)] == [TRUSTED]
    Opposition.objects.filter(pk=refusal.pk).update(category=Category.ALL)
    assert due(dac) == []


def test_the_desk_costs_the_same_for_one_person_and_for_five(dac, clock):
    def cost():
        client = signed_in(dac)
        client.get("/")
        with CaptureQueriesContext(connection) as statements:
            client.get("/")
        return len(statements)

    everything(dac)
    clock.forward(days=31)
    one = cost()
    for _ in range(4):
        everything(dac)
    clock.forward(days=31)
    assert len(due(dac)) == 15
    assert cost() == one


def test_the_days_of_earlier_prescriptions_are_told_by_the_migration(dac):
    drug = prescribed(followed(dac))
    Prescription.objects.update(review_by=None)
    import_module("ppa.migrations.0018_days_to_review").tell_the_days(apps, None)
    assert Prescription.objects.get().review_by == drug.order.review_by
