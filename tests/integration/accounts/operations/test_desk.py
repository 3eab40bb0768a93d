"""The technical administrator's desk: figures without identities, a retry, a verified audit."""

import re
from datetime import timedelta

import pytest

from accounts.audit.models import AuditRow, ChainHead
from accounts.kernel.actor import Role
from accounts.kernel.clock import now
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.operations.commands import retry_work
from accounts.operations.records import RetryWork
from accounts.operations.rules import NotGivenUp
from accounts.operations.views import tone_of, words
from accounts.outbox.drain import run_due_jobs
from accounts.outbox.models import Work
from accounts.outbox.registry import label_of
from tests.factories import systems
from tests.factories.people import actor, person
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]
CARE = [Role.COORDINATOR, Role.PHYSICIAN, Role.NURSE, Role.BED_MANAGER, Role.SOCIAL_WORKER, Role.REGIONAL_READER]


def dead_letter(**fields):
    person(actor(Role.NURSE))
    row = Work.objects.order_by("pk").first()
    values = {"state": Work.State.DEAD, "tries": 12, "error_class": "OperationalError", **fields}
    Work.objects.filter(pk=row.pk).update(**values)
    return row


@pytest.fixture
def admin():
    return actor(Role.TECHNICAL_ADMIN)


def test_the_desk_shows_queues_letters_jobs_and_systems(admin):
    row = dead_letter()
    systems.fhir_client()
    run_due_jobs()
    page = signed_in(admin).get("/systeme/").content.decode()
    assert label_of(row.consumer) in page
    assert row.consumer not in page
    assert "OperationalError, 12 essais" in page
    assert "1 système." in page
    assert "Jetons périmés effacés" in page
    assert "pas encore" not in page
    assert systems.ec_key().as_dict(private=False)["x"] not in page


def test_an_empty_desk_says_so(admin):
    page = signed_in(admin).get("/systeme/").content.decode()
    assert "Aucun échec" in page
    assert "Aucun système raccordé" in page


@pytest.mark.parametrize("role", CARE)
def test_nobody_else_reads_it(role):
    client = signed_in(actor(role))
    assert client.get("/systeme/").status_code == 403
    assert client.post("/systeme/relancer/", {"work_id": 1}).status_code == 403
    assert client.get("/api/queues/").status_code == 403
    assert AuditRow.objects.filter(action="outbox_queue.read", outcome="denied").count() == 2


def test_a_dead_letter_goes_back_to_its_queue(admin):
    row = dead_letter()
    client = signed_in(admin)
    answer = client.post("/systeme/relancer/", {"work_id": row.pk}, follow=True)
    assert "Le traitement est relancé." in answer.content.decode()
    row.refresh_from_db()
    assert (row.state, row.tries) == (Work.State.PENDING, 0)
    again = client.post("/systeme/relancer/", {"work_id": row.pk}, follow=True)
    assert "n’est plus en échec" in again.content.decode()


def test_the_command_refuses_what_is_not_dead_unknown_or_not_his(admin):
    row = dead_letter(state=Work.State.DONE)
    with pytest.raises(NotGivenUp):
        retry_work(RetryWork(work_id=row.pk), by=admin)
    with pytest.raises(NotFound):
        retry_work(RetryWork(work_id=10**9), by=admin)
    with pytest.raises(NotAllowed):
        retry_work(RetryWork(work_id=row.pk), by=actor(Role.NURSE))


def test_the_audit_is_verified_on_demand(admin):
    nurse = actor(Role.NURSE)
    person(nurse)
    client = signed_in(admin)
    assert "intact" in client.post("/systeme/journal/verifier/", follow=True).content.decode()
    chain = str(nurse.organisation_id)
    ChainHead.objects.filter(pk=chain).update(number=0)
    answer = client.post("/systeme/journal/verifier/", follow=True).content.decode()
    assert "ne correspond plus" in answer
    assert chain in answer


def test_the_same_figures_as_json(admin):
    row = dead_letter()
    Work.objects.exclude(pk=row.pk).update(due_at=now() - timedelta(minutes=3))
    answer = signed_in(admin).get("/api/queues/")
    queues = {queue["consumer"]: queue for queue in answer.json()}
    assert queues[row.consumer]["dead"] == 1
    waiting = [queue["lag_seconds"] for queue in queues.values() if queue["pending"]]
    assert all(lag == pytest.approx(180, abs=20) for lag in waiting)
    assert AuditRow.objects.filter(action="outbox_queue.read", outcome="allowed").exists()


def test_json_needs_a_session(client):
    assert client.get("/api/queues/").status_code == 403


def test_the_json_points_are_described_locally(client):
    schema = client.get("/api/schema/", {"format": "json"})
    assert "/api/queues/" in schema.json()["paths"]
    assert schema.json()["components"]["securitySchemes"]["session"]["in"] == "cookie"
    page = client.get("/api/docs/")
    docs = page.content.decode()
    assert "/static/drf_spectacular_sidecar/" in docs
    assert "https://" not in docs
    assert "script-src 'self';" in page["Content-Security-Policy"] + ";"
    assert not re.search(r"<script(?![^>]*\bsrc=)", docs), "a script of the page itself"


def test_the_desk_costs_the_same_for_one_and_five(admin, django_assert_max_num_queries):
    client = signed_in(admin)
    dead_letter()
    systems.fhir_client()
    client.get("/systeme/")
    costs = []
    for _ in range(2):
        with django_assert_max_num_queries(60) as captured:
            assert client.get("/systeme/").status_code == 200
        costs.append(len(captured))
        for _ in range(4):
            systems.fhir_client()
            person(actor(Role.NURSE))
        Work.objects.update(state=Work.State.DEAD)
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("lag", "tone", "said"),
    [
        (timedelta(0), "ok", "rien n’attend"),
        (timedelta(seconds=40), "ok", "40 s"),
        (timedelta(minutes=5), "warn", "5 min"),
        (timedelta(hours=3), "crit", "3 h"),
    ],
)
def test_a_wait_in_words(lag, tone, said):
    assert (tone_of(lag), words(lag)) == (tone, said)
