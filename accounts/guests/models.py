"""Invitations of professionals without an account."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.guests.rules import GUEST_ROLES
from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.models import Record
from accounts.kernel.wall import NoWall


class GuestAccess(Record):
    """One link, opened once. What it shows rests on memberships of the circle, read again at each page.

    `link`, `code` and `email` are sealed, and forgotten once the link has opened; `link_digest`
    finds it. The visit ends at `until`.
    """

    WALL = NoWall("its link is opened before anybody is known; what it leads to stands behind the wall")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    professional = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, related_name="+")
    consent = models.ForeignKey("accounts.SharingConsent", on_delete=models.PROTECT, related_name="+")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=30)
    link = EncryptedTextField(default="")
    link_digest = models.CharField(max_length=64, unique=True)
    code = EncryptedTextField(default="")
    email = EncryptedTextField(default="")
    open_before = models.DateTimeField()
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(role__in=[str(role) for role in GUEST_ROLES]), name="guest_role"),
            models.CheckConstraint(
                condition=Q(opened_at=None, until=None) | Q(opened_at__isnull=False, until__isnull=False),
                name="guest_visit_has_an_end",
            ),
        ]
