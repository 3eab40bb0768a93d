"""Checkpoints: when they are due, where they go, who can verify them, and what stays after old rows go."""

import json
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.audit.checkpoints import sign_due, tell_witnesses
from accounts.audit.models import AuditCheckpoint, AuditRow, AuditSegment, WitnessCursor
from accounts.audit.retention import erasable, erase
from accounts.audit.rules import is_checkpoint_due, months_before, read_line, short_code
from accounts.audit.signing import is_signed
from accounts.audit.verification import verify
from accounts.audit.witnesses import UnknownWitness, own_file, witnesses
from accounts.kernel.actor import Role
from accounts.kernel.clock import now
from accounts.kernel.errors import NotAllowed
from accounts.outbox.drain import run_due_jobs
from accounts.retention.commands import ask_log_purge, confirm_purge
from accounts.retention.models import PurgeOrder
from accounts.retention.records import AskLogPurge, StepPurge
from tests.factories import people
from tests.support import syslog_collector
from tests.support.screens import signed_in
from tests.support.tls import Authority

pytestmark = pytest.mark.django_db


@contextmanager
def collector():
    """A syslog collector on loopback, for one connection: gives its port and the bytes it took."""
    taken = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def take():
            connection_, _ = server.accept()
            with connection_:
                while piece := connection_.recv(65536):
                    taken.append(piece)

        listener = threading.Thread(target=take, daemon=True)
        listener.start()
        yield server.getsockname()[1], taken
        listener.join(5)


def lines(path):
    return [read_line(text) for text in path.read_bytes().splitlines()]


@pytest.mark.parametrize(
    ("rows", "minutes", "due"), [(0, 60, False), (1, None, True), (1, 9, False), (1, 10, True), (10_000, 1, True)]
)
def test_a_checkpoint_is_due_by_time_or_by_rows(rows, minutes, due):
    at = now()
    since = None if minutes is None else at - timedelta(minutes=minutes)
    assert is_checkpoint_due(rows=rows, since=since, at=at) is due


def test_the_worker_signs_each_chain_every_ten_minutes_and_not_more(clock):
    nurse = people.actor(Role.NURSE)
    people.person(nurse)
    run_due_jobs()
    first = AuditCheckpoint.objects.get(chain=str(nurse.organisation_id))
    people.person(nurse)
    clock.forward(minutes=5)
    run_due_jobs()
    assert AuditCheckpoint.objects.filter(chain=first.chain).count() == 1
    clock.forward(minutes=6)
    run_due_jobs()
    assert list(
        AuditCheckpoint.objects.filter(chain=first.chain).order_by("number").values_list("number", flat=True)
    ) == [1, 2]
    assert [one.number for one in lines(own_file()) if one.chain == first.chain] == [1, 2]
    assert verify().faults == []


def test_anyone_verifies_a_line_with_the_public_key_alone(client):
    people.person(people.actor(Role.NURSE))
    sign_due()
    tell_witnesses()
    published = client.get("/systeme/journal/cles.json").json()["keys"]
    raw = json.loads(own_file().read_bytes())
    signature = bytes.fromhex(raw.pop("signature"))
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(published[str(int.from_bytes(signature[:2], "big"))]))
    key.verify(signature[2:], b"checkpoint\n" + json.dumps(raw, separators=(",", ":"), sort_keys=True).encode())


def test_a_checkpoint_goes_to_a_file_a_collector_and_the_referent(settings, tmp_path):
    people.person(people.actor(Role.NURSE))
    sign_due()
    outside = tmp_path / "other" / "audit.jsonl"
    with collector() as (port, taken):
        settings.AUDIT_WITNESSES = [
            f"file://{outside}", f"syslog+tcp://127.0.0.1:{port}", "mailto:referent@hopital.invalid"
        ]  # fmt: skip
        assert tell_witnesses() == 4
    one = lines(outside)[0]
    message = b"".join(taken)
    size, _, rest = message.partition(b" ")
    assert int(size) == len(rest)
    assert rest.startswith(b"<109>1 ")
    assert read_line(rest[rest.index(b"{") :]) == one
    assert short_code(one) in mail.outbox[0].body
    assert mail.outbox[0].to == ["referent@hopital.invalid"]
    assert tell_witnesses() == 0


@pytest.fixture
def authority(tmp_path, settings):
    made = Authority(tmp_path)
    settings.OUTBOUND_CA_FILE = str(made.file)
    return made


def checkpoints_of_two_chains():
    for _ in range(2):
        people.person(people.actor(Role.NURSE))
    return sign_due()


def test_a_collector_over_tls_takes_every_checkpoint_framed_and_signed(authority, settings):
    signed = checkpoints_of_two_chains()
    with syslog_collector.running(authority) as collector:
        settings.AUDIT_WITNESSES = [f"syslog+tls://localhost:{collector.port}"]
        tell_witnesses()
    assert collector.faults == []
    assert collector.ended_well
    assert set(collector.versions) <= {"TLSv1.2", "TLSv1.3"}
    assert [read_line(one["text"]) for one in collector.messages] == signed
    assert {(one["priority"], one["application"], one["kind"]) for one in collector.messages} == {
        (b"109", b"coordination-ppa", b"checkpoint")
    }
    assert all(is_signed(read_line(one["text"])) for one in collector.messages)
    assert WitnessCursor.objects.get(name=settings.AUDIT_WITNESSES[0]).serial == signed[-1].serial


@pytest.mark.parametrize("wrong", ["name", "authority"])
def test_a_collector_that_cannot_prove_its_name_gets_nothing_and_keeps_its_turn(wrong, authority, settings, tmp_path):
    signed = checkpoints_of_two_chains()
    (tmp_path / "stranger").mkdir()
    used = Authority(tmp_path / "stranger") if wrong == "authority" else authority
    with syslog_collector.running(used, name="autre.example.fr" if wrong == "name" else "localhost") as other:
        settings.AUDIT_WITNESSES = [f"syslog+tls://localhost:{other.port}"]
        tell_witnesses()
    assert other.messages == []
    cursor = WitnessCursor.objects.get(name=settings.AUDIT_WITNESSES[0])
    assert (cursor.serial, cursor.error) == (0, "SSLCertVerificationError")
    with syslog_collector.running(authority) as back:
        settings.AUDIT_WITNESSES = [f"syslog+tls://localhost:{back.port}"]
        tell_witnesses()
    assert [read_line(one["text"]) for one in back.messages] == signed


def test_a_place_that_is_away_gets_everything_later_and_is_shown(settings, tmp_path):
    people.person(people.actor(Role.NURSE))
    blocked = tmp_path / "mount"
    blocked.write_text("not a directory")
    settings.AUDIT_WITNESSES = [f"file://{blocked}/audit.jsonl"]
    sign_due()
    tell_witnesses()
    page = signed_in(people.actor(Role.TECHNICAL_ADMIN)).get("/systeme/").content.decode()
    assert "Injoignable" in page
    assert "Moins de deux copies" in page
    blocked.unlink()
    tell_witnesses()
    assert len(lines(blocked / "audit.jsonl")) == AuditCheckpoint.objects.count()
    assert WitnessCursor.objects.get(name=settings.AUDIT_WITNESSES[0]).error == ""


def test_the_operator_reads_the_code_that_the_copies_carry(settings, tmp_path):
    people.person(people.actor(Role.NURSE))
    sign_due(everything=True)
    tell_witnesses()
    page = signed_in(people.actor(Role.TECHNICAL_ADMIN)).get("/systeme/").content.decode()
    assert short_code(lines(own_file())[-1]) in page


def test_an_unknown_kind_of_place_is_refused(settings):
    settings.AUDIT_WITNESSES = ["carrier-pigeon://coop"]
    with pytest.raises(UnknownWitness):
        witnesses()


def test_a_file_kept_elsewhere_is_compared_on_demand(tmp_path, capsys):
    people.person(people.actor(Role.NURSE))
    call_command("audit_checkpoint")
    kept = tmp_path / "kept.jsonl"
    kept.write_bytes(own_file().read_bytes())
    call_command("audit_verify", checkpoint=[kept])
    assert "The audit holds" in capsys.readouterr().out
    kept.write_bytes(kept.read_bytes().replace(b'"number":1', b'"number":2'))
    with pytest.raises(CommandError, match="forged checkpoint"):
        call_command("audit_verify", checkpoint=[kept])


def test_the_verification_begins_where_it_is_told(capsys):
    nurse = people.actor(Role.NURSE)
    for _ in range(3):
        people.person(nurse)
    assert verify(after=2).rows < verify().rows
    call_command("audit_key")
    assert json.loads(capsys.readouterr().out)


def test_old_rows_go_and_the_later_links_still_verify(clock, settings):
    nurse = people.actor(Role.NURSE)
    for _ in range(3):
        people.person(nurse)
    sign_due(everything=True)
    tell_witnesses()
    clock.forward(days=365 * 3 + 2)
    people.person(nurse)
    call_command("audit_purge")
    chain = AuditRow.objects.filter(chain=str(nurse.organisation_id))
    assert chain.count() == 4
    with pytest.raises(CommandError, match="No erasure is confirmed"):
        call_command("audit_purge", execute=True)
    ordered_by_two()
    call_command("audit_purge", execute=True)
    assert list(chain.values_list("number", flat=True)) == [4]
    assert AuditSegment.objects.get(chain=str(nurse.organisation_id)).last == 3
    assert AuditRow.objects.filter(action="access_log.erase_segment", count=3).exists()
    assert verify().faults == []
    people.person(nurse)
    assert verify().faults == []


def test_nothing_is_erased_from_an_audit_that_does_not_hold(clock):
    nurse = people.actor(Role.NURSE)
    people.person(nurse)
    sign_due()
    clock.forward(days=365 * 4)
    ordered_by_two()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_chainhead SET number = 7")
    before = AuditRow.objects.count()
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("audit_purge", execute=True)
    assert not AuditSegment.objects.exists()
    assert AuditRow.objects.count() == before + 1  # that the order was begun


def ordered_by_two():
    """Let one person ask that the old rows go, and another confirm."""
    asking, confirming = (replace(people.actor(Role.TECHNICAL_ADMIN), authenticated_at=now()) for _ in range(2))
    ask_log_purge(AskLogPurge(), by=asking)
    order = PurgeOrder.objects.get()
    step = StepPurge(order_id=order.id, version=order.version)
    with pytest.raises(NotAllowed):
        confirm_purge(step, by=asking)
    confirm_purge(step, by=confirming)


def test_one_person_alone_cannot_let_rows_go_even_with_a_signed_segment(clock):
    nurse = people.actor(Role.NURSE)
    people.person(nurse)
    sign_due(everything=True)
    clock.forward(days=365 * 4)
    [segment] = [one for one in erasable() if one.chain == str(nurse.organisation_id)]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        erase([segment])
    assert not AuditSegment.objects.exists()
    assert verify().faults == []


def test_the_database_tells_the_time_of_the_rows(clock, settings):
    settings.DATABASE_TELLS_TIME = True
    nurse = people.actor(Role.NURSE)
    before = now()
    clock.forward(days=2)
    people.person(nurse)
    people.person(nurse)
    told = list(
        AuditRow.objects.filter(chain=str(nurse.organisation_id)).order_by("number").values_list("at", flat=True)
    )
    assert told == sorted(told)
    ours = timedelta(days=2) if connection.vendor == "sqlite" else timedelta(0)
    assert all(abs(at - before - ours) < timedelta(hours=1) for at in told)
    assert verify().faults == []


def test_a_row_without_a_segment_cannot_be_deleted():
    people.person(people.actor(Role.NURSE))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditRow.objects.all().delete()


def test_months_are_calendar_months():
    assert months_before(datetime(2026, 3, 31, tzinfo=UTC), 1) == datetime(2026, 2, 28, tzinfo=UTC)
    assert months_before(datetime(2026, 1, 15, tzinfo=UTC), 36) == datetime(2023, 1, 15, tzinfo=UTC)
