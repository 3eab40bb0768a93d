"""Celery: nudges only. The database holds the work; a lost message costs seconds, never a fact."""

import os

from celery import Celery
from celery.signals import worker_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pathway.settings.dev")
os.environ.setdefault("STATEMENT_SECONDS", "60")

app = Celery("coordination")
app.conf.update(
    broker_url=settings.BROKER_URL or "memory://",
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_time_limit=45,
    task_soft_time_limit=30,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 600},
    timezone="Europe/Paris",
    beat_schedule={"sweep": {"task": "outbox.sweep", "schedule": 10.0}},
)
app.autodiscover_tasks()


@worker_init.connect  # type: ignore[untyped-decorator]  # (celery is untyped)
def refuse_unsafe_worker(**_signal: object) -> None:
    """Refuse to work as a database role that no wall holds, or without the keys."""
    from accounts.kernel.keyring import open_keys
    from accounts.kernel.wall import refuse_role_above_walls

    if settings.ENVIRONMENT == "production":
        refuse_role_above_walls()
        open_keys()
