"""How often systems may ask, whatever the cache does."""

import os
import subprocess
import sys
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access.gate import open_trail
from accounts.access.permissions import Permission
from accounts.audit.models import AuditRow
from accounts.audit.records import Outcome
from accounts.kernel import limits
from accounts.kernel.actor import Role
from accounts.kernel.limits import Limit, count
from accounts.organisations.models import Professional
from accounts.outbox.drain import drain
from accounts.people.pace import hold_pace
from accounts.people.queries import person_snapshot
from accounts.people.rules import InsSearchesLimited
from accounts.systems.oauth import CLIENTS_BEHIND_ONE_ADDRESS
from tests.factories import fhir, people, systems
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


def passed(limit, key, times):
    return sum(count(limit, key) is None for _ in range(times))


@pytest.fixture
def quiet_minute(clock):
    """A minute that has just begun."""
    clock.move_to(clock.now.replace(second=1, microsecond=0) + timedelta(minutes=1))
    return clock


@pytest.mark.parametrize("most", [1, 7, 30, 600])
def test_a_window_gives_what_it_holds_and_no_more(most, quiet_minute):
    limit, key = Limit("essai", most), str(uuid4())
    assert passed(limit, key, most + 50) == most
    wait = count(limit, key)
    assert 0 < wait.seconds <= 60
    quiet_minute.forward(seconds=60)
    assert passed(limit, key, 1) == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_inherits_no_count_of_another(turn, quiet_minute):
    assert passed(Limit("essai", 2), "one", 3) == 2


def test_the_first_refusal_of_a_window_says_so(quiet_minute):
    limit, key = Limit("essai", 2), str(uuid4())
    assert passed(limit, key, 2) == 2
    assert [count(limit, key).is_first for _ in range(3)] == [True, False, False]


def test_processes_share_what_the_cache_counts(quiet_minute):
    limit, key = Limit("essai", 40), str(uuid4())
    assert passed(limit, key, 20) == 20
    limits._leases.clear()  # another process
    assert passed(limit, key, 40) == 20


def test_a_cache_that_fails_leaves_a_limit_here(quiet_minute, monkeypatch):
    def gone(*_, **__):
        raise ConnectionError

    limit, key = Limit("essai", 40), str(uuid4())
    monkeypatch.setattr(LocMemCache, "add", gone)
    assert passed(limit, key, 100) == 40
    monkeypatch.undo()
    quiet_minute.forward(seconds=60)
    assert passed(limit, key, 100) == 40
    assert cache.get("nothing") is None


def test_a_system_over_its_limit_is_told_when_to_come_back(hospital, person_id, quiet_minute, settings):
    settings.FHIR_REQUESTS_PER_MINUTE = 5
    partner = fhir.partner(hospital)
    assert [partner.get(f"Patient/{person_id}").status_code for _ in range(6)] == [200] * 5 + [429]
    answer = partner.search("Patient", name="phil")
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (429, "throttled")
    assert 0 < int(answer["Retry-After"]) <= 60
    assert AuditRow.objects.filter(rule="too-many-requests").count() == 1
    assert fhir.partner(hospital).get(f"Patient/{person_id}").status_code == 200
    quiet_minute.forward(seconds=60)
    assert partner.get(f"Patient/{person_id}").status_code == 200


def test_strangers_are_limited_by_their_address(client, quiet_minute, settings):
    settings.FHIR_REQUESTS_PER_MINUTE = 3
    address = {"REMOTE_ADDR": "203.0.113.9"}
    assert [client.get("/fhir/Patient/1", **address).status_code for _ in range(5)] == [401] * 3 + [429] * 2
    assert AuditRow.objects.filter(action="fhir.call").count() == 4


def test_token_requests_are_limited_by_system_and_address(client, quiet_minute, settings):
    settings.TOKEN_REQUESTS_PER_MINUTE = 3
    ours, others = systems.fhir_client(), systems.fhir_client()

    def ask(client_id, address):
        form = systems.token_request(systems.signed(systems.claims(client_id)))
        return client.post("/oauth/token", systems.urlencode(form), content_type=systems.FORM, REMOTE_ADDR=address)

    assert [ask(ours, "203.0.113.1").status_code for _ in range(4)] == [200] * 3 + [429]
    refused = ask(ours, "203.0.113.1")
    assert refused.json()["error"] == "temporarily_unavailable"
    assert (refused["Cache-Control"], int(refused["Retry-After"]) > 0) == ("no-store", True)
    assert ask(ours, "203.0.113.2").status_code == 200
    assert ask(others, "203.0.113.1").status_code == 200
    statuses = [systems.post_form(client, "/oauth/token", {}).status_code for _ in range(13)]
    assert statuses == [400] * 12 + [429]


def test_the_limit_costs_no_query(hospital, person_id, settings, monkeypatch):
    """The gate may share what it read, the limit reads nothing: the same read costs the same with and without it."""
    partner = fhir.partner(hospital)
    partner.get(f"Patient/{person_id}")
    counted = []
    for most in (1_000_000, 600):
        settings.FHIR_REQUESTS_PER_MINUTE = most
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert partner.get(f"Patient/{person_id}").status_code == 200
        counted.append([query["sql"].split()[0] for query in queries])
        assert not [query for query in queries if "limit:" in query["sql"]]
    assert counted[0] == counted[1]


def test_somebody_who_searches_too_fast_waits_and_colleagues_do_not(hospital, person_id, quiet_minute, settings):
    settings.SEARCHES_PER_MINUTE = 5
    fast, colleague = signed_in(people.actor(Role.NURSE, hospital)), signed_in(people.actor(Role.NURSE, hospital))
    assert [fast.post("/personnes/recherche/", {"q": "phil"}).status_code for _ in range(6)] == [200] * 5 + [429]
    assert fast.get("/personnes/recherche/").status_code == 200
    told = fast.post("/personnes/recherche/", {"q": "phil"})
    assert told["Retry-After"] == "60"
    assert "Trop de recherches en une minute" in told.content.decode()
    assert colleague.post("/personnes/recherche/", {"q": "phil"}).status_code == 200
    quiet_minute.forward(seconds=60)
    assert fast.post("/personnes/recherche/", {"q": "phil"}).status_code == 200


def officer_of(hospital):
    officer = people.actor(Role.PRIVACY_OFFICER, hospital)
    Professional.objects.filter(pk=officer.professional_id).update(email="referent@example.test")
    return officer


def test_numbers_are_tried_twenty_times_a_minute_and_the_referent_is_told(hospital, person_id, quiet_minute):
    officer_of(hospital)
    number, nurse = person_snapshot(person_id).ins.value, signed_in(people.actor(Role.NURSE, hospital))
    asked = [nurse.post("/personnes/recherche/", {"q": number}) for _ in range(22)]
    assert [one.status_code for one in asked] == [200] * 20 + [429] * 2
    assert "matricule INS (20 par minute, 200 par jour)" in asked[-1].content.decode()
    assert nurse.post("/personnes/recherche/", {"q": "phil"}).status_code == 200
    refused = AuditRow.objects.filter(action=Permission.PATIENT_IDENTITY_SEARCH_EXACT_INS, outcome=Outcome.REFUSED)
    assert {row.rule for row in refused} == {"ins-searches-limited"}
    drain()
    (message,) = mail.outbox
    assert message.to == ["referent@example.test"]
    assert number not in message.subject + message.body
    quiet_minute.forward(seconds=60)
    assert nurse.post("/personnes/recherche/", {"q": number}).status_code == 200


def test_numbers_are_tried_two_hundred_times_a_day(hospital, quiet_minute):
    nurse = people.actor(Role.NURSE, hospital)
    quiet_minute.move_to(quiet_minute.now.replace(hour=0, minute=1) + timedelta(days=1))
    with open_trail():
        for _ in range(10):
            for _ in range(20):
                hold_pace("255032100000100", by=nurse)
            quiet_minute.forward(seconds=60)
        with pytest.raises(InsSearchesLimited):
            hold_pace("255032100000100", by=nurse)


def test_five_files_of_many_data_leave_in_an_hour(hospital, quiet_minute, settings):
    settings.EXPORTS_PER_HOUR = 5
    quiet_minute.move_to(quiet_minute.now.replace(minute=1) + timedelta(hours=1))
    coordinator = signed_in(people.actor(Role.COORDINATOR, hospital))
    asked = [coordinator.get("/statistiques/2026-10.csv") for _ in range(6)]
    assert [one.status_code for one in asked] == [404] * 5 + [429]
    assert asked[-1]["Retry-After"] == "3600"


def test_questions_about_tokens_are_limited_by_address(client, quiet_minute, settings):
    settings.TOKEN_REQUESTS_PER_MINUTE = 1
    told = [
        systems.post_form(client, "/oauth/introspect", {"token": "x"}) for _ in range(CLIENTS_BEHIND_ONE_ADDRESS + 1)
    ]
    assert [one.status_code for one in told] == [401] * CLIENTS_BEHIND_ONE_ADDRESS + [429]
    systems.post_form(client, "/oauth/introspect", {"token": "x"})
    limited = AuditRow.objects.filter(action="token.introspect", rule="token-requests-limited")
    assert [row.outcome for row in limited] == ["refused"], "of a flood, the first refusal of a minute"


@pytest.mark.parametrize(("program", "seconds"), [("pathway.wsgi", "5"), ("pathway.celery", "60"), ("django", "0")])
def test_a_statement_is_stopped_where_somebody_waits_for_it(program, seconds):
    asked = "import django; django.setup()" if program == "django" else f"import {program}"
    told = subprocess.run(
        [sys.executable, "-c", f"{asked}; from django.conf import settings; print(settings.POSTGRESQL_OPTIONS['options'])"],
        env={name: value for name, value in os.environ.items() if name != "STATEMENT_SECONDS"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"statement_timeout={seconds}s" in told.stdout
