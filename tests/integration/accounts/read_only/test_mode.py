"""The deployment in read-only mode: declared, or found because the database refuses; what goes on, what waits."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from accounts.audit.models import AuditRow
from accounts.audit.reingest import ingest
from accounts.audit.reserve import is_empty
from accounts.audit.reserve import lines as reserve_lines
from accounts.audit.verification import verify
from accounts.break_glass.models import BreakGlass, EmergencyAccessNotice
from accounts.kernel import read_only
from accounts.kernel.actor import Role
from accounts.kernel.clock import now
from accounts.kernel.errors import ReadOnly
from accounts.kernel.models import ReadOnlySpell, Transition
from accounts.organisations.models import Organisation, Professional
from accounts.outbox.drain import drain, run_due_jobs
from accounts.people.commands import register_person
from tests.factories import emergencies, fhir, people, whole_story
from tests.factories.accounts import PASSWORD, account, present_code
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir, pytest.mark.usefixtures("story")]


@contextmanager
def declared():
    call_command("read_only", "on", reason="Bascule vers le nouveau serveur", verbosity=0)
    yield
    call_command("read_only", "off", verbosity=0)


@contextmanager
def refused():
    """The database itself takes no writes: a transaction that PostgreSQL lets read only, SQLite by its own switch."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            _tell("SET TRANSACTION READ ONLY")
            yield
            transaction.set_rollback(True)
        return
    _tell("PRAGMA query_only = ON")
    try:
        yield
    finally:
        _tell("PRAGMA query_only = OFF")


def _tell(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


WAYS = pytest.mark.parametrize("read_only_mode", [declared, refused])


def place_of(actor):
    return Organisation.objects.get(pk=actor.organisation_id)


@WAYS
def test_reading_goes_on_and_is_traced_in_the_reserve(story, read_only_mode):
    client = signed_in(story.physician)
    before = AuditRow.objects.count()
    with read_only_mode():
        before = AuditRow.objects.count()
        page = client.get(f"/personnes/{story.person_id}/")
        assert page.status_code == 200
        again = client.get(f"/personnes/{story.person_id}/")
        assert "Lecture seule depuis" in again.content.decode()
        assert AuditRow.objects.count() == before
        kept = [line.held for line in reserve_lines()]
        assert any(one["person_id"] == str(story.person_id) for one in kept)
    assert not is_empty()
    ingest()
    assert AuditRow.objects.filter(person_id=story.person_id, at__gt=now() - timedelta(minutes=5)).count() > 2
    assert not verify().faults


@WAYS
def test_a_write_answers_503_and_says_what_still_works(story, read_only_mode):
    client = signed_in(story.physician)
    fields = {"birth_name": "CANARITEST", "birth_given_names": "Rose", "birth_date": "1950-02-03", "sex": "female"}
    with read_only_mode():
        before = Transition.objects.count()
        for _ in range(2):
            answer = client.post("/personnes/nouvelle/", fields)
            assert (answer.status_code, answer["Retry-After"]) == (503, "30")
            assert "les accès d’urgence restent ouverts" in answer.content.decode()
        assert Transition.objects.count() == before
    read_only.forget()
    assert client.post("/personnes/nouvelle/", fields).status_code == 302


@WAYS
def test_a_system_reads_and_is_told_to_come_back_for_the_rest(story, read_only_mode):
    system = fhir.partner(place_of(story.physician))
    with read_only_mode():
        assert system.get(f"Patient/{story.person_id}").status_code == 200
        assert system.search("Patient", name="Canari").status_code == 200
        answer = system.post("Patient", fhir.patient(people.registration()))
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert answer.json()["resourceType"] == "OperationOutcome"
        assert answer.json()["issue"][0]["code"] == "transient"


@WAYS
def test_break_glass_works_and_comes_back_with_all_that_follows(story, read_only_mode):
    dispatcher = emergencies.dispatcher()
    referent = people.actor(Role.PRIVACY_OFFICER, Organisation.objects.get(pk=dispatcher.organisation_id))
    Professional.objects.filter(pk=referent.professional_id).update(email="referent@samu.example")
    client, stranger = signed_in(dispatcher), signed_in(emergencies.dispatcher())
    opened = BreakGlass.objects.count()
    with read_only_mode():
        results = client.post("/urgence/", {"q": "03 80 77 13 31"}).content.decode()
        assert story.birth_name in results
        way = "/urgence/ouvrir/" + results.split('href="/urgence/ouvrir/')[1].split('"')[0]
        filled = {"identity_confirmed": "on", "reason": "regulated_call", "explanation": emergencies.EXPLANATION}
        answer = client.post(way, filled)
        assert answer.status_code == 302, answer.content.decode()
        shown = client.get(answer["Location"])
        assert shown.status_code == 200
        for one in ("CANARICONFIDENCE", whole_story.RELATIVE, "BG-"):
            assert one in shown.content.decode()
        assert client.get(f"/personnes/{story.person_id}/plan/versions/1/pdf/").status_code == 200
        assert stranger.get(answer["Location"]).status_code == 404
        assert BreakGlass.objects.count() == opened
    read_only.forget()
    assert client.get(answer["Location"]).status_code == 200  # before the reserve is taken back, and after
    ingest()
    assert client.get(answer["Location"]).status_code == 200
    row = BreakGlass.objects.get(account_id=dispatcher.id)
    assert EmergencyAccessNotice.objects.filter(break_glass=row).exists()
    assert AuditRow.objects.filter(break_glass_id=row.id).count() > 4
    assert row.ends_at - row.opened_at == timedelta(hours=4)
    drain()
    row.refresh_from_db()
    assert row.alerted_at is not None
    assert not verify().faults


@WAYS
def test_an_open_session_goes_on_and_returns_to_its_row(story, read_only_mode, clock):
    client = signed_in(story.physician)
    key = client.cookies["sessionid"].value
    with read_only_mode():
        for _ in range(4):
            clock.forward(minutes=10)
            assert client.get("/").status_code == 200
        assert client.cookies["sessionid"].value != key
    read_only.forget()
    clock.forward(minutes=10)
    assert client.get("/").status_code == 200
    assert client.cookies["sessionid"].value == key


def test_a_session_that_was_ended_stays_ended(story, clock):
    client = signed_in(story.physician)
    with declared():
        clock.forward(minutes=5)
        assert client.get("/").status_code == 200
        sealed = client.cookies["sessionid"].value
        assert sealed.startswith("sealed.")
        Session.objects.all().delete()
        assert client.get("/").status_code == 302
        client.cookies["sessionid"] = sealed[:-6] + "AAAA" + sealed[-2:]
        assert client.get("/").status_code == 302


@WAYS
def test_one_signs_in_and_confirms_with_a_code_that_counts_once(read_only_mode, clock):
    user = account(Role.EMERGENCY_DISPATCHER, at=emergencies.service())
    with read_only_mode():
        client = Client()
        client.post("/connexion/", {"login": user.username, "password": PASSWORD})
        code = present_code()
        assert client.post("/connexion/code/", {"code": code}).status_code == 302
        assert client.get("/").status_code == 200
        clock.forward(minutes=6)
        client.get("/compte/confirmer/code/")
        assert client.post("/compte/confirmer/code/", {"code": present_code()}).status_code == 302
        other = Client()
        other.post("/connexion/", {"login": user.username, "password": PASSWORD})
        assert other.post("/connexion/code/", {"code": present_code()}).status_code == 200  # used up


@WAYS
def test_nobody_changes_the_locks_of_an_account(story, read_only_mode):
    client = signed_in(story.physician)
    with read_only_mode():
        client.get("/")
        answer = client.post("/compte/mot-de-passe/", {"oldpassword": "x", "password1": "y", "password2": "y"})
        assert answer.status_code == 503


@WAYS
def test_work_waits_and_readiness_tells(read_only_mode):
    nurse = people.actor(Role.NURSE)
    with read_only_mode():
        with pytest.raises(ReadOnly):
            register_person(people.registration(), by=nurse)
        assert (drain(), run_due_jobs()) == (0, 0)
        answer = Client().get("/health/ready")
        assert (answer.status_code, answer.json()["status"], answer.json()["read_only"]) == (200, "read-only", True)
    read_only.forget()
    assert Client().get("/health/ready").json()["read_only"] is False


def test_readiness_finds_by_itself_that_the_database_refuses():
    with refused():
        answer = Client().get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (200, "read-only")


def test_a_spell_has_a_reason_and_is_in_the_audit(capsys):
    with pytest.raises(CommandError):
        call_command("read_only", "on")
    with declared():
        call_command("read_only", "on", reason="encore", verbosity=0)
        assert ReadOnlySpell.objects.filter(ended_at=None).count() == 1
    told = set(AuditRow.objects.values_list("action", flat=True))
    assert {"deployment.read_only_on", "deployment.read_only_off"} <= told
    assert "read-only since" in capsys.readouterr().out
    assert read_only.mode() is None
