"""Who can open a backup, and who vouches for a drill; the copies themselves are tried by `tests/faults/drill.py`."""

import base64
import json

import pyrage
import pytest
from django.core.management import CommandError, call_command

from accounts.kernel.crypto import is_signed
from accounts.safekeeping.databases import copy
from accounts.safekeeping.drill import Drill, write_report

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


@pytest.mark.parametrize("count", [0, 1])
def test_production_asks_for_two_recipients(settings, tmp_path, count):
    settings.ENVIRONMENT = "production"
    settings.BACKUP_RECIPIENTS = [str(pyrage.x25519.Identity.generate().to_public())] * count
    with pytest.raises(CommandError, match="at least two"):
        call_command("backup", str(tmp_path / "backup.age"), recipient=settings.BACKUP_RECIPIENTS)
    assert list(tmp_path.iterdir()) == []


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
