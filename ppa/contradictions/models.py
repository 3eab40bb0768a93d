"""Settlements. Both passages as they were and what was found are encrypted; the question itself is found anew at each reading."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedJSONField, EncryptedTextField
from accounts.kernel.models import Aggregate
from accounts.kernel.wall import Wall
from ppa.contradictions.states import SETTLEMENT, SettlementState


class Settlement(Aggregate):
    """How one contradiction was settled. `content`: the contradiction as it was, the outcome and with whom."""

    AGGREGATE: ClassVar[str] = "contradiction"
    LIFECYCLE = SETTLEMENT
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    settled_by = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, default=SettlementState.SETTLED)
    settled_on = models.DateField()
    content = EncryptedJSONField()
    note = EncryptedTextField(default="")

    class Meta:
        app_label = "ppa"
        constraints = [models.CheckConstraint(condition=Q(state__in=SETTLEMENT.states), name="settlement_state")]
        indexes = [models.Index(fields=["person", "-settled_on", "-id"], name="settlement_person")]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type=self.AGGREGATE,
            id=self.pk,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            state=self.state,
        )
