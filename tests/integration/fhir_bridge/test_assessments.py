"""Scales as other systems read them."""

from datetime import timedelta

import pytest
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from accounts.kernel.clock import today
from accounts.organisations.models import Organisation
from fhir_bridge.projection.refresh import differences
from pathway.cases.commands import record_level
from pathway.cases.queries import case_snapshot
from pathway.cases.records import RecordLevel
from ppa.assessments.commands import cancel_assessment
from ppa.assessments.records import CancelAssessment
from ppa.assessments.states import Respondent
from tests.factories import assessments, cases, fhir, people
from tests.factories.plans import team

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_her():
    return team()


def partner_of(team):
    return fhir.partner(Organisation.objects.get(pk=team.nurse.organisation_id))


def test_a_result_is_read_with_its_answers_by_the_circle_and_by_nobody_else(round_her):
    assessment_id = assessments.assessment(round_her.person_id, round_her.nurse, note="Au réveil")
    reader = partner_of(round_her)
    shown = reader.get(f"Observation/{assessment_id}")
    assert shown.status_code == 200, shown.content
    body = shown.json()
    Observation.model_validate(body)
    assert body["status"] == "final"
    assert body["code"]["coding"][0]["code"] == "esas"
    assert body["valueQuantity"]["value"] == 9
    assert {part["code"]["coding"][0]["code"]: part["valueQuantity"]["value"] for part in body["component"]} == {
        "esas-pain": 7,
        "esas-breath": 2,
    }
    answers = reader.get(f"QuestionnaireResponse/{assessment_id}").json()
    QuestionnaireResponse.model_validate(answers)
    assert answers["source"]["reference"] == f"Patient/{round_her.person_id}"
    assert [(item["linkId"], item["answer"][0]["valueInteger"]) for item in answers["item"]] == [
        ("pain", 7),
        ("breath", 2),
    ]
    stranger = fhir.partner(people.organisation())
    assert stranger.get(f"Observation/{assessment_id}").status_code == 404
    assert stranger.get(f"QuestionnaireResponse/{assessment_id}").status_code == 404


def test_scores_are_found_by_scale_and_day(round_her):
    person_id = round_her.person_id
    early = assessments.assessment(person_id, round_her.nurse, assessed_on=today() - timedelta(days=9))
    late = assessments.assessment(person_id, round_her.nurse)
    reader = partner_of(round_her)
    found = reader.search("Observation", patient=str(person_id), code="esas").json()
    assert {entry["resource"]["id"] for entry in found["entry"]} == {str(early), str(late)}
    since = (today() - timedelta(days=2)).isoformat()
    found = reader.search("Observation", patient=str(person_id), date=f"ge{since}").json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == [str(late)]
    assert "entry" not in reader.search("Observation", patient=str(person_id), code="ecog").json()


def test_what_was_noted_by_mistake_says_so(round_her):
    assessment_id = assessments.assessment(round_her.person_id, round_her.nurse)
    cancel_assessment(CancelAssessment(assessment_id=assessment_id, version=1), by=round_her.nurse)
    reader = partner_of(round_her)
    assert reader.get(f"Observation/{assessment_id}").json()["status"] == "entered-in-error"
    assert reader.get(f"QuestionnaireResponse/{assessment_id}").json()["status"] == "entered-in-error"
    assert list(differences()) == []


@pytest.mark.parametrize("respondent", list(Respondent))
def test_the_answers_say_who_gave_them(round_her, respondent):
    assessment_id = assessments.assessment(round_her.person_id, round_her.nurse, respondent=respondent)
    answers = partner_of(round_her).get(f"QuestionnaireResponse/{assessment_id}").json()
    QuestionnaireResponse.model_validate(answers)
    assert (
        answers["source"]
        == {
            Respondent.PERSON: {"reference": f"Patient/{round_her.person_id}"},
            Respondent.RELATIVE: {"type": "RelatedPerson", "display": "Un proche"},
            Respondent.PROFESSIONAL: {"reference": f"Practitioner/{round_her.nurse.professional_id}"},
        }[respondent]
    )


def test_each_level_of_gradation_is_read_with_its_day_and_reason_by_the_circle_and_by_nobody_else(round_her):
    case = cases.included(round_her.person_id, round_her.nurse, round_her.coordinator)
    for level, days in ((1, 9), (3, 0)):
        case = case_snapshot(case.id)
        record = RecordLevel(
            case_id=case.id, version=case.version, level=level, reason="Douleur CANARINIVEAU", assessed_on=today() - timedelta(days=days)
        )  # fmt: skip
        record_level(record, by=round_her.coordinator)
    reader = partner_of(round_her)
    found = reader.search("Observation", patient=str(round_her.person_id), code="level").json()
    shown = sorted((one["resource"] for one in found["entry"]), key=lambda one: one["effectiveDateTime"])
    for one in shown:
        Observation.model_validate(one)
        assert one["note"] == [{"text": "Douleur CANARINIVEAU"}]
        assert one["focus"] == [{"reference": f"EpisodeOfCare/{case.id}"}]
    assert [one["valueCodeableConcept"]["coding"][0]["code"] for one in shown] == ["1", "3"]
    assert shown[1]["effectiveDateTime"] == today().isoformat()
    stranger = fhir.partner(people.organisation())
    assert stranger.get(f"Observation/{shown[0]['id']}").status_code == 404
    assert list(differences()) == []
