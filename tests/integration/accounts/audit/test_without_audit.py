"""No audit, no answer: with a broken audit table, each door answers 503 and nothing leaves."""

import pytest
from django.db import connection
from django.test import Client

from accounts.kernel.actor import Role
from tests.factories import fhir, people, systems
from tests.factories.accounts import PASSWORD, account, present_code
from tests.support.roles import as_owner
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir, pytest.mark.usefixtures("story")]


def break_the_audit():
    if connection.vendor == "sqlite":
        as_owner("CREATE TRIGGER full BEFORE INSERT ON accounts_auditrow BEGIN SELECT RAISE(ABORT, 'full'); END")
    else:
        as_owner("CREATE TRIGGER full_disk BEFORE INSERT ON accounts_auditrow EXECUTE FUNCTION refuse_change()")


def test_every_page_of_a_person_answers_503(story):
    client = signed_in(story.physician)
    pages = [f"/personnes/{story.person_id}/", f"/personnes/{story.person_id}/plan/", "/", "/journal/mes-acces/"]
    handed = story.ids["handed_id"]
    pages += [f"/personnes/{story.person_id}/acces/{handed}/", f"/personnes/{story.person_id}/acces/{handed}/pdf/"]
    pages += [f"/documents/{story.ids['document_id']}/", f"/demandes/{story.asked.request_id}/"]
    before = {path: client.get(path).status_code for path in pages}
    assert set(before.values()) <= {200, 302}, before
    break_the_audit()
    for path in pages:
        response = client.get(path)
        assert response.status_code == 503, path
        assert story.birth_name.encode() not in response.content
        assert "journal des accès" in response.content.decode()


@pytest.mark.parametrize("query", ["Patient/{}", "Patient?name=can", "CareTeam?patient={}", "AuditEvent", "Patient/1"])
def test_every_fhir_read_answers_503(story, query):
    from accounts.organisations.models import Organisation

    partner = fhir.partner(Organisation.objects.get(pk=story.physician.organisation_id))
    assert partner.get(query.format(story.person_id)).status_code in (200, 404)
    break_the_audit()
    response = partner.get(query.format(story.person_id))
    assert response.status_code == 503
    assert response.json()["resourceType"] == "OperationOutcome"
    assert story.birth_name.encode() not in response.content


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
