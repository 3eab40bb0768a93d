"""The circle of care, consents, oppositions, and the keys that make a repeated call harmless."""

from django.db import models
from django.db.models import F, Q

from accounts.access.states import Basis, ConsentMeans, OppositionScope
from accounts.kernel.clock import now
from accounts.kernel.models import Record


def _values(codes: type[Basis] | type[ConsentMeans] | type[OppositionScope]) -> list[str]:
    return [str(code) for code in codes]


class CircleMembership(Record):
    """An organisation, or one professional of it, in a person's circle from `starts_at` to `ends_at`.

    `source_id` is what opened it (a request, a coordination file). Ended, never deleted.
    """

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    professional = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    basis = models.CharField(max_length=20)
    source_id = models.UUIDField(null=True)
    starts_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=_values(Basis)), name="membership_basis"),
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="membership_dates"),
            models.UniqueConstraint(
                fields=["person", "organisation", "professional", "basis", "source_id"],
                condition=Q(ends_at=None),
                nulls_distinct=False,
                name="membership_open_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "person", "basis"], name="membership_gate"),
            models.Index(fields=["person", "-starts_at"], name="membership_person"),
        ]


class SharingConsent(Record):
    """The person's agreement that named organisations outside the team receive what care needs (L.1110-4, D.1110-3-1)."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="consents")
    organisations = models.ManyToManyField("accounts.Organisation", related_name="+")
    given_on = models.DateField()
    means = models.CharField(max_length=16)
    notice_version = models.CharField(max_length=16)
    recorded_by = models.UUIDField(null=True)
    withdrawn_on = models.DateField(null=True)
    withdrawn_means = models.CharField(max_length=16, blank=True)

    class Meta:
        app_label = "accounts"
        constraints = [models.CheckConstraint(condition=Q(means__in=_values(ConsentMeans)), name="consent_means")]


class Opposition(Record):
    """The person's refusal that an organisation opens the file; `organisation` empty: every one outside the team.

    `scope` says whether she refuses every access, or break-glass only.
    """

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="oppositions")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    stated_on = models.DateField()
    means = models.CharField(max_length=16)
    recorded_by = models.UUIDField(null=True)
    lifted_on = models.DateField(null=True)
    scope = models.CharField(max_length=12, default=OppositionScope.EVERYTHING)

    class Meta:
        app_label = "accounts"
        constraints = [models.CheckConstraint(condition=Q(scope__in=_values(OppositionScope)), name="opposition_scope")]


class IdempotencyKey(models.Model):
    """The answer already given to a key of one actor; `fingerprint` is keyed, so it tells nothing of the content."""

    id = models.BigAutoField(primary_key=True)
    actor_id = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=16)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["actor_id", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]
