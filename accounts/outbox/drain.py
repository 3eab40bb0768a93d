"""Storing events with their work, and doing the work: at least once, each try in its own transaction."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from accounts.kernel import read_only
from accounts.kernel.clock import now
from accounts.kernel.database import claim
from accounts.kernel.wall import Reason, seeing_everything
from accounts.outbox.events import Event
from accounts.outbox.models import JobRun, StoredEvent, Work
from accounts.outbox.registry import HandlerOfMany, consumers, jobs
from accounts.outbox.rules import LEASE, is_given_up, next_delay

log = logging.getLogger(__name__)
BATCH = 50


def store(events: Iterable[Event], *, origin: str, correlation_id: UUID) -> list[UUID]:
    """Write events and the work they make, inside the caller's transaction; return the events' ids."""
    rows = [
        StoredEvent(
            type=event.TYPE,
            schema=event.SCHEMA,
            aggregate_type=event.aggregate_type,
            aggregate_id=event.aggregate_id,
            aggregate_version=event.aggregate_version,
            person_id=event.person_id,
            origin=origin,
            correlation_id=correlation_id,
        )
        for event in events
    ]
    StoredEvent.objects.bulk_create(rows)
    Work.objects.bulk_create(
        Work(event=row, consumer=consumer.name)
        for row in rows
        for consumer in consumers.values()
        if consumer.wants(row.type)
    )
    return [row.id for row in rows]


def after_commit(event_ids: Sequence[UUID]) -> None:
    """Do the prompt work of events just committed, then ring the workers; never raises: the work is stored."""
    prompt = [consumer.name for consumer in consumers.values() if consumer.prompt]
    try:
        _do_all(_claimed(Q(event_id__in=event_ids, consumer__in=prompt), len(event_ids) * len(prompt) or 1))
        nudge()
    except Exception:  # the worker finds what is left; the caller's change is already durable
        log.exception("prompt work failed")


def nudge() -> None:
    """Ring the workers when there is a broker; a lost message costs ten seconds."""
    if settings.BROKER_URL:
        current_app.send_task("outbox.drain", retry=False, ignore_result=True)


def drain(*, limit: int = BATCH) -> int:
    """Do due work until none is left or `limit` pieces are done; return how many were tried. Read-only mode: none."""
    if read_only.mode():
        return 0
    tried = 0
    while tried < limit:
        works = _claimed(Q(), min(BATCH, limit - tried))
        if not works:
            break
        _do_all(works)
        tried += len(works)
    return tried


def run_due_jobs() -> int:
    """Run each scheduled job whose time has come; return how many things they did. Read-only mode: none."""
    if read_only.mode():
        return 0
    return sum(_run_job(name) for name in list(jobs))


def _claimed(only: Q, limit: int) -> list[Work]:
    instant = now()
    free = Q(lease_until=None) | Q(lease_until__lt=instant)
    with transaction.atomic():
        due = Work.objects.select_related("event").filter(only & free, state=Work.State.PENDING, due_at__lte=instant)
        works = list(claim(due.order_by("due_at", "id"))[:limit])
        Work.objects.filter(pk__in=[work.pk for work in works]).update(lease_until=instant + LEASE)
    return sorted(works, key=lambda work: work.pk)


def _do_all(works: Sequence[Work]) -> None:
    """Do each piece of work in order; those of a consumer that takes many are done together, at the place of the first."""
    by_consumer: dict[str, list[Work]] = defaultdict(list)
    for work in works:
        by_consumer[work.consumer].append(work)
    with seeing_everything(Reason.PROJECTION):
        for work in works:
            known = consumers.get(work.consumer)
            if known is None or known.handle_many is None:
                _do(work)
            elif together := by_consumer.pop(work.consumer, []):
                _do_together(together, known.handle_many)


def _do_together(works: Sequence[Work], handle: HandlerOfMany) -> None:
    try:
        handle([work.event for work in works])
    except Exception:  # noqa: BLE001 (one of them is at fault: done one by one, that one alone fails)
        for work in works:
            _do(work)
    else:
        _done(works)


def _do(work: Work) -> None:
    consumer = consumers.get(work.consumer)
    try:
        if consumer is None:
            raise LookupError(work.consumer)
        consumer.handle(work.event)
    except Exception as error:  # noqa: BLE001 (any fault of a consumer is this row's fault, told to the operator by class)
        _failed(work, error)
    else:
        _done([work])


def _done(works: Sequence[Work]) -> None:
    Work.objects.filter(pk__in=[work.pk for work in works]).update(
        state=Work.State.DONE, done_at=now(), lease_until=None, tries=F("tries") + 1, error_class=""
    )


def _failed(work: Work, error: Exception) -> None:
    tries = work.tries + 1
    log.error("event work failed", exc_info=error, extra={"consumer": work.consumer})
    Work.objects.filter(pk=work.pk).update(
        state=Work.State.DEAD if is_given_up(tries) else Work.State.PENDING,
        tries=tries,
        due_at=now() + next_delay(tries),
        lease_until=None,
        error_class=type(error).__name__[:80],
    )


def _run_job(name: str) -> int:
    job, instant = jobs[name], now()
    with transaction.atomic():
        JobRun.objects.get_or_create(name=name, defaults={"due_at": instant})
        row = claim(JobRun.objects.filter(name=name, due_at__lte=instant)).first()
        if row is None:
            return 0
        row.due_at, row.last_run_at = instant + job.every, instant
        row.save(update_fields=["due_at", "last_run_at"])
    try:
        with seeing_everything(Reason.CLOCK):
            done, error = job.run(), ""
    except Exception as fault:  # one job's fault must not stop the others
        log.exception("scheduled job failed", extra={"job": name})
        done, error = 0, type(fault).__name__[:80]
    JobRun.objects.filter(name=name).update(last_error=error)
    return done
