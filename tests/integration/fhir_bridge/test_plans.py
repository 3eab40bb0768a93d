"""A plan read by the system of a team of the circle, and by nobody else's."""

import base64

import pytest
from fhir.resources.R4B.careplan import CarePlan
from fhir.resources.R4B.documentreference import DocumentReference
from fhir.resources.R4B.goal import Goal

from accounts.access.unit import run_together
from accounts.kernel.clock import today
from accounts.organisations.models import Organisation
from accounts.people.closing import close_after_death
from accounts.people.commands import mark_deceased
from accounts.people.records import MarkDeceased
from fhir_bridge.projection.refresh import differences
from ppa.plans.models import PlanVersion
from ppa.plans.states import PlanState
from tests.factories import fhir, people, plans

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner(team):
    return fhir.partner(Organisation.objects.get(pk=team.nurse.organisation_id))


def found(partner, rtype, person_id):
    response = partner.search(rtype, patient=str(person_id))
    assert response.status_code == 200, response.content
    return [
        entry["resource"] for entry in response.json().get("entry", []) if entry["resource"]["resourceType"] == rtype
    ]


def test_a_signed_plan_is_read_with_its_goals_and_its_paper_down_to_the_bytes(team, partner):
    plans.signed(team)
    (care_plan,) = found(partner, "CarePlan", team.person_id)
    CarePlan.model_validate(care_plan)
    assert care_plan["status"] == "active"
    Goal.model_validate(partner.get(care_plan["goal"][0]["reference"]).json())
    paper = partner.get(care_plan["supportingInfo"][0]["reference"]).json()
    DocumentReference.model_validate(paper)
    binary = partner.get(paper["content"][0]["attachment"]["url"]).json()
    content = base64.b64decode(binary["data"])
    assert content.startswith(b"%PDF-")
    assert len(content) == paper["content"][0]["attachment"]["size"]
    assert list(differences()) == []


def test_another_team_s_system_finds_no_plan(team):
    plans.signed(team)
    stranger = fhir.partner(people.organisation())
    assert found(stranger, "CarePlan", team.person_id) == []
    assert stranger.get(f"CarePlan/{PlanVersion.objects.get().id}").status_code == 404


def test_a_draft_is_not_found(team, partner):
    plans.agreed(team)
    assert found(partner, "CarePlan", team.person_id) == []


def test_a_death_closes_the_plan_and_its_care_plan_is_completed(team, partner):
    plan = plans.signed(team)

    def die(run):
        receipt = run(mark_deceased, MarkDeceased(person_id=team.person_id, died_on=today()))
        close_after_death(team.person_id, today(), run)
        return receipt

    run_together(die, by=team.physician, fingerprint="death")
    assert plans.present(plan).state == PlanState.CLOSED
    assert [one["status"] for one in found(partner, "CarePlan", team.person_id)] == ["completed"]
