"""Asking for given-up work again."""

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.kernel.clock import now
from accounts.kernel.errors import NotFound
from accounts.operations.records import RetryWork
from accounts.operations.rules import check_given_up
from accounts.outbox.models import Work


@command(Permission.OUTBOX_DEAD_LETTER_RETRY)
def retry_work(record: RetryWork, act: Act) -> Receipt:
    """Put a dead letter back at the head of its queue, with all its tries; raises `NotGivenUp`."""
    work = Work.objects.select_for_update(of=("self",)).filter(pk=record.work_id).first()
    act.ask(Facts(type="event_work", id=work.event_id if work else None))
    if work is None:
        raise NotFound
    check_given_up(dead=work.state == Work.State.DEAD)
    work.state, work.tries, work.due_at, work.lease_until = Work.State.PENDING, 0, now(), None
    work.save(update_fields=["state", "tries", "due_at", "lease_until"])
    return Receipt(type="event_work", id=work.event_id, version=1)
