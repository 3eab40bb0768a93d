"""Assessments. Which scale, what was answered and noted are encrypted; the result is computed from the answers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedJSONField, EncryptedTextField
from accounts.kernel.models import Aggregate
from accounts.kernel.wall import Wall
from ppa.assessments.states import ASSESSMENT, AssessmentState


class Assessment(Aggregate):
    """One scale filled in on a day. `content`: scale, version, respondent and answers by item code."""

    AGGREGATE: ClassVar[str] = "assessment"
    LIFECYCLE = ASSESSMENT
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    assessor = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, default=AssessmentState.RECORDED)
    assessed_on = models.DateField()
    content = EncryptedJSONField()
    note = EncryptedTextField(default="")

    class Meta:
        app_label = "ppa"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ASSESSMENT.states), name="assessment_state"),
        ]
        indexes = [models.Index(fields=["person", "-assessed_on", "-id"], name="assessment_person")]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type=self.AGGREGATE,
            id=self.pk,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            state=self.state,
        )
