"""Carrying out the orders that two persons gave."""

from datetime import timedelta

from accounts.audit.retention import erase as erase_rows
from accounts.audit.retention import from_list
from accounts.kernel.actor import system_actor
from accounts.kernel.wall import Reason, seeing_everything
from accounts.outbox.registry import scheduled
from accounts.retention.commands import begin_purge, erase_file, finish_purge
from accounts.retention.models import PurgeOrder, PurgeSubject
from accounts.retention.records import EraseFile, StepPurge
from accounts.retention.states import OrderState


@scheduled("retention-purge", every=timedelta(minutes=15), label="Effacements confirmés")
def carry_out_orders() -> int:
    """Erase what each confirmed order lists, one transaction a file; an order that was cut short is taken up again.

    Raises `AuditDoesNotHold` for rows of an access log that does not verify: such an order stays open.
    """
    clerk, done = system_actor("retention-purge"), 0
    with seeing_everything(Reason.CLOCK):
        ready = PurgeOrder.objects.filter(state__in=[OrderState.CONFIRMED, OrderState.EXECUTING])
        waiting = list(ready.order_by("id").values_list("id", "version"))
    for order_id, version in waiting:
        begun = begin_purge(StepPurge(order_id=order_id, version=version), by=clerk)
        left = PurgeSubject.objects.filter(order_id=order_id, erased_at=None).order_by("id")
        for subject_id in list(left.values_list("id", flat=True)):
            erase_file(EraseFile(subject_id=subject_id), by=clerk)
            done += 1
        segments = PurgeOrder.objects.values_list("segments", flat=True).get(pk=order_id)
        if segments:
            erase_rows(from_list(segments))
            done += len(segments)
        finish_purge(StepPurge(order_id=order_id, version=begun.version), by=clerk)
    return done
