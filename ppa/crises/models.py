"""Anticipated crises, the prescriptions written ahead for them, and what was found at home. Every text is encrypted."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedJSONField, EncryptedTextField
from accounts.kernel.models import ERASED_BY_TWO, Aggregate, AppendOnly, Record
from accounts.kernel.wall import Wall
from ppa.crises.states import CRISIS, CrisisState


class Crisis(Aggregate):
    """What may happen to a person and what was agreed to do then. `content`: symptom, title, signs, response, call."""

    AGGREGATE: ClassVar[str] = "anticipated_crisis"
    LIFECYCLE = CRISIS
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, default=CrisisState.ACTIVE)
    content = EncryptedJSONField()

    class Meta:
        app_label = "ppa"
        constraints = [models.CheckConstraint(condition=Q(state__in=CRISIS.states), name="crisis_state")]
        indexes = [models.Index(fields=["person", "state"], name="crisis_person")]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type=self.AGGREGATE,
            id=self.pk,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            state=self.state,
        )


class Prescription(Record):
    """A drug prescribed ahead; another dose is another prescription. `stopped_at`: `None` while it holds.

    `review_by` repeats the day of `content`, so that what is past it is found without opening anything.
    """

    WALL = Wall(through="crisis")

    crisis = models.ForeignKey(Crisis, on_delete=models.PROTECT, related_name="prescriptions")
    content = EncryptedJSONField()
    prescriber = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    stopped_at = models.DateTimeField(null=True)
    review_by = models.DateField(null=True)
    last_check = models.ForeignKey("ppa.HomeCheck", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "ppa"
        indexes = [
            models.Index(fields=["review_by"], condition=Q(stopped_at=None), name="prescription_review"),
        ]


class HomeCheck(AppendOnly, Record):
    """One time that somebody looked whether a drug is really there."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(through="prescription")

    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="checks")
    checked_on = models.DateField()
    found = EncryptedTextField()
    expires_on = models.DateField(null=True)
    note = EncryptedTextField(default="")
    checker = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "ppa"
        indexes = [models.Index(fields=["prescription", "-checked_on", "-created_at"], name="home_check_latest")]
