"""A plan read by the system of a team of the circle, and by nobody else's."""

import base64
from datetime import timedelta

import pytest
from fhir.resources.R4B.careplan import CarePlan
from fhir.resources.R4B.careteam import CareTeam
from fhir.resources.R4B.documentreference import DocumentReference
from fhir.resources.R4B.goal import Goal

from accounts.access.permissions import Permission
from accounts.access.rules import MATRIX
from accounts.access.unit import run_together
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.organisations.models import Organisation
from accounts.people.closing import close_after_death
from accounts.people.commands import mark_deceased
from accounts.people.records import MarkDeceased
from fhir_bridge.projection.refresh import differences
from fhir_bridge.repository.catalogue import CATALOGUE
from ppa.plans.commands import (
    abandon_revision,
    follow_action,
    record_conversation,
    revise_plan,
    set_review,
    take_agreement_back,
)
from ppa.plans.models import PlannedAction, PlanVersion
from ppa.plans.records import (
    AbandonRevision,
    FollowAction,
    RecordConversation,
    RevisePlan,
    SetReview,
    TakeAgreementBack,
)
from ppa.plans.states import ActionStatus, PlanState
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
    CareTeam.model_validate(partner.get(care_plan["careTeam"][0]["reference"]).json())
    paper = partner.get(care_plan["supportingInfo"][0]["reference"]).json()
    DocumentReference.model_validate(paper)
    binary = partner.get(paper["content"][0]["attachment"]["url"]).json()
    content = base64.b64decode(binary["data"])
    assert content.startswith(b"%PDF-")
    assert len(content) == paper["content"][0]["attachment"]["size"]
    assert list(differences()) == []


def test_what_came_of_an_action_and_the_day_of_review_are_read_as_soon_as_they_are_noted(team, partner):
    plan = plans.signed(team)
    action = PlannedAction.objects.get()
    done = FollowAction(action_id=action.id, version=action.version, status=ActionStatus.DONE, outcome="Elle dort.")
    follow_action(done, by=team.nurse)
    day = today() + timedelta(days=30)
    set_review(SetReview(plan_id=plan.id, version=plans.present(plan).version, review_on=day), by=team.physician)
    (care_plan,) = found(partner, "CarePlan", team.person_id)
    CarePlan.model_validate(care_plan)
    acted, review = care_plan["activity"]
    assert (acted["detail"]["status"], acted["outcomeCodeableConcept"]) == ("completed", [{"text": "Elle dort."}])
    assert review["detail"]["scheduledPeriod"] == {"end": day.isoformat()}
    as_ppcs = partner.search("CarePlan", patient=str(team.person_id), category="ppcs").json()
    assert [one["resource"]["id"] for one in as_ppcs["entry"]] == [care_plan["id"]]
    assert list(differences()) == []


def test_another_team_s_system_finds_no_plan(team):
    plans.signed(team)
    stranger = fhir.partner(people.organisation())
    assert found(stranger, "CarePlan", team.person_id) == []
    assert stranger.get(f"CarePlan/{PlanVersion.objects.get().id}").status_code == 404


def test_a_draft_is_not_found(team, partner):
    plans.agreed(team)
    assert found(partner, "CarePlan", team.person_id) == []


def test_the_version_in_force_says_the_same_once_she_went_back_on_the_next_one(team, partner):
    plan = plans.signed(team)
    before = found(partner, "CarePlan", team.person_id)
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    plans.share_plan(plans.SharePlan(plan_id=plan.id, version=plans.present(plan).version), by=team.coordinator)
    plans.record_agreement(plans.agreement(plans.present(plan)), by=team.nurse)
    said = "Mots CANARIREVENUE dits à voix basse"
    record = TakeAgreementBack(plan_id=plan.id, version=plans.present(plan).version, told_on=today(), said=said)
    take_agreement_back(record, by=team.nurse)
    assert found(partner, "CarePlan", team.person_id) == before
    for rtype, served in CATALOGUE.items():
        if "patient" in served.params:
            answer = partner.search(rtype, patient=str(team.person_id))
            assert "CANARIREVENUE" not in answer.content.decode(), rtype
    assert list(differences()) == []


def test_a_conversation_leaves_by_what_she_agreed_to_and_never_itself(team, partner):
    """Its right is that of drafts, which no system has; no signed version holds one."""
    assert (Role.FHIR_CLIENT, Permission.PPA_READ_DRAFT) not in MATRIX
    plan = plans.written(team)
    plans.write(plan, team, "Rester près de ma sœur", version=1)
    said = "Mots CANARIENTRETIEN dits à voix basse"
    told = RecordConversation(plan_id=plan.id, held_on=today(), present="Essai", said=said, how_far=said)
    record_conversation(told, by=team.nurse)
    plan = plans.present(plan)
    plans.share_plan(plans.SharePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    plans.record_agreement(plans.agreement(plans.present(plan)), by=team.coordinator)
    plan = plans.present(plan)
    plans.sign_version(plans.SignVersion(plan_id=plan.id, version=plan.version), by=team.physician)
    record_conversation(told, by=team.nurse)
    assert "Rester près de ma sœur" in partner.search("CarePlan", patient=str(team.person_id)).content.decode()
    for rtype, served in CATALOGUE.items():
        if "patient" in served.params:
            answer = partner.search(rtype, patient=str(team.person_id))
            assert answer.status_code == 200
            assert "CANARIENTRETIEN" not in answer.content.decode(), rtype
    assert list(differences()) == []


def test_a_death_closes_the_plan_and_its_care_plan_is_completed(team, partner):
    plan = plans.signed(team)

    def die(run):
        receipt = run(mark_deceased, MarkDeceased(person_id=team.person_id, died_on=today()))
        close_after_death(team.person_id, today(), run)
        return receipt

    run_together(die, by=team.physician, fingerprint="death")
    assert plans.present(plan).state == PlanState.CLOSED
    assert [one["status"] for one in found(partner, "CarePlan", team.person_id)] == ["completed"]


def test_a_revision_that_is_abandoned_leaves_the_signed_version_and_its_history_as_they_were(team, partner):
    plan = plans.signed(team)
    (before,) = found(partner, "CarePlan", team.person_id)
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    plans.write(plan, team, "Autre chose.", version=1)
    record = AbandonRevision(plan_id=plan.id, version=plans.present(plan).version, words="Par erreur")
    abandon_revision(record, by=team.coordinator)
    assert found(partner, "CarePlan", team.person_id) == [before]
    assert before["meta"]["versionId"] == "1"
    assert list(differences()) == []
