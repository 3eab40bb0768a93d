"""A statement that the database stops, or that another one holds up, is no fault: come back in a moment."""

import pytest
from django.db import OperationalError, connection, transaction

from accounts.kernel.actor import Role
from accounts.kernel.database import on_postgresql
from accounts.organisations.models import Organisation
from accounts.people.models import Person
from fhir_bridge.repository import store
from tests.factories import fhir, people
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


def stopped(*_args, **_kwargs):
    """What a statement that takes too long does: PostgreSQL stops it, SQLite gives up waiting for its writer."""
    if not on_postgresql():
        raise OperationalError("database is locked")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '20ms'")
        cursor.execute("SELECT pg_sleep(5)")


@pytest.fixture
def nurse():
    return people.actor(Role.NURSE)


@pytest.fixture
def person_id(nurse):
    return people.person(nurse)


def test_a_page_says_to_come_back(nurse, person_id, monkeypatch):
    client = signed_in(nurse)
    monkeypatch.setattr("accounts.people.views.circle_of", stopped)
    answer = client.get(f"/personnes/{person_id}/cercle/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "très sollicité" in answer.content.decode()
    monkeypatch.undo()
    assert client.get(f"/personnes/{person_id}/cercle/").status_code == 200


def test_a_system_is_told_to_come_back(nurse, person_id, monkeypatch):
    partner = fhir.partner(Organisation.objects.get(pk=nurse.organisation_id))
    monkeypatch.setattr(store, "read", stopped)
    answer = partner.get(f"Patient/{person_id}")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["issue"][0]["code"] == "transient"


def test_a_point_of_the_application_is_told_to_come_back(monkeypatch):
    client = signed_in(people.actor(Role.TECHNICAL_ADMIN))
    monkeypatch.setattr("accounts.operations.rest.queues", stopped)
    answer = client.get("/api/queues/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "busy"


def test_a_form_that_was_stopped_keeps_its_words_to_be_sent_again(nurse, person_id, monkeypatch):
    client = signed_in(nurse)
    way = f"/personnes/{person_id}/coordonnees/"
    fields = {"usual_name": "SERINVILLE", "usual_given_name": "", "phone": "", "version": 1}
    monkeypatch.setattr("accounts.people.commands._fill_contact", stopped)
    answer = client.post(way, fields)
    told = answer.content.decode()
    assert ("Rien n’a été enregistré" in told, 'value="SERINVILLE"' in told) == (True, True)
    assert Person.objects.get(pk=person_id).usual_name == ""


def test_nobody_is_told_that_nothing_was_kept_when_it_was(nurse, monkeypatch):
    partner = fhir.partner(Organisation.objects.get(pk=nurse.organisation_id))
    monkeypatch.setattr("fhir_bridge.rest.write.made_as", stopped)
    with transaction.atomic():
        answer = partner.post("Patient", fhir.patient(people.registration()))
        transaction.set_rollback(True)
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (500, "exception")
    assert "Retry-After" not in answer
    assert b"nothing" not in answer.content


def test_another_fault_stays_a_fault(nurse, person_id, monkeypatch):
    def broken(*_args, **_kwargs):
        raise OperationalError("no such column")

    client = signed_in(nurse)
    client.raise_request_exception = False
    monkeypatch.setattr("accounts.people.views.circle_of", broken)
    assert client.get(f"/personnes/{person_id}/cercle/").status_code == 500
