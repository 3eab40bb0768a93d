"""Lists handed to persons, and visits that somebody looked at again."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.models import ERASED_BY_TWO, AppendOnly, Record
from accounts.kernel.wall import Wall
from accounts.trails.records import AskedBy


class HandedList(AppendOnly, Record):
    """A person asked who opened her file, and a professional handed her the list."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO
    FILED_UNDER: ClassVar[str] = "person_id"

    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    professional = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    asked_by = models.CharField(max_length=16)
    asked_on = models.DateField()

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(asked_by__in=[str(one) for one in AskedBy]), name="handed_list_asked_by")
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(type="handed_list", id=self.pk, person_id=self.person_id, organisation_id=self.organisation_id)


class AccessReview(AppendOnly, Record):
    """One visit of an organisation's professional was looked at: by whom, and what was found."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(organisations=("organisation_id",))

    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    professional_id = models.UUIDField()
    person_id = models.UUIDField()
    day = models.DateField()
    is_justified = models.BooleanField()
    comment = EncryptedTextField()
    reviewer = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "accounts"
        indexes = [models.Index(fields=["organisation", "day"], name="access_review_day")]
