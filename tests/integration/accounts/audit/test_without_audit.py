"""No audit, no answer, on both databases: a page, a paper, FHIR, JSON, a sign-in and a token. Each door: tests/matrix."""

import pytest
from django.test import Client

from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.organisations.models import Organisation
from accounts.trails.commands import hand_access_list
from accounts.trails.records import AskedBy, HandAccessList
from tests.factories import fhir, people, systems
from tests.factories.accounts import PASSWORD, account, present_code
from tests.support.no_audit import break_the_audit
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]
USUAL_NAME = "Canarilien"


@pytest.fixture
def nurse():
    return people.actor(Role.NURSE)


@pytest.fixture
def person_id(nurse):
    return people.person(nurse, usual_name=USUAL_NAME)


def test_the_page_of_a_person_and_her_paper_answer_503(nurse, person_id):
    client = signed_in(nurse)
    handed = hand_access_list(
        HandAccessList(person_id=person_id, asked_by=AskedBy.PERSON, asked_on=today()), by=nurse
    ).id
    pages = [f"/personnes/{person_id}/", f"/personnes/{person_id}/acces/{handed}/pdf/", "/journal/mes-acces/"]
    assert {path: client.get(path).status_code for path in pages} == dict.fromkeys(pages, 200)
    break_the_audit()
    for path in pages:
        response = client.get(path)
        assert response.status_code == 503, path
        assert USUAL_NAME.casefold() not in response.content.decode().casefold()
        assert "journal des accès" in response.content.decode()


@pytest.mark.parametrize("query", ["Patient/{}", "Patient?name=can", "CareTeam?patient={}", "AuditEvent", "Patient/1"])
def test_every_fhir_read_answers_503(nurse, person_id, query):
    partner = fhir.partner(Organisation.objects.get(pk=nurse.organisation_id))
    assert partner.get(query.format(person_id)).status_code in (200, 404)
    break_the_audit()
    response = partner.get(query.format(person_id))
    assert response.status_code == 503
    assert response.json()["resourceType"] == "OperationOutcome"
    assert USUAL_NAME.casefold().encode() not in response.content.lower()


def test_the_json_points_answer_503():
    client = signed_in(people.actor(Role.TECHNICAL_ADMIN))
    assert client.get("/api/queues/").status_code == 200
    break_the_audit()
    response = client.get("/api/queues/")
    assert response.status_code == 503
    assert response.json()["code"] == "audit-unavailable"


def test_nobody_signs_in_untraced():
    user = account()
    break_the_audit()
    client = Client()
    client.post("/connexion/", {"login": user.username, "password": PASSWORD})
    response = client.post("/connexion/code/", {"code": present_code()})
    assert response.status_code == 503
    assert "_auth_user_id" not in client.session


def test_no_system_gets_a_token():
    client_id = systems.fhir_client()
    request = systems.token_request(systems.signed(systems.claims(client_id)))
    break_the_audit()
    response = Client().post("/oauth/token", request)
    assert response.status_code == 503
    assert b"access_token" not in response.content
