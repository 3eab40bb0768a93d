"""Who can open a backup, and who vouches for a drill; the copies themselves are tried by `tests/faults/drill.py`."""

import base64
import json

import pyrage
import pytest
from django.core.management import CommandError, call_command

from accounts.audit.models import AuditRow
from accounts.audit.verification import verify
from accounts.kernel.crypto import is_signed
from accounts.kernel.errors import AuditUnavailable
from accounts.safekeeping.backup import Written
from accounts.safekeeping.databases import copy
from accounts.safekeeping.drill import Drill, write_report
from accounts.safekeeping.traces import fingerprints

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


@pytest.mark.parametrize("count", [0, 1])
def test_production_asks_for_two_recipients(settings, tmp_path, count):
    settings.ENVIRONMENT = "production"
    settings.BACKUP_RECIPIENTS = [str(pyrage.x25519.Identity.generate().to_public())] * count
    with pytest.raises(CommandError, match="at least two"):
        call_command("backup", str(tmp_path / "backup.age"), recipient=settings.BACKUP_RECIPIENTS)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def keys():
    return sorted(str(pyrage.x25519.Identity.generate().to_public()) for _ in range(2))


def test_a_backup_is_in_the_audit_before_it_is_written_with_who_can_open_it(monkeypatch, settings, tmp_path, keys):
    settings.BACKUP_RECIPIENTS = keys
    seen = []

    def written(path, to):
        seen.extend(AuditRow.objects.filter(action="deployment.backup"))
        return Written(0, 0, {})

    monkeypatch.setattr("accounts.management.commands.backup.backup", written)
    call_command("backup", str(tmp_path / "backup.age"))
    assert [(row.count, row.rule, row.channel) for row in seen] == [(2, fingerprints(keys), "console")]
    assert keys[0] not in seen[0].rule
    assert seen[0].rule == fingerprints(reversed(keys))


def test_nothing_is_copied_when_the_audit_cannot_be_written(monkeypatch, settings, tmp_path, keys):
    settings.BACKUP_RECIPIENTS = keys

    def unwritten(entries):
        raise AuditUnavailable

    monkeypatch.setattr("accounts.safekeeping.traces.write_alone", unwritten)
    monkeypatch.setattr("accounts.management.commands.backup.backup", lambda *_: pytest.fail("it was copied"))
    with pytest.raises(CommandError, match="audit"):
        call_command("backup", str(tmp_path / "backup.age"))


def test_a_restore_is_in_the_audit_of_what_was_restored(monkeypatch, settings, tmp_path):
    settings.BACKUP_IDENTITY_FILE = tmp_path / "key"
    settings.BACKUP_IDENTITY_FILE.write_text(str(pyrage.x25519.Identity.generate()))
    head = {"made_at": "2026-11-22T10:00:00+00:00", "rows": {"a": 2, "b": 3}}

    def restored(path, identity, *, replace):
        assert not AuditRow.objects.filter(action="deployment.restore").exists()
        return head

    monkeypatch.setattr("accounts.management.commands.restore.restore", restored)
    call_command("restore", str(tmp_path / "backup.age"))
    row = AuditRow.objects.get(action="deployment.restore")
    assert (row.count, row.rule) == (5, "2026-11-22T10:00:00+00:00")
    assert verify().faults == []


def test_a_drill_is_in_the_audit_of_the_service_and_not_of_its_scratch(monkeypatch, settings, tmp_path):
    settings.DRILL_DIRECTORY = tmp_path / "drills"
    monkeypatch.setattr(
        "accounts.management.commands.restore_drill.hold_drill", lambda *_: Drill(at="2026-11-22T10:00:00", rows=7)
    )
    call_command("restore_drill")
    row = AuditRow.objects.get(action="deployment.restore_drill")
    assert (row.rule, row.count) == ("begun", 0)
    key = tmp_path / "key"
    key.write_text(str(pyrage.x25519.Identity.generate()))
    monkeypatch.setattr("accounts.management.commands.restore_drill.look", lambda *_: {})
    call_command("restore_drill", str(tmp_path / "backup.age"), identity=key, inside=True)
    assert AuditRow.objects.filter(action="deployment.restore_drill").count() == 1


def test_a_copy_is_not_begun_where_it_would_wait_for_ever(tmp_path):
    from django.db import connection

    if connection.vendor == "sqlite":
        with pytest.raises(RuntimeError, match="inside a transaction"):
            copy(tmp_path / "database")


def test_the_report_of_a_drill_is_signed(settings, tmp_path):
    settings.DRILL_DIRECTORY = tmp_path / "drills"
    found = Drill(at="2026-11-22T10:00:00", seconds={"restore": 1.0}, faults=["fhir: differs"])
    signed = json.loads(write_report(found).read_text())
    assert json.loads(signed["report"])["holds"] is False
    signature, public_key = base64.b64decode(signed["signature"]), base64.b64decode(signed["public_key"])
    keys = {int.from_bytes(signature[:2], "big"): public_key}
    assert is_signed(signed["report"].encode(), signature, keys)
    assert not is_signed(signed["report"].replace("false", "true").encode(), signature, keys)
