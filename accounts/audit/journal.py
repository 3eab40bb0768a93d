"""Writing the audit, last in its transaction."""

import hmac
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from accounts.audit.chain import GENESIS, body, link
from accounts.audit.models import AuditRow, ChainHead
from accounts.audit.records import AuditEntry
from accounts.audit.reserve import keep_entries
from accounts.audit.rules import purpose_of
from accounts.kernel import read_only
from accounts.kernel.clock import now
from accounts.kernel.crypto import Purpose
from accounts.kernel.database import on_postgresql
from accounts.kernel.errors import AuditUnavailable
from accounts.kernel.keyring import ring
from accounts.kernel.wall import Reason, reads_in_one_transaction, seeing_everything, sees

SHARED_CHAIN = "deployment"
SEAL = "chain-head"
_HEAD: Final = "SELECT number, hash, {told} FROM accounts_chainhead WHERE chain = %(chain)s {locks}"
_MOVE_HEAD: Final = (
    "UPDATE accounts_chainhead SET number = %(number)s, hash = %(hash)s, seal = %(seal)s WHERE chain = %(chain)s"
)
"""Every request reads and moves a head: the ORM building these two anew cost more than running them."""


def write(entries: Sequence[AuditEntry]) -> None:
    """Append entries to their chains, inside the caller's transaction and as its last act.

    The head row is locked last of all: locked first, it costs seven times the throughput.
    Raises `AuditUnavailable` when the rows cannot be written: the act must then not happen.
    """
    by_chain: dict[str, list[AuditEntry]] = defaultdict(list)
    for entry in entries:
        by_chain[_chain_of(entry)].append(entry)
    try:
        own = all(sees(one.actor.organisation_id) for one in entries)
        with nullcontext() if own else seeing_everything(Reason.AUDIT):
            for chain in sorted(by_chain):
                _append(chain, by_chain[chain])
    except DatabaseError as error:
        raise AuditUnavailable from error


def write_alone(entries: Sequence[AuditEntry], *, with_reading: bool = False) -> None:
    """Append entries in a transaction of their own: refusals, and reads before their answer leaves.

    `with_reading`: what was read has a transaction already, and they are the last thing in it.

    While the database takes no writes, they go to the reserve. Raises `AuditUnavailable`:
    the answer must then not leave.
    """
    if not entries:
        return
    if not read_only.mode():
        try:
            with transaction.atomic(savepoint=not (with_reading and reads_in_one_transaction())):
                write(entries)
        except (DatabaseError, AuditUnavailable) as error:
            if not read_only.note_refusal(error):
                raise AuditUnavailable from error
        else:
            return
    _to_the_reserve(entries)


def _to_the_reserve(entries: Sequence[AuditEntry]) -> None:
    try:
        keep_entries(entries)
    except OSError as error:
        raise AuditUnavailable from error


def head_holds(head: ChainHead) -> bool:
    """Tell whether a head bears the seal of one of our keys: a chain keeps its seal until its next row."""
    marks = (_mark(key, head.chain, head.number, bytes(head.hash)) for key in ring(Purpose.AUDIT).derived(SEAL))
    return any(hmac.compare_digest(bytes(head.seal), mark) for mark in marks)


def _append(chain: str, entries: Iterable[AuditEntry]) -> None:
    number, previous, at = _locked_head(chain)
    rows = []
    for entry in entries:
        number += 1
        row = _row(chain, number, entry, at=entry.at or at)
        row.previous_hash = previous
        row.hash = previous = link(previous, body(row.hashed_fields()))
        rows.append(row)
    AuditRow.objects.bulk_create(rows)
    head: dict[str, Any] = {"number": number, "hash": previous, "seal": _seal(chain, number, previous), "chain": chain}
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_HEAD, head)


def _locked_head(chain: str) -> tuple[int, bytes, datetime]:
    """Return the last number and the last hash of a chain, locked, and what time it is for its next rows.

    PostgreSQL tells it in the same statement, again when it had to wait for the row: hosts may disagree, it does not,
    and no row is earlier than the one before it. SQLite is on this host, whose clock it would tell.
    """
    head = _head(chain)
    if head is None:
        ChainHead.objects.get_or_create(chain=chain, defaults={"hash": GENESIS, "seal": _seal(chain, 0, GENESIS)})
        head = _head(chain)
    number, last, told = head
    return number, bytes(last), told or now()


def _head(chain: str) -> Any:
    locks = on_postgresql()
    told = "clock_timestamp()" if locks and settings.DATABASE_TELLS_TIME else "NULL"
    with connection.cursor() as cursor:
        cursor.execute(_HEAD.format(told=told, locks="FOR UPDATE" if locks else ""), {"chain": chain})
        return cursor.fetchone()


def _row(chain: str, number: int, entry: AuditEntry, *, at: datetime) -> AuditRow:
    actor = entry.actor
    return AuditRow(
        chain=chain,
        number=number,
        at=at,
        actor_id=actor.id,
        professional_id=actor.professional_id,
        organisation_id=actor.organisation_id,
        role=actor.role,
        channel=actor.channel,
        session=actor.session,
        action=entry.action,
        object_type=entry.object_type,
        object_id=entry.object_id,
        person_id=entry.person_id,
        outcome=entry.outcome,
        rule=entry.rule,
        count=entry.count,
        break_glass_id=entry.break_glass_id,
        correlation_id=actor.correlation_id,
        ip=actor.ip,
        purpose=purpose_of(entry),
        query=entry.query,
    )


def _chain_of(entry: AuditEntry) -> str:
    return str(entry.actor.organisation_id) if entry.actor.organisation_id else SHARED_CHAIN


def _seal(chain: str, number: int, last: bytes) -> bytes:
    return _mark(ring(Purpose.AUDIT).derive(SEAL), chain, number, last)


def _mark(key: bytes, chain: str, number: int, last: bytes) -> bytes:
    return hmac.new(key, f"{chain}|{number}|".encode() + last, "sha256").digest()
