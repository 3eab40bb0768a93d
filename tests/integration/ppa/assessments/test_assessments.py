"""Assessments through their command and their pages."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access.gate import open_trail
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion
from accounts.people.commands import mark_deceased
from accounts.people.records import MarkDeceased
from ppa.assessments.commands import cancel_assessment, record_assessment
from ppa.assessments.queries import assessment_for, assessments_of
from ppa.assessments.records import CancelAssessment, RecordAssessment
from ppa.assessments.rules import AnswerMissing, AssessedAfterDeath
from ppa.assessments.states import Advice, AssessmentState, Respondent
from tests.factories import people
from tests.factories.plans import team
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db
ALGOPLUS = {f"i{number}": Decimal(1) for number in range(1, 6)}


def algoplus(person_id, **fields):
    given = {"assessed_on": today(), "respondent": Respondent.PROFESSIONAL, "answers": ALGOPLUS, **fields}
    return RecordAssessment(person_id=person_id, scale="algoplus", **given)


@pytest.fixture
def round_her():
    return team()


def test_a_scale_is_noted_read_and_taken_back(round_her):
    nurse, person_id = round_her.nurse, round_her.person_id
    receipt = record_assessment(algoplus(person_id, note=" à la toilette "), by=nurse)
    with open_trail():
        noted = assessment_for(receipt.id, actor=round_her.physician)
    assert (noted.result.score, noted.result.advice, noted.note) == (5, Advice.SYMPTOM, "à la toilette")
    assert noted.answers == ALGOPLUS
    cancel_assessment(CancelAssessment(assessment_id=receipt.id, version=1), by=nurse)
    with open_trail():
        [kept] = assessments_of(person_id, actor=nurse)
    assert kept.state == AssessmentState.CANCELLED


def test_what_does_not_hold_is_refused(round_her):
    person_id, nurse = round_her.person_id, round_her.nurse
    with pytest.raises(AnswerMissing):
        record_assessment(algoplus(person_id, answers={"i1": Decimal(1)}), by=nurse)
    receipt = record_assessment(algoplus(person_id), by=nurse)
    with pytest.raises(StaleVersion):
        cancel_assessment(CancelAssessment(assessment_id=receipt.id, version=9), by=nurse)


def test_nobody_is_assessed_after_death(round_her):
    person_id, physician = round_her.person_id, round_her.physician
    mark_deceased(MarkDeceased(person_id=person_id, died_on=today() - timedelta(days=2)), by=physician)
    with pytest.raises(AssessedAfterDeath):
        record_assessment(algoplus(person_id), by=physician)
    record_assessment(algoplus(person_id, assessed_on=today() - timedelta(days=3)), by=physician)


def test_a_stranger_finds_nothing_and_another_organisation_takes_nothing_back(round_her):
    person_id = round_her.person_id
    receipt = record_assessment(algoplus(person_id), by=round_her.nurse)
    stranger = people.actor(Role.NURSE)
    with pytest.raises(NotFound):
        record_assessment(algoplus(person_id), by=stranger)
    with open_trail(), pytest.raises(NotFound):
        assessment_for(receipt.id, actor=stranger)
    with pytest.raises(NotAllowed):
        cancel_assessment(CancelAssessment(assessment_id=receipt.id, version=1), by=round_her.coordinator)


def test_the_pages_lead_from_the_scale_to_its_course(round_her):
    person_id = round_her.person_id
    client = signed_in(round_her.nurse)
    base = f"/personnes/{person_id}/evaluations/"
    assert "Pas encore notée" in client.get(base).content.decode()
    form = client.get(f"{base}noter/esas/").content.decode()
    assert "Essoufflement" in form
    sent = {"assessed_on": today().isoformat(), "respondent": "person", "pain": "7", "breath": "2"}
    answer = client.post(f"{base}noter/esas/", sent, follow=True)
    told = answer.content.decode()
    assert answer.status_code == 200
    assert "Le plus fort : douleur, 7" in told
    assert "9 sur 90" in told
    course = client.get(base).content.decode()
    assert "<polyline" in course
    assert "un appel à l’EMSP peut aider" in course
    assert "Un symptôme paraît mal soulagé" in client.get(f"/personnes/{person_id}/").content.decode()


def test_a_refused_form_says_what_is_missing_beside_the_question(round_her):
    client = signed_in(round_her.nurse)
    base = f"/personnes/{round_her.person_id}/evaluations/noter/pallia-10/"
    sent = {"assessed_on": today().isoformat(), "respondent": "professional", "q1": "0", "q2": "1"}
    answer = client.post(base, sent)
    assert answer.status_code == 422
    assert "PALLIA-10 s’arrête à la première question" in answer.content.decode()


def test_a_stranger_gets_the_page_of_an_unknown_address(round_her):
    receipt = record_assessment(algoplus(round_her.person_id), by=round_her.nurse)
    client = signed_in(people.actor(Role.NURSE))
    base = f"/personnes/{round_her.person_id}/evaluations/"
    assert client.get(base).status_code == 404
    assert client.get(f"{base}{receipt.id}/").status_code == 404
    assert client.get(f"{base}noter/esas/").status_code == 404


def test_the_list_costs_the_same_for_one_and_for_many(round_her):
    client = signed_in(round_her.nurse)
    base = f"/personnes/{round_her.person_id}/evaluations/"
    record_assessment(algoplus(round_her.person_id), by=round_her.nurse)
    client.get(base)
    with CaptureQueriesContext(connection) as one:
        client.get(base)
    for number in range(5):
        record_assessment(
            algoplus(round_her.person_id, assessed_on=today() - timedelta(days=number)), by=round_her.nurse
        )
    with CaptureQueriesContext(connection) as six:
        client.get(base)
    assert len(one) == len(six)
