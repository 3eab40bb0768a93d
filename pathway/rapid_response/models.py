"""Alerts and the pauses of their clock."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.clock import now
from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.models import Aggregate, Record
from accounts.kernel.states import Lifecycle
from accounts.kernel.wall import Wall
from pathway.rapid_response.states import ALERT, OPEN, AlertState, PauseReason


class Alert(Aggregate):
    """One call to a rapid team, from the call to its relay."""

    AGGREGATE: ClassVar[str] = "eri_sp_alert"
    LIFECYCLE: ClassVar[Lifecycle] = ALERT
    WALL = Wall(
        person="person_id",
        organisations=("team_id", "sender_id"),
        opens=(("person", "team_id"), ("person", "sender_id")),
    )

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    offer = models.ForeignKey("pathway.CareOffer", on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, default=AlertState.CALLED)
    is_palliative = models.BooleanField(null=True)
    reason = EncryptedTextField()
    callback_phone = EncryptedTextField()
    place = EncryptedTextField(default="")
    outcome = EncryptedTextField(default="")
    called_at = models.DateTimeField(default=now)
    answered_at = models.DateTimeField(null=True)
    departed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    stabilised_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    relay_offer = models.ForeignKey("pathway.CareOffer", on_delete=models.PROTECT, null=True, related_name="+")
    relay_at = models.DateTimeField(null=True)
    relay_fallback = EncryptedTextField(default="")

    class Meta:
        app_label = "pathway"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ALERT.states), name="alert_state"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(state__in=[str(s) for s in OPEN]), name="alert_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["team", "-called_at"], name="alert_team"),
            models.Index(fields=["sender", "-called_at"], name="alert_sender"),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type=self.AGGREGATE,
            id=self.pk,
            person_id=self.person_id,
            organisation_id=self.sender_id,
            sender_id=self.sender_id,
            recipient_ids=frozenset({self.team_id}),
            state=self.state,
        )


class AlertPause(Record):
    """An interval that the response clock does not count."""

    WALL = Wall(through="alert")

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="pauses")
    reason = models.CharField(max_length=24)
    started_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "pathway"
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=[str(r) for r in PauseReason]), name="alert_pause_reason"),
            models.UniqueConstraint(fields=["alert"], condition=Q(ended_at=None), name="alert_pause_open_once"),
        ]
