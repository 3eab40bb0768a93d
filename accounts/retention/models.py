"""Rules of conservation, legal holds, orders to erase with their certificate."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.access.records import Facts
from accounts.kernel.clock import now
from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.models import Aggregate, AppendOnly, Record
from accounts.kernel.states import Lifecycle
from accounts.kernel.wall import NoWall
from accounts.retention.states import ORDER, OrderState, Trigger

BY_REFERENCE = NoWall("a reference and a date, read by those who keep the periods and know nobody")


class RetentionRule(AppendOnly, Record):
    """How long what is kept, from what, by which text, since when: the row with the highest number is in force.

    A period is of years; of `days` for what is no part of a file, such as a text that was never saved. The site's own: the
    law sets minimums. `set_by` is the account that decided; null for what the law gives.
    """

    object = models.CharField(max_length=20, default="person_file")
    trigger = models.CharField(max_length=16)
    years = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField(null=True)
    basis = models.CharField(max_length=300)
    number = models.PositiveSmallIntegerField(default=1)
    set_by = models.UUIDField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(fields=["object", "trigger", "number"], name="retention_rule_once"),
            models.CheckConstraint(condition=Q(trigger__in=[str(one) for one in Trigger]), name="retention_trigger"),
        ]


class LegalHold(Record):
    """A claim suspends the end of a file: nothing of it is erased until the hold is lifted."""

    WALL = BY_REFERENCE

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    reason = EncryptedTextField()
    set_by = models.UUIDField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(fields=["person", "organisation"], condition=Q(lifted_at=None), name="hold_once")
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at: a reference, for those who know nobody."""
        return Facts(type="legal_hold", id=self.pk, organisation_id=self.organisation_id)


class PurgeOrder(Aggregate):
    """An order to erase what is due: one account asks, another confirms. `certificate` says what went.

    It is about files (`subjects`) or about rows of the access log (`segments`, by `accounts.audit.retention`).
    """

    AGGREGATE: ClassVar[str] = "purge_order"
    LIFECYCLE: ClassVar[Lifecycle] = ORDER

    asked_by = models.UUIDField()
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.UUIDField(null=True)
    digest = models.CharField(max_length=64)
    segments = models.JSONField(null=True)
    certificate = models.JSONField(null=True)
    state = models.CharField(max_length=10, default=ORDER.initial)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ORDER.states), name="purge_order_state"),
            models.CheckConstraint(
                condition=Q(state__in=[OrderState.ASKED, OrderState.CANCELLED])
                | (Q(confirmed_by__isnull=False) & ~Q(confirmed_by=F("asked_by"))),
                name="purge_order_two_persons",
            ),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(type=self.AGGREGATE, id=self.pk, asked_by=self.asked_by)


class PurgeSubject(Record):
    """One file of an order, by reference. `rows` counts what went; kept back when it was no longer due."""

    order = models.ForeignKey(PurgeOrder, on_delete=models.PROTECT, related_name="subjects")
    reference = models.UUIDField()
    until = models.DateField()
    erased_at = models.DateTimeField(null=True)
    kept_back = models.BooleanField(default=False)
    rows = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["order", "reference"], name="purge_subject_once")]
