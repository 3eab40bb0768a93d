"""What an operator sees of the queues: counts, ages and classes of error, never content."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from accounts.kernel.clock import now
from accounts.outbox.models import JobRun, Work
from accounts.outbox.registry import consumers, label_of


@dataclass(frozen=True, slots=True)
class QueueState:
    """One consumer's queue: how much waits, since when, how much is given up."""

    consumer: str
    pending: int
    dead: int
    oldest_due: datetime | None

    @property
    def label(self) -> str:
        """What people call this queue."""
        return label_of(self.consumer)

    @property
    def lag(self) -> timedelta:
        """How long the oldest due piece of work has waited."""
        return max(now() - self.oldest_due, timedelta(0)) if self.oldest_due else timedelta(0)


def queue_states() -> list[QueueState]:
    """Return the state of each registered consumer's queue, by name."""
    waiting = Q(state=Work.State.PENDING)
    rows = (
        Work.objects.filter(state__in=[Work.State.PENDING, Work.State.DEAD])
        .values("consumer")
        .annotate(
            pending=Count("pk", filter=waiting), dead=Count("pk", filter=~waiting), oldest=Min("due_at", filter=waiting)
        )
    )
    found = {row["consumer"]: row for row in rows}
    return [
        QueueState(name, found[name]["pending"], found[name]["dead"], found[name]["oldest"])
        if name in found
        else QueueState(name, 0, 0, None)
        for name in sorted(set(consumers) | set(found))
    ]


def oldest_due_work() -> timedelta:
    """Return how long the oldest due piece of work has waited; zero when nothing waits."""
    oldest = Work.objects.filter(state=Work.State.PENDING, due_at__lte=now()).aggregate(at=Min("due_at"))["at"]
    return now() - oldest if oldest else timedelta(0)


def dead_letters(*, limit: int = 50) -> list[Work]:
    """Return the newest works given up, with their event's identifiers."""
    return list(Work.objects.filter(state=Work.State.DEAD).select_related("event").order_by("-id")[:limit])


def scheduled_jobs() -> list[JobRun]:
    """Return when each scheduled job last ran, by name."""
    return list(JobRun.objects.order_by("name"))
