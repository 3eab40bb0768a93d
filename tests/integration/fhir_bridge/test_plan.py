"""A signed plan as other systems read it, its paper included; a draft is nobody's."""

import base64

import pytest
from fhir.resources.R4B.careplan import CarePlan

from accounts.organisations.models import Organisation
from tests.factories import fhir, people, plans

pytestmark = pytest.mark.django_db


@pytest.fixture
def hospital(team):
    return fhir.partner(Organisation.objects.get(pk=team.physician.organisation_id))


def test_a_draft_is_not_shown(team, hospital):
    plans.agreed(team)
    for rtype in ("CarePlan", "Goal", "DocumentReference"):
        assert "entry" not in hospital.get(f"{rtype}?patient={team.person_id}").json()


def test_a_signed_plan_leads_to_its_goals_and_to_its_paper(team, hospital):
    plans.signed(team)
    answer = hospital.get(
        f"CarePlan?patient={team.person_id}&status=active&category=http://loinc.org|18776-5&_include=CarePlan:goal"
    ).json()
    plan, goal = (entry["resource"] for entry in answer["entry"])
    CarePlan.model_validate(plan)
    assert (plan["resourceType"], goal["resourceType"]) == ("CarePlan", "Goal")
    card = hospital.get(f"DocumentReference?patient={team.person_id}&type=18776-5").json()["entry"][0]["resource"]
    attachment = card["content"][0]["attachment"]
    as_fhir = hospital.get(attachment["url"]).json()
    content = base64.b64decode(as_fhir["data"])
    assert content.startswith(b"%PDF-")
    assert len(content) == attachment["size"]
    as_file = hospital.get(attachment["url"], accept="application/pdf")
    assert (as_file["Content-Type"], as_file.content) == ("application/pdf", content)
    assert hospital.get(attachment["url"], accept="image/png").status_code == 406
    assert hospital.get("Binary/no-uuid").status_code == 404


def test_a_stranger_and_a_client_without_the_scope_get_nothing(team, hospital):
    plans.signed(team)
    found = hospital.get(f"DocumentReference?patient={team.person_id}").json()["entry"]
    url = found[0]["resource"]["content"][0]["attachment"]["url"]
    stranger = fhir.partner(people.organisation())
    assert stranger.get(url).status_code == 404
    assert "entry" not in stranger.get(f"CarePlan?patient={team.person_id}").json()
    assert fhir.partner(hospital.organisation, "system/DocumentReference.rs").get(url).status_code == 403
