"""Celery's entry: messages carry nothing, the work is in the database."""

from celery import shared_task

from accounts.outbox.drain import drain, run_due_jobs


@shared_task(name="outbox.drain")  # type: ignore[untyped-decorator]  # (celery is untyped)
def drain_task() -> None:
    """Do the due work."""
    drain()


@shared_task(name="outbox.sweep")  # type: ignore[untyped-decorator]  # (celery is untyped)
def sweep_task() -> None:
    """Run the due jobs, then find what a lost message left behind."""
    run_due_jobs()
    drain()
