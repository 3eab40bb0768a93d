"""Writing into the audit what the reserve kept while the database took no writes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts.audit.journal import write
from accounts.audit.models import ReserveBook
from accounts.audit.records import AuditEntry, Outcome
from accounts.audit.reserve import AUDIT, KEPT, Line, is_empty, whole_book
from accounts.kernel.actor import Actor, Channel, Role, system_actor

BATCH: Final = 500
Handler = Callable[[dict[str, Any]], None]
_handlers: dict[str, Handler] = {}


def ingests(kind: str) -> Callable[[Handler], Handler]:
    """Register what writes the lines of one kind into the database later; it may see a line twice."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def ingest() -> int:
    """Write what the reserve holds into the audit, each line once, and close the book; return how many lines.

    Raises `ReserveBroken` before anything of a book that does not hold is written.
    """
    if is_empty():
        return 0
    with whole_book() as (book, held):
        done = ReserveBook.objects.get_or_create(id=book)[0].ingested
        for start in range(done, len(held), BATCH):
            _ingest(book, held[start : start + BATCH])
        return len(held) - done


def _ingest(book: UUID, batch: list[Line]) -> None:
    for line in batch:
        if line.kind != AUDIT:
            _handlers[line.kind](line.held)
    with transaction.atomic():
        row = ReserveBook.objects.select_for_update().get(pk=book)
        entries = [_entry(line.held) for line in batch if line.kind == AUDIT and line.number > row.ingested]
        proof = AuditEntry(
            actor=system_actor("audit_reingest"), action="access_log.reingest", object_type="reserve", object_id=book,
            rule=f"{batch[0].number}-{batch[-1].number} {batch[-1].hash[:32]}", count=len(entries),
        )  # fmt: skip
        row.ingested, row.hash = batch[-1].number, batch[-1].hash
        row.save(update_fields=["ingested", "hash"])
        write([*entries, proof])


def _entry(held: dict[str, Any]) -> AuditEntry:
    who = held["actor"]
    actor = Actor(
        role=Role(who["role"]), channel=Channel(who["channel"]), id=_uuid(who["id"]),
        professional_id=_uuid(who["professional_id"]), organisation_id=_uuid(who["organisation_id"]),
        session=who["session"], ip=who["ip"], correlation_id=UUID(who["correlation_id"]),
    )  # fmt: skip
    ids = ("object_id", "person_id", "break_glass_id")
    told: dict[str, Any] = {name: _uuid(held[name]) if name in ids else held[name] for name in KEPT}
    return AuditEntry(actor=actor, outcome=Outcome(held["outcome"]), at=datetime.fromisoformat(held["at"]), **told)


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
