"""Stored events, and one row of work for each consumer that wants one."""

from typing import ClassVar

from django.db import models

from accounts.kernel.clock import now
from accounts.kernel.ids import new_id
from accounts.kernel.models import ERASED_BY_TWO, AppendOnly
from accounts.kernel.wall import NoWall


class StoredEvent(AppendOnly):
    """An event as written in the transaction that caused it."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = NoWall("identifiers only, for the worker; the page of the queues shows none of them")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    type = models.CharField(max_length=60)
    schema = models.PositiveSmallIntegerField(default=1)
    aggregate_type = models.CharField(max_length=40)
    aggregate_id = models.UUIDField()
    aggregate_version = models.PositiveIntegerField()
    person_id = models.UUIDField(null=True)
    origin = models.CharField(max_length=60, blank=True)
    correlation_id = models.UUIDField()
    at = models.DateTimeField(default=now)

    class Meta:
        app_label = "accounts"
        indexes = [models.Index(fields=["aggregate_type", "aggregate_id"], name="event_aggregate")]


class Work(models.Model):
    """What one consumer has to do with one event: pending, leased by a worker, done, or dead after too many tries."""

    class State(models.TextChoices):
        """Where the work stands."""

        PENDING = "pending", "à faire"
        DONE = "done", "faite"
        DEAD = "dead", "en échec"

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(StoredEvent, on_delete=models.PROTECT, related_name="works")
    consumer = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=now)
    lease_until = models.DateTimeField(null=True)
    error_class = models.CharField(max_length=80, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(fields=["event", "consumer"], name="work_once_per_consumer"),
            models.CheckConstraint(condition=models.Q(state__in=["pending", "done", "dead"]), name="work_state"),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="work_pending", condition=models.Q(state="pending")),
            models.Index(fields=["consumer", "state", "due_at"], name="work_queue"),
        ]


class JobRun(models.Model):
    """When a scheduled job last ran, so that one worker among several runs it."""

    name = models.CharField(max_length=60, primary_key=True)
    due_at = models.DateTimeField(default=now)
    last_run_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=80, blank=True)

    class Meta:
        app_label = "accounts"
