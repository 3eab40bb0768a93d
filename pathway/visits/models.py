"""Visits. The note and whom it met are encrypted; the day is plain."""

from typing import ClassVar

from django.db import models

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.models import Aggregate
from accounts.kernel.wall import Wall


class VolunteerVisit(Aggregate):
    """One visit of one volunteer."""

    AGGREGATE: ClassVar[str] = "volunteer_visit"
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    professional = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    visited_on = models.DateField()
    presence = EncryptedTextField()
    note = EncryptedTextField(default="")

    class Meta:
        app_label = "pathway"
        indexes = [models.Index(fields=["person", "-visited_on"], name="volunteer_visit_person")]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(type=self.AGGREGATE, id=self.pk, person_id=self.person_id, organisation_id=self.organisation_id)
