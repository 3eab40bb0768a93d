"""Resets that wait for a second person, and the yearly reviews of rights."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.kernel.models import Record


class AccountReset(Record):
    """A reset of an account: asked for by one person, confirmed by another."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="resets")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=~Q(asked_by=models.F("confirmed_by")), name="reset_takes_two"),
            models.CheckConstraint(condition=~Q(user=models.F("confirmed_by")), name="reset_not_by_holder"),
        ]
        indexes = [models.Index(fields=["user", "-created_at"], name="reset_of_account")]


class RightsReview(Record):
    """Somebody read every function of an organisation again on a day."""

    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    functions = models.PositiveIntegerField()

    class Meta:
        app_label = "accounts"
        indexes = [models.Index(fields=["organisation", "-created_at"], name="review_of_organisation")]
