"""Links to the designated person, and the trail of what she was told and answered."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.models import ERASED_BY_TWO, AppendOnly, Record
from accounts.kernel.wall import NoWall, Wall


class AcceptanceLink(Record):
    """One link, opened once. `link`, `code` and `email` are sealed, and forgotten once it has opened."""

    WALL = NoWall("its link is opened before anybody is known; what it leads to stands behind the wall")

    designation = models.ForeignKey("ppa.Designation", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    link = EncryptedTextField(default="")
    link_digest = models.CharField(max_length=64, unique=True)
    code = EncryptedTextField(default="")
    email = EncryptedTextField(default="")
    open_before = models.DateTimeField()
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "ppa"
        constraints = [
            models.CheckConstraint(
                condition=Q(opened_at=None, until=None) | Q(opened_at__isnull=False, until__isnull=False),
                name="acceptance_visit_has_an_end",
            ),
        ]


class AcceptanceStep(AppendOnly, Record):
    """One step of the trail: written once, never changed."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(through="designation")

    designation = models.ForeignKey("ppa.Designation", on_delete=models.PROTECT, related_name="steps")
    kind = EncryptedTextField()
    happened_on = models.DateField()
    words = EncryptedTextField(default="")

    class Meta:
        app_label = "ppa"
