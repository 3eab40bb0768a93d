"""Signing where each chain stands, and telling it to places that the database's owner does not hold."""

import logging
from dataclasses import asdict
from datetime import datetime

from django.db.models import OuterRef, Subquery

from accounts.audit.models import AuditCheckpoint, ChainHead, WitnessCursor
from accounts.audit.records import Checkpoint
from accounts.audit.rules import is_checkpoint_due
from accounts.audit.signing import sign
from accounts.audit.witnesses import Witness, witnesses
from accounts.kernel.clock import now

log = logging.getLogger(__name__)
MOST_AT_ONCE = 10_000


def sign_due(*, everything: bool = False) -> list[Checkpoint]:
    """Sign a checkpoint of each chain that is due (with `everything`, of each that grew), and return them."""
    at, last = now(), AuditCheckpoint.objects.filter(chain=OuterRef("chain")).order_by("-number")
    heads = ChainHead.objects.annotate(
        signed_number=Subquery(last.values("number")[:1]), signed_at=Subquery(last.values("at")[:1])
    ).order_by("chain")
    newest = AuditCheckpoint.objects.order_by("-serial").first()
    serial = newest.serial if newest else 0
    made: list[Checkpoint] = []
    for head in heads:
        if _is_due(head, at, everything=everything):
            made.append(_signed(head, serial=serial + len(made) + 1, at=at))
    AuditCheckpoint.objects.bulk_create(AuditCheckpoint(**asdict(one)) for one in made)
    return made


def tell_witnesses() -> int:
    """Hand each place the checkpoints that it has not taken yet; return how many were taken.

    A place that cannot be reached keeps its turn: the next run hands it the same lines.
    """
    return sum(_tell(witness) for witness in witnesses())


def checkpoint_of(row: AuditCheckpoint) -> Checkpoint:
    """Return a stored checkpoint as its record."""
    return Checkpoint(
        serial=row.serial, chain=row.chain, number=row.number, hash=row.hash, at=row.at,
        signature=row.signature,
    )  # fmt: skip


def _is_due(head: ChainHead, at: datetime, *, everything: bool) -> bool:
    rows, since = head.number - (head.signed_number or 0), head.signed_at  # type: ignore[attr-defined]  # (annotated)
    return rows > 0 if everything else is_checkpoint_due(rows=rows, since=since, at=at)


def _signed(head: ChainHead, *, serial: int, at: datetime) -> Checkpoint:
    return sign(Checkpoint(serial=serial, chain=head.chain, number=head.number, hash=bytes(head.hash).hex(), at=at))


def _tell(witness: Witness) -> int:
    cursor, _ = WitnessCursor.objects.get_or_create(name=witness.name)
    instant = now()
    if cursor.sent_at is not None and instant - cursor.sent_at < witness.every:
        return 0
    waiting = AuditCheckpoint.objects.filter(serial__gt=cursor.serial).order_by("serial")[:MOST_AT_ONCE]
    checkpoints = [checkpoint_of(row) for row in waiting]
    if not checkpoints:
        return 0
    try:
        witness.deliver(checkpoints)
    except OSError as error:
        log.warning("a witness cannot be reached", extra={"error_code": type(error).__name__})
        cursor.error = type(error).__name__
        cursor.save(update_fields=["error"])
        return 0
    cursor.serial, cursor.sent_at, cursor.error = checkpoints[-1].serial, instant, ""
    cursor.save(update_fields=["serial", "sent_at", "error"])
    return len(checkpoints)
