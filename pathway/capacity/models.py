"""Figures as they were given, the present figure of each offer, and held places."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.access.records import Facts
from accounts.kernel.models import Aggregate, AppendOnly, Record
from accounts.kernel.states import Lifecycle
from pathway.capacity.states import HOLD_LIFECYCLE, CapacityGender, CapacityStatus, HoldState, Horizon, Source


class Places(Aggregate):
    """The present figure of one offer: how many places are available, those held for somebody included.

    `observed_at` is when a person of the structure last vouched for it. No row: nobody has said yet.
    """

    AGGREGATE: ClassVar[str] = "places"

    offer = models.OneToOneField("pathway.CareOffer", on_delete=models.PROTECT, related_name="places")
    available = models.PositiveSmallIntegerField()
    held = models.PositiveSmallIntegerField(default=0)
    observed_at = models.DateTimeField()
    source = models.CharField(max_length=10, default=Source.DECLARED)

    class Meta:
        app_label = "pathway"
        constraints = [
            models.CheckConstraint(condition=Q(held__lte=F("available")), name="places_never_negative"),
        ]


class CapacityObservation(AppendOnly, Record):
    """One figure as it was given: nature (R329), status (R330), horizon (R331), gender (R332), count."""

    offer = models.ForeignKey("pathway.CareOffer", on_delete=models.PROTECT, related_name="observations")
    nature = models.CharField(max_length=2)
    status = models.CharField(max_length=2, default=CapacityStatus.AVAILABLE)
    horizon = models.CharField(max_length=2, default=Horizon.NOW)
    gender = models.CharField(max_length=2, default=CapacityGender.ANY)
    count = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=10, default=Source.DECLARED)
    observed_at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)

    class Meta:
        app_label = "pathway"
        indexes = [models.Index(fields=["offer", "-observed_at", "-id"], name="capacity_latest")]


class Hold(Aggregate):
    """One place of an offer kept for one request line, until an instant."""

    AGGREGATE: ClassVar[str] = "hold"
    LIFECYCLE: ClassVar[Lifecycle] = HOLD_LIFECYCLE

    offer = models.ForeignKey("pathway.CareOffer", on_delete=models.PROTECT, related_name="holds")
    line_id = models.UUIDField()
    until = models.DateTimeField()
    state = models.CharField(max_length=10, default=HoldState.HELD)

    class Meta:
        app_label = "pathway"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[str(s) for s in HoldState]), name="hold_state"),
            models.UniqueConstraint(fields=["line_id"], condition=Q(state="held"), name="hold_once_per_line"),
        ]
        indexes = [models.Index(fields=["state", "until"], name="hold_due")]

    def facts(self) -> Facts:
        """What the gate is told."""
        return Facts(type=self.AGGREGATE, id=self.id, organisation_id=self.offer.organisation_id, state=self.state)
