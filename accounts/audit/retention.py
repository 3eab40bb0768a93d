"""The end of the trail's time: old rows go, a signed digest of them stays, and the later links still verify."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min

from accounts.audit.journal import write
from accounts.audit.models import AuditCheckpoint, AuditRow, AuditSegment, ChainHead
from accounts.audit.records import AuditEntry, Segment
from accounts.audit.rules import months_before
from accounts.audit.signing import sign
from accounts.audit.verification import verify
from accounts.kernel.actor import system_actor
from accounts.kernel.clock import now
from accounts.kernel.wall import Reason, seeing_everything

ERASE = "access_log.erase_segment"
INSTANTS = ("begun_at", "ended_at", "at")


class AuditDoesNotHold(Exception):
    """Nothing is erased from an audit that does not verify: what was altered must first be looked at."""


@seeing_everything(Reason.AUDIT)
def erasable() -> list[Segment]:
    """Return what may be erased now, not yet signed: of each chain, its first rows that are older than `AUDIT_RETENTION` months.

    Rows that no checkpoint covers yet stay.
    """
    limit = months_before(now(), settings.AUDIT_RETENTION)
    chains = ChainHead.objects.order_by("chain").values_list("chain", flat=True)
    return [segment for chain in chains if (segment := _erasable_of(chain, limit))]


@seeing_everything(Reason.AUDIT)
def erase(listed: Sequence[Segment]) -> None:
    """Replace what two persons listed by its signed digest, in one transaction; what is gone already is passed over.

    The database lets the rows go while their order is carried out, and only then. Raises `AuditDoesNotHold` when
    the audit does not verify, or is not what was listed. The erasure is itself a row of the audit.
    """
    if verify().faults:
        raise AuditDoesNotHold
    with transaction.atomic():
        segments = [sign(replace(one, at=now())) for one in listed if not _is_gone(one)]
        for one in segments:
            last = AuditRow.objects.filter(chain=one.chain, number=one.last).first()
            if last is None or bytes(last.hash).hex() != one.digest:
                raise AuditDoesNotHold
            AuditSegment.objects.create(**asdict(one))
            AuditRow.objects.filter(chain=one.chain, number__range=(one.first, one.last)).delete()
        by = system_actor("audit_purge")
        write([AuditEntry(actor=by, action=ERASE, rule="retention", count=rows_of(one)) for one in segments])


def rows_of(segment: Segment) -> int:
    """Return how many rows a segment replaces."""
    return segment.last - segment.first + 1


def to_list(segments: Iterable[Segment]) -> list[dict[str, Any]]:
    """Return segments as an order keeps them, in JSON."""
    return [asdict(one) | {name: getattr(one, name).isoformat() for name in INSTANTS} for one in segments]


def from_list(kept: Iterable[dict[str, Any]] | None) -> list[Segment]:
    """Return the segments that an order keeps; none when it is about files."""
    return [Segment(**one | {name: datetime.fromisoformat(one[name]) for name in INSTANTS}) for one in kept or ()]


def _is_gone(segment: Segment) -> bool:
    return AuditSegment.objects.filter(chain=segment.chain, first=segment.first, last=segment.last).exists()


def _erasable_of(chain: str, limit: datetime) -> Segment | None:
    rows = AuditRow.objects.filter(chain=chain)
    covered = AuditCheckpoint.objects.filter(chain=chain).aggregate(last=Max("number"))["last"] or 0
    first_kept = rows.filter(at__gte=limit).aggregate(first=Min("number"))["first"]
    last = covered if first_kept is None else min(first_kept - 1, covered)
    old = rows.filter(number__lte=last).aggregate(first=Min("number"), begun=Min("at"), ended=Max("at"))
    if old["first"] is None:
        return None
    edges = rows.filter(number__in=(old["first"], last)).order_by("number")
    return Segment(
        chain=chain, first=old["first"], last=last, start=bytes(edges[0].previous_hash).hex(),
        digest=bytes(edges[len(edges) - 1].hash).hex(), begun_at=old["begun"], ended_at=old["ended"], at=limit,
    )  # fmt: skip
