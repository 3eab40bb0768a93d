"""What somebody who owns the database (and once a checkpoint file) may try against the audit, and what must be said of it.

Each attempt is plain SQL of a superuser, with every guard of the tables taken away and every
hash recomputed where that needs no key. Shared by the test suite and `make faults`.
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from accounts.audit.chain import body, link
from accounts.audit.checkpoints import sign_due, tell_witnesses
from accounts.audit.journal import write_alone
from accounts.audit.models import AuditCheckpoint, AuditRow, ChainHead
from accounts.audit.records import AuditEntry
from accounts.audit.rules import read_line, signed_part
from accounts.audit.witnesses import own_file
from accounts.kernel.actor import Actor, Channel, Role
from tests.support.roles import as_owner

ROWS, SIGNED = 12, 8
"""A checkpoint was signed and left after row 8 of 12."""
TABLES = ("accounts_auditrow", "accounts_auditcheckpoint", "accounts_auditsegment")


@dataclass(frozen=True)
class Tamper:
    """One attempt: what is done, and the first row (or line) and the words that the verification must give."""

    name: str
    do: Callable[["Scene"], None]
    row: int
    said: str


@dataclass
class Scene:
    """Two chains with a life behind them, and the old dump that somebody kept."""

    chain: str
    other: str
    dump: dict[str, list[dict[str, Any]]]

    def sql(self, text: str, *values: object) -> None:
        """Run one statement as the owner of the database."""
        as_owner(text, *values)

    def rewrite(self, first: int, *, head: bool = True) -> None:
        """Recompute every hash of the chain from a row on, and the head's: all that needs no key."""
        rows = list(AuditRow.objects.filter(chain=self.chain).order_by("number"))
        previous = bytes(rows[first - 2].hash) if first > 1 else bytes(32)
        for row in rows[first - 1 :]:
            own = link(previous, body(row.hashed_fields()))
            self.sql("UPDATE accounts_auditrow SET previous_hash = %s, hash = %s WHERE id = %s", previous, own, row.pk)
            previous = own
        if head:
            self.sql(
                "UPDATE accounts_chainhead SET number = %s, hash = %s WHERE chain = %s",
                rows[-1].number, previous, self.chain,
            )  # fmt: skip


def scene() -> Scene:
    """Write two chains, a checkpoint in the middle of their lives, and more rows after it."""
    people = [
        Actor(role=Role.NURSE, channel=Channel.WEB, id=uuid4(), organisation_id=uuid4(), session="s", ip="192.0.2.1")
        for _ in range(2)
    ]
    made = Scene(chain=str(people[0].organisation_id), other=str(people[1].organisation_id), dump={})
    _live(people, rows=SIGNED // 2)
    made.dump = {table: _rows_of(table) for table in (*TABLES, "accounts_chainhead", "accounts_witnesscursor")}
    _live(people, rows=SIGNED // 2)
    sign_due(everything=True)
    tell_witnesses()
    _live(people, rows=ROWS - SIGNED)
    return made


def _live(people: list[Actor], *, rows: int) -> None:
    for one in people:
        for _ in range(rows):
            entry = AuditEntry(
                actor=one, action="patient_identity.read", object_type="person", object_id=uuid4(), person_id=uuid4(),
                rule="CIRCLE",
            )  # fmt: skip
            write_alone([entry])


def _rows_of(table: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 (names of our own tables)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def without_guards() -> Any:
    """Take the triggers away, as only the owner of the tables can."""
    for table in TABLES:
        if connection.vendor == "sqlite":
            as_owner(f"DROP TRIGGER {table}_no_update")
            as_owner(f"DROP TRIGGER {table}_no_delete")
        else:
            as_owner(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only")
    yield


def _change(at: Scene) -> None:
    at.sql("UPDATE accounts_auditrow SET outcome = 'denied' WHERE chain = %s AND number = 3", at.chain)


def _delete(at: Scene) -> None:
    at.sql("DELETE FROM accounts_auditrow WHERE chain = %s AND number = 5", at.chain)


def _insert(at: Scene) -> None:
    at.sql("UPDATE accounts_auditrow SET number = number + 100 WHERE chain = %s AND number > 6", at.chain)
    at.sql("UPDATE accounts_auditrow SET number = number - 99 WHERE chain = %s AND number > 100", at.chain)
    row = AuditRow.objects.get(chain=at.chain, number=6)
    row.pk, row.number, row.object_id = None, 7, uuid4()
    row._state.adding = True
    row.save()
    at.rewrite(7)


def _swap(at: Scene) -> None:
    first, second = AuditRow.objects.filter(chain=at.chain, number__in=(4, 5)).order_by("number")
    for row, other in ((first, second), (second, first)):
        at.sql(
            "UPDATE accounts_auditrow SET object_id = %s, person_id = %s WHERE id = %s",
            *(value if connection.vendor == "postgresql" else value.hex for value in (other.object_id, other.person_id)),
            row.pk,
        )  # fmt: skip


def _reorder(at: Scene) -> None:
    for number, wanted in ((6, 1007), (7, 1006), (1007, 7), (1006, 6)):
        at.sql("UPDATE accounts_auditrow SET number = %s WHERE chain = %s AND number = %s", wanted, at.chain, number)


def _cut_tail(at: Scene) -> None:
    at.sql("DELETE FROM accounts_auditrow WHERE chain = %s AND number > 10", at.chain)
    last = AuditRow.objects.get(chain=at.chain, number=10)
    at.sql("UPDATE accounts_chainhead SET number = 10, hash = %s WHERE chain = %s", bytes(last.hash), at.chain)


def _roll_back(at: Scene) -> None:
    for table, rows in at.dump.items():
        at.sql(f"DELETE FROM {table}")  # noqa: S608 (as above)
        for row in rows:
            names = ", ".join(row)
            marks = ", ".join(["%s"] * len(row))
            at.sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", *row.values())  # noqa: S608 (as above)


def _forge_checkpoint(at: Scene) -> None:
    at.sql("UPDATE accounts_auditrow SET outcome = 'denied' WHERE chain = %s AND number = 2", at.chain)
    at.rewrite(2)
    stored = AuditCheckpoint.objects.get(chain=at.chain)
    forged = read_line(next(text for text in own_file().read_bytes().splitlines() if at.chain.encode() in text))
    own = AuditRow.objects.get(chain=at.chain, number=SIGNED)
    signature = forged.signature[:4] + Ed25519PrivateKey.generate().sign(signed_part(forged)).hex()
    at.sql(
        "UPDATE accounts_auditcheckpoint SET hash = %s, signature = %s WHERE serial = %s",
        bytes(own.hash).hex(), signature, stored.serial,
    )  # fmt: skip


def _rewrite_all(at: Scene) -> None:
    at.sql("UPDATE accounts_auditrow SET professional_id = NULL, actor_id = NULL WHERE chain = %s", at.chain)
    at.rewrite(1)


def _alter_head(at: Scene) -> None:
    at.sql("UPDATE accounts_chainhead SET number = 11 WHERE chain = %s", at.chain)


def _move(at: Scene) -> None:
    at.sql("DELETE FROM accounts_auditrow WHERE chain = %s AND number = 9", at.chain)
    at.sql(
        "UPDATE accounts_auditrow SET chain = %s WHERE chain = %s AND number = 9", at.chain, at.other
    )  # a row of another organisation takes its place


def _alter_file(at: Scene) -> None:
    lines = own_file().read_bytes().splitlines()
    place = next(number for number, text in enumerate(lines) if at.chain.encode() in text)
    lines[place] = orjson.dumps({**orjson.loads(lines[place]), "number": SIGNED - 1})
    _write(own_file(), lines)


def _cut_file(at: Scene) -> None:
    _write(own_file(), own_file().read_bytes().splitlines()[:-1])


def _forge_segment(at: Scene) -> None:
    row = AuditRow.objects.get(chain=at.chain, number=3)
    at.sql(
        "INSERT INTO accounts_auditsegment (chain, first, last, start, digest, begun_at, ended_at, at, signature)"
        " VALUES (%s, 1, 3, %s, %s, %s, %s, %s, %s)",
        at.chain, bytes(32).hex(), bytes(row.hash).hex(), row.at, row.at, row.at, "00" * 66,
    )  # fmt: skip
    at.sql("DELETE FROM accounts_auditrow WHERE chain = %s AND number <= 3", at.chain)


def _forget_checkpoint(at: Scene) -> None:
    at.sql("DELETE FROM accounts_auditcheckpoint")


def _drop_chain(at: Scene) -> None:
    at.sql("DELETE FROM accounts_auditrow WHERE chain = %s", at.chain)
    ChainHead.objects.filter(chain=at.chain).delete()


def _write(path: Path, lines: list[bytes]) -> None:
    path.write_bytes(b"".join(text + b"\n" for text in lines))


TAMPERS = (
    Tamper("a row is changed", _change, 3, "altered row"),
    Tamper("a row is deleted", _delete, 5, "missing row"),
    Tamper("a row is inserted, all later hashes recomputed", _insert, 1, "rewritten row"),
    Tamper("the contents of two rows are swapped", _swap, 4, "altered row"),
    Tamper("two rows change places", _reorder, 6, "altered row"),
    Tamper("the tail is cut, the head set back", _cut_tail, 9, "forged seal"),
    Tamper("the database is rolled back to an old dump", _roll_back, 5, "missing row: a checkpoint knows 8 rows"),
    Tamper("a checkpoint is forged with another key", _forge_checkpoint, 1, "rewritten row"),
    Tamper("the whole chain is rewritten with recomputed hashes", _rewrite_all, 1, "rewritten row"),
    Tamper("the head is altered", _alter_head, 13, "cut or forged end"),
    Tamper("a row moves to another chain", _move, 9, "altered row"),
    Tamper("a line of the checkpoint file is altered", _alter_file, 0, "forged checkpoint"),
    Tamper("the checkpoint file is cut", _cut_file, 0, "checkpoint file cut"),
    Tamper("a segment is forged to hide erased rows", _forge_segment, 1, "forged segment"),
    Tamper("the checkpoints are forgotten", _forget_checkpoint, 0, "missing checkpoint"),
    Tamper("a whole chain is dropped", _drop_chain, 1, "missing row: a checkpoint knows 8 rows"),
)
