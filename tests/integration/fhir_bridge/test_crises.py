"""Anticipated crises and the drugs prescribed ahead, read by the system of a team of the circle, and by nobody else's."""

from datetime import timedelta

import pytest
from fhir.resources.R4B.careplan import CarePlan
from fhir.resources.R4B.medicationrequest import MedicationRequest

from accounts.access.unit import run_together
from accounts.kernel.clock import today
from accounts.organisations.models import Organisation
from accounts.people.closing import close_after_death
from accounts.people.commands import mark_deceased
from accounts.people.records import MarkDeceased
from fhir_bridge.projection.refresh import differences
from ppa.crises.commands import check_drugs_at_home, stop_prescription
from ppa.crises.records import CheckHome, StopPrescription
from ppa.crises.states import Found
from ppa.plans.models import PlanVersion
from tests.factories import crises, fhir, people, plans

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner(team):
    return fhir.partner(Organisation.objects.get(pk=team.nurse.organisation_id))


def test_a_drug_prescribed_ahead_is_read_with_its_limits_and_its_crisis(team, partner):
    crisis = crises.foreseen(team.person_id, team.physician)
    drug = crisis.prescriptions[0]
    plans.signed(team)
    shown = partner.get(f"MedicationRequest/{drug.id}").json()
    MedicationRequest.model_validate(shown)
    (dosage,) = shown["dosageInstruction"]
    assert (shown["status"], shown["intent"]) == ("active", "proposal")
    assert dosage["maxDosePerPeriod"]["numerator"]["value"] == 30
    assert dosage["timing"]["repeat"] == {"frequency": 1, "period": 4, "periodUnit": "h"}
    assert dosage["route"]["coding"][0]["code"] == "34206005"
    care_plan = partner.get(f"CarePlan/{crisis.id}").json()
    CarePlan.model_validate(care_plan)
    assert care_plan["description"] == crisis.told.response
    plan = partner.get(f"CarePlan/{PlanVersion.objects.get().id}").json()
    assert {"reference": f"CarePlan/{crisis.id}"} in plan["supportingInfo"]
    assert {"reference": {"reference": f"MedicationRequest/{drug.id}"}} in plan["activity"]
    found = partner.get(f"MedicationRequest?patient={team.person_id}&status=active").json()
    assert [one["resource"]["id"] for one in found["entry"]] == [str(drug.id)]
    assert list(differences()) == []


def test_what_is_really_at_home_is_read_with_its_day_and_the_last_look_counts(team, partner):
    drug = crises.foreseen(team.person_id, team.physician).prescriptions[0].id
    told = [one["text"] for one in partner.get(f"MedicationRequest/{drug}").json()["note"]]
    assert "Au domicile : pas encore vérifié" in told
    yesterday = today() - timedelta(days=1)
    check_drugs_at_home(CheckHome(prescription_id=drug, checked_on=yesterday, found=Found.ABSENT), by=team.nurse)
    seen = CheckHome(prescription_id=drug, checked_on=today(), found=Found.PARTIAL, note="Deux ampoules.")
    check_drugs_at_home(seen, by=team.nurse)
    shown = partner.get(f"MedicationRequest/{drug}").json()
    MedicationRequest.model_validate(shown)
    (at_home,) = [one for one in shown["note"] if one["text"].startswith("Au domicile")]
    assert at_home["time"] == today().isoformat()
    assert at_home["text"] == f"Au domicile : présent, mais il en manque, vu le {today():%d/%m/%Y}. Deux ampoules."
    assert at_home["authorString"]
    assert list(differences()) == []


def test_a_stopped_drug_says_so_at_once_though_the_signed_plan_still_names_it(team, partner):
    crisis = crises.foreseen(team.person_id, team.physician)
    plans.signed(team)
    drug = crisis.prescriptions[0].id
    stop_prescription(StopPrescription(prescription_id=drug, version=crisis.version), by=team.physician)
    assert partner.get(f"MedicationRequest/{drug}").json()["status"] == "stopped"


def test_a_death_ends_what_was_foreseen(team, partner):
    crisis = crises.foreseen(team.person_id, team.physician)
    mark_deceased(MarkDeceased(person_id=team.person_id, died_on=today()), by=team.physician)
    run_together(
        lambda run: close_after_death(team.person_id, today(), run) or {}, by=team.physician, fingerprint="death"
    )
    assert partner.get(f"CarePlan/{crisis.id}").json()["status"] == "revoked"
    assert partner.get(f"MedicationRequest/{crisis.prescriptions[0].id}").json()["status"] == "stopped"


def test_another_team_s_system_reads_none_of_it(team):
    crisis = crises.foreseen(team.person_id, team.physician)
    stranger = fhir.partner(people.organisation())
    assert stranger.get(f"CarePlan/{crisis.id}").status_code == 404
    assert stranger.get(f"MedicationRequest/{crisis.prescriptions[0].id}").status_code == 404
