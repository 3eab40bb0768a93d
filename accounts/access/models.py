"""The circle of care, consents, oppositions, and the keys that make a repeated call harmless."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from guardian.models import UserObjectPermissionBase

from accounts.access.records import Facts
from accounts.access.states import CLAIM, Basis, Category, ConsentMeans
from accounts.kernel.clock import now
from accounts.kernel.fields import EncryptedTextField, SealedBytesField
from accounts.kernel.models import Aggregate, Record
from accounts.kernel.states import Lifecycle
from accounts.kernel.wall import Wall


def _values(codes: type[Basis] | type[Category] | type[ConsentMeans]) -> list[str]:
    return [str(code) for code in codes]


def whole_file() -> list[str]:
    """Return the categories of an agreement that leaves nothing out."""
    return [Category.ALL]


class CircleMembership(Record):
    """An organisation, or one professional of it, in a person's circle from `starts_at` to `ends_at`.

    `source_id` is what opened it (a request, a coordination file, an agreement); `category`
    the data it opens; `opened_by` who did, when a person did. Ended, never deleted.
    """

    WALL = Wall(person="person_id", organisations=("organisation_id",), asked_by_gate=True)

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    professional = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    basis = models.CharField(max_length=20)
    source_id = models.UUIDField(null=True)
    category = models.CharField(max_length=12, default=Category.ALL)
    opened_by = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=_values(Basis)), name="membership_basis"),
            models.CheckConstraint(condition=Q(category__in=_values(Category)), name="membership_category"),
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="membership_dates"),
            models.UniqueConstraint(
                fields=["person", "organisation", "professional", "basis", "source_id", "category"],
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
    """The person's agreement that named organisations outside the team receive what care needs (L.1110-4, D.1110-3-1).

    `categories` are the data she agreed to, `representative` the relative who agreed for her.
    """

    WALL = Wall(person="person_id", asked_by_gate=True)

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="consents")
    organisations = models.ManyToManyField("accounts.Organisation", related_name="+")
    given_on = models.DateField()
    means = models.CharField(max_length=16)
    notice_version = models.CharField(max_length=16)
    categories = models.JSONField(default=whole_file)
    representative = models.ForeignKey("accounts.Relative", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_by = models.UUIDField(null=True)
    withdrawn_on = models.DateField(null=True)
    withdrawn_means = models.CharField(max_length=16, blank=True)

    class Meta:
        app_label = "accounts"
        constraints = [models.CheckConstraint(condition=Q(means__in=_values(ConsentMeans)), name="consent_means")]


class Opposition(Record):
    """The person's refusal that an organisation opens one category of her file.

    `organisation` empty: every one, but `stated_at` where she said so and where her file is
    kept. The category `EMERGENCY` refuses access in an emergency, whoever asks for it.
    """

    WALL = Wall(
        person="person_id", organisations=("organisation_id",), open_when="organisation_id IS NULL", asked_by_gate=True
    )

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="oppositions")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    category = models.CharField(max_length=12, default=Category.ALL)
    stated_at = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    stated_on = models.DateField()
    means = models.CharField(max_length=16)
    representative = models.ForeignKey("accounts.Relative", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_by = models.UUIDField(null=True)
    lifted_on = models.DateField(null=True)
    lifted_means = models.CharField(max_length=16, blank=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(means__in=_values(ConsentMeans)), name="opposition_means"),
            models.CheckConstraint(condition=Q(category__in=_values(Category)), name="opposition_category"),
        ]
        indexes = [models.Index(fields=["person", "category"], name="opposition_gate", condition=Q(lifted_on=None))]


class TreatingClaim(Aggregate):
    """A professional declared that he takes care of the person: he reads at once, somebody else reviews it."""

    AGGREGATE: ClassVar[str] = "treating_claim"
    LIFECYCLE: ClassVar[Lifecycle] = CLAIM
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    membership = models.ForeignKey(CircleMembership, on_delete=models.PROTECT, related_name="claims")
    professional = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, related_name="+")
    reason = EncryptedTextField()
    reviewed_by = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, default=CLAIM.initial)

    class Meta:
        app_label = "accounts"
        constraints = [models.CheckConstraint(condition=Q(state__in=CLAIM.states), name="treating_claim_state")]
        indexes = [models.Index(fields=["person", "state"], name="treating_claim_person")]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(type=self.AGGREGATE, id=self.pk, person_id=self.person_id)


def place_of_fingerprint(actor_id: UUID, key: str) -> bytes:
    """Return what the fingerprint of a repeated call is bound to."""
    return f"idempotency|{actor_id}|{key}".encode()


class OrganisationGrant(UserObjectPermissionBase):
    """An account may act in a function for an organisation: the right's codename is the function's code.

    Written by `accounts.access.grants` alone. Without a day: the dated function is always asked with it.
    """

    content_object = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="grants")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        app_label = "accounts"


class IdempotencyKey(models.Model):
    """The answer already given to a key of one actor; `fingerprint` is the sealed digest of what was asked."""

    id = models.BigAutoField(primary_key=True)
    actor_id = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = SealedBytesField(max_length=16, place=place_of_fingerprint, needs=("actor_id", "key"))
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["actor_id", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]
