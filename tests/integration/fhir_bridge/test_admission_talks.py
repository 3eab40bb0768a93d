"""What was asked on admission, as other systems read it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from accounts.access.circle import enter
from accounts.access.models import CircleMembership
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.kernel.clock import now, today
from fhir_bridge.mappers.admission_talk import questionnaire
from fhir_bridge.projection.refresh import differences
from fhir_bridge.r4.validation import validate
from pathway.admission_talks.states import (
    DIRECTIVES_LABELS,
    HANDED_LABELS,
    TRUSTED_LABELS,
    DirectivesAnswer,
    Handed,
    TrustedAnswer,
)
from tests.factories import fhir, people, referrals
from tests.factories.admission_talks import stay_at, talk

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    unit = referrals.structure()
    person_id = people.person(unit.nurse)
    stay_id = stay_at(unit, person_id)
    said = {"directives": DirectivesAnswer.ELSEWHERE, "where": "Étude Canarinotaire", "handed": frozenset(Handed)}
    return unit, person_id, stay_id, talk(stay_id, unit.nurse, **said)


def answers(body):
    return {item["linkId"]: item["answer"] for item in body["item"]}


def test_the_question_and_the_answers_are_read_by_the_circle_and_by_nobody_else(told):
    unit, person_id, stay_id, kept = told
    reader = fhir.partner(unit.organisation)
    shown = reader.get(f"QuestionnaireResponse/{kept.id}")
    assert shown.status_code == 200, shown.content
    body = shown.json()
    QuestionnaireResponse.model_validate(body)
    assert body["encounter"]["reference"] == f"Encounter/{stay_id}"
    assert body["source"]["reference"] == f"Patient/{person_id}"
    assert body["authored"] == today().isoformat()
    said = answers(body)
    assert said["directives"][0]["valueCoding"]["code"] == "directives-elsewhere"
    assert said["directives-place"][0]["valueString"] == "Étude Canarinotaire"
    assert len(said["handed"]) == len(Handed)
    found = reader.get(f"QuestionnaireResponse?encounter=Encounter/{stay_id}").json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == [str(kept.id)]
    stranger = fhir.partner(people.organisation())
    assert stranger.get(f"QuestionnaireResponse/{kept.id}").status_code == 404
    assert stranger.get(f"QuestionnaireResponse?encounter=Encounter/{stay_id}").json().get("entry", []) == []
    assert [one for one in differences() if one.startswith(("QuestionnaireResponse/", "Encounter/"))] == []


def test_it_is_closed_with_the_circle(told):
    _, person_id, _, kept = told
    other = people.organisation()
    enter(OpenMembership(person_id=person_id, organisation_id=other.id, basis=Basis.CONSENT, source_id=uuid4()))
    reader = fhir.partner(other)
    assert reader.get(f"QuestionnaireResponse/{kept.id}").status_code == 200
    CircleMembership.objects.filter(person=person_id, organisation=other).update(ends_at=now())
    assert reader.get(f"QuestionnaireResponse/{kept.id}").status_code == 404


def test_who_could_not_answer_is_no_source(told):
    unit, _, stay_id, _ = told
    silent = talk(
        stay_id, unit.nurse, directives=DirectivesAnswer.UNABLE, trusted=TrustedAnswer.UNABLE, again_on=today() + timedelta(days=1)
    )  # fmt: skip
    body = fhir.partner(unit.organisation).get(f"QuestionnaireResponse/{silent.id}").json()
    assert "source" not in body
    assert answers(body)["again-on"] == [{"valueDate": (today() + timedelta(days=1)).isoformat()}]


def test_any_words_are_told_without_what_a_resource_cannot_hold(told):
    unit, _, stay_id, _ = told
    odd = talk(stay_id, unit.nurse, note="\x07<script>\u202e Élan 🌿")
    body = fhir.partner(unit.organisation).get(f"QuestionnaireResponse/{odd.id}").json()
    QuestionnaireResponse.model_validate(body)
    assert answers(body)["note"][0]["valueString"] == "<script>\u202e Élan 🌿"


def test_the_questionnaire_is_served_and_holds_every_answer(told):
    unit, _, _, kept = told
    made = questionnaire()
    Questionnaire.model_validate(made)
    validate(made)
    reader = fhir.partner(unit.organisation)
    canonical = reader.get(f"QuestionnaireResponse/{kept.id}").json()["questionnaire"]
    url, _, version = canonical.partition("|")
    (entry,) = reader.get(f"Questionnaire?url={url}&version={version}").json()["entry"]
    offered = {item["linkId"]: len(item.get("answerOption", [])) for item in entry["resource"]["item"]}
    assert offered["directives"] == len(DIRECTIVES_LABELS)
    assert offered["trusted-person"] == len(TRUSTED_LABELS)
    assert offered["handed"] == len(HANDED_LABELS)
