"""The reserve: what it keeps, that it holds, and that it comes back into the audit once."""

import os
from dataclasses import replace

import orjson
import pytest
from django.core.management import CommandError, call_command

from accounts.audit.models import AuditRow
from accounts.audit.records import AuditEntry
from accounts.audit.reingest import ingest
from accounts.audit.reserve import BOOK, HEAD, ReserveBroken, is_empty, keep_entries, lines, use_once
from accounts.audit.verification import verify
from accounts.kernel.actor import Role
from accounts.kernel.clock import now
from tests.factories import people

pytestmark = pytest.mark.django_db


def entries(actor, count=3):
    return [AuditEntry(actor=actor, action="ppa.read_validated", rule=f"reserve-{number}") for number in range(count)]


@pytest.fixture
def nurse():
    return people.actor(Role.NURSE)


def book(settings):
    return settings.RESERVE_DIR / BOOK


def rows():
    return AuditRow.objects.filter(rule__startswith="reserve-").order_by("number")


def test_what_was_kept_is_in_the_audit_once_with_its_own_time(nurse, clock):
    keep_entries(entries(nurse))
    kept_at = now()
    clock.forward(hours=2)
    assert ingest() == 3
    assert [row.rule for row in rows()] == ["reserve-0", "reserve-1", "reserve-2"]
    assert all(row.at <= kept_at for row in rows())
    assert not verify().faults
    assert is_empty()
    assert ingest() == 0
    assert rows().count() == 3


def test_a_break_in_the_middle_writes_no_line_twice(nurse, monkeypatch):
    keep_entries(entries(nurse, 7))
    monkeypatch.setattr("accounts.audit.reingest.BATCH", 2)
    whole = AuditRow.objects.none().model.objects.bulk_create
    calls = []

    def failing(*args, **kwargs):
        calls.append(1)
        if len(calls) == 5:
            raise RuntimeError("the power is cut")
        return whole(*args, **kwargs)

    monkeypatch.setattr(AuditRow.objects, "bulk_create", failing)
    with pytest.raises(RuntimeError):
        ingest()
    monkeypatch.undo()
    assert 0 < rows().count() < 7
    ingest()
    assert [row.rule for row in rows()] == [f"reserve-{number}" for number in range(7)]
    assert not verify().faults


def test_nothing_of_a_person_or_an_act_is_readable_in_the_file(nurse, settings):
    person_id = people.person(nurse)
    keep_entries([replace(entries(nurse)[0], person_id=person_id)])
    content = book(settings).read_bytes()
    assert not any(word in content for word in (str(person_id).encode(), b"ppa.read", str(nurse.id).encode()))
    assert (book(settings).stat().st_mode & 0o077) == 0


def cut_a_line(path):
    kept = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([kept[0], *kept[2:]]))


def cut_the_end(path):
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def change_a_line(path):
    kept = path.read_bytes().splitlines(keepends=True)
    line = orjson.loads(kept[1])
    line[3] = line[3][:-8] + "AAAAAAA="
    path.write_bytes(b"".join([kept[0], orjson.dumps(line) + b"\n", kept[2]]))


def swap_two(path):
    kept = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([kept[1], kept[0], kept[2]]))


def drop_the_head(path):
    (path.parent / HEAD).unlink()


@pytest.mark.parametrize("tamper", [cut_a_line, cut_the_end, change_a_line, swap_two, drop_the_head])
def test_a_gap_is_named_and_nothing_is_written(nurse, settings, tamper):
    keep_entries(entries(nurse))
    tamper(book(settings))
    with pytest.raises(ReserveBroken):
        list(lines())
    with pytest.raises(CommandError, match="does not hold"):
        call_command("audit_reingest")
    assert not rows().exists()


def test_what_a_crash_cut_short_was_never_answered(nurse, settings):
    keep_entries(entries(nurse, 2))
    with book(settings).open("ab") as torn:
        torn.write(b'["half a li')
    keep_entries(entries(nurse, 1))
    assert ingest() == 3


def test_a_crash_before_the_last_head_loses_nothing(nurse, settings):
    keep_entries(entries(nurse, 2))
    head = (settings.RESERVE_DIR / HEAD).read_bytes()
    keep_entries(entries(nurse, 1))
    (settings.RESERVE_DIR / HEAD).write_bytes(head)
    assert ingest() == 3


def test_half_a_line_is_no_line(nurse, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[: len(content) // 2]))
    with pytest.raises(OSError, match="no room"):
        keep_entries(entries(nurse))
    monkeypatch.undo()
    keep_entries(entries(nurse, 1))
    assert ingest() == 1


def test_each_line_is_on_the_disk_before_the_answer_leaves(nurse, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    keep_entries(entries(nurse))
    assert len(synced) == 3  # the head of a new book, the book, its head


def test_a_code_counts_once():
    assert use_once("a" * 64)
    assert not use_once("a" * 64)
