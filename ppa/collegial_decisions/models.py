"""Collegial decisions. Everything that is said, and even of which kind they are, is encrypted; states are plain."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedJSONField
from accounts.kernel.models import Aggregate
from accounts.kernel.wall import Wall
from ppa.collegial_decisions.states import DECISION, DecisionState


class CollegialDecision(Aggregate):
    """One procedure. `content` holds the ground, the search, the opinions and the decision, as `reading` knows them."""

    AGGREGATE: ClassVar[str] = "collegial_decision"
    LIFECYCLE = DECISION
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    directive = models.ForeignKey("ppa.Directive", on_delete=models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, default=DecisionState.PREPARED)
    content = EncryptedJSONField()
    ended_on = models.DateField(null=True)

    class Meta:
        app_label = "ppa"
        constraints = [models.CheckConstraint(condition=Q(state__in=DECISION.states), name="collegial_decision_state")]
        indexes = [models.Index(fields=["person", "-created_at"], name="collegial_decision_person")]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type=self.AGGREGATE,
            id=self.pk,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            state=self.state,
        )
