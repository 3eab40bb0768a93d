"""An announcement, the proposal of a plan and the coordination file, read by the systems that may and by no other."""

from datetime import timedelta

import pytest
from fhir.resources.R4B.communication import Communication
from fhir.resources.R4B.condition import Condition
from fhir.resources.R4B.episodeofcare import EpisodeOfCare
from fhir.resources.R4B.task import Task

from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from fhir_bridge.projection.refresh import differences
from pathway.cases.commands import include_case
from pathway.cases.queries import case_snapshot, open_case_ids
from pathway.cases.records import IncludeCase
from ppa.announcements.commands import answer_proposal
from ppa.announcements.records import Answer, AnswerProposal
from tests.factories import fhir, people
from tests.factories.announcements import proposed

pytestmark = pytest.mark.django_db
TYPES = {"Condition": Condition, "Communication": Communication, "Task": Task, "EpisodeOfCare": EpisodeOfCare}


@pytest.fixture
def dac():
    return people.coordination()


@pytest.fixture
def coordinator(dac):
    return people.actor(Role.COORDINATOR, dac)


@pytest.fixture
def physician(hospital):
    return people.actor(Role.PHYSICIAN, hospital)


@pytest.fixture
def person_id(physician):
    return people.person(physician)


def found(partner, rtype, person_id):
    response = partner.search(rtype, patient=str(person_id))
    assert response.status_code == 200, response.content
    return [entry["resource"] for entry in response.json().get("entry", [])]


def test_the_hospital_s_system_reads_its_announcement_and_what_follows(dac, hospital, physician, person_id):
    proposal = proposed(person_id, physician)
    partner = fhir.partner(hospital)
    for rtype, model in TYPES.items():
        (resource,) = found(partner, rtype, person_id)
        model.model_validate(resource)
    task = partner.get(f"Task/{proposal.id}").json()
    assert (task["status"], task["owner"]["reference"]) == ("requested", f"Organization/{dac.id}")
    assert partner.get(task["focus"]["reference"]).json()["code"]["coding"][0]["code"] == "C34.1"


def test_a_deferral_is_seen_at_once(dac, coordinator, hospital, physician, person_id):
    proposal = proposed(person_id, physician)
    back = today() + timedelta(days=30)
    answer_proposal(
        AnswerProposal(
            proposal_id=proposal.id,
            version=proposal.version,
            answer=Answer.DEFERRED,
            answered_on=today(),
            come_back_on=back,
        ),
        by=coordinator,
    )
    task = fhir.partner(hospital).get(f"Task/{proposal.id}").json()
    assert (task["status"], task["restriction"]["period"]["start"]) == ("on-hold", back.isoformat())


def test_the_dac_s_system_reads_the_diagnosis_from_the_inclusion_on(dac, coordinator, physician, person_id):
    proposal = proposed(person_id, physician)
    condition = f"Condition/{proposal.announcement_ids[0]}"
    system = fhir.partner(dac)
    assert system.get(condition).status_code == 404
    (case_id,) = open_case_ids(person_id)
    include_case(IncludeCase(case_id=case_id, version=case_snapshot(case_id).version), by=coordinator)
    assert system.get(condition).status_code == 200
    assert system.get(f"EpisodeOfCare/{case_id}").json()["status"] == "waitlist"


def test_a_stranger_s_system_finds_nothing(dac, physician, person_id):
    proposal = proposed(person_id, physician)
    stranger = fhir.partner(people.organisation())
    (case_id,) = open_case_ids(person_id)
    announcement_id = proposal.announcement_ids[0]
    for address in (
        f"Condition/{announcement_id}",
        f"Communication/{announcement_id}",
        f"Task/{proposal.id}",
        f"EpisodeOfCare/{case_id}",
    ):
        assert stranger.get(address).status_code == 404, address
    assert [one for rtype in TYPES for one in found(stranger, rtype, person_id)] == []


def test_the_projection_equals_a_rebuild(dac, physician, person_id):
    proposed(person_id, physician)
    assert list(differences()) == []
