"""Territories, organisations, professionals and their functions. None of it is about a patient: plain text."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.kernel.actor import Mandate, Role
from accounts.kernel.clock import today
from accounts.kernel.models import Record
from accounts.organisations.states import OrganisationKind, TerritoryKind

FUNCTIONS = tuple(role for role in Role if role not in (Role.FHIR_CLIENT, Role.ANONYMOUS, Role.SYSTEM))
"""What a person may be for an organisation: each is a right to act there (`accounts.access.grants`)."""
DUTIES = (*FUNCTIONS, *Mandate)


class Territory(Record):
    """An area that somebody covers: a DAC, a GHT, a département, a region."""

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=120)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[str(k) for k in TerritoryKind]), name="territory_kind")
        ]

    def __str__(self) -> str:
        return self.name


class TerritoryPart(models.Model):
    """One commune (INSEE code, five characters) or one département (two or three) of a territory."""

    id = models.BigAutoField(primary_key=True)
    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="parts")
    code = models.CharField(max_length=5)

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["territory", "code"], name="territory_part_once")]
        indexes = [models.Index(fields=["code"], name="territory_part_code")]


class Organisation(Record):
    """A legal entity, a site or a unit. `finess` is the site's number when it has one.

    `verified` is false for what came from outside and matched nothing of the directory.
    """

    finess = models.CharField(max_length=9, null=True, unique=True)  # noqa: DJ001 (unknown is null so that it stays unique)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    part_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="units")
    commune = models.CharField(max_length=5, blank=True)
    city = models.CharField(max_length=80, blank=True)
    departement = models.CharField(max_length=3, blank=True)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, null=True, related_name="organisations")
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    verified = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        app_label = "accounts"
        default_permissions = ()
        permissions = [(str(role), f"act as {role}") for role in DUTIES]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[str(k) for k in OrganisationKind]), name="organisation_kind")
        ]
        indexes = [models.Index(fields=["kind", "departement"], name="organisation_kind_place")]

    def __str__(self) -> str:
        return self.name


class Professional(Record):
    """Somebody who works in care or coordination. `rpps`: eleven digits when the register knows the person.

    `verified` is false for an outside contact that matched nothing of the directory.
    """

    rpps = models.CharField(max_length=11, null=True, unique=True)  # noqa: DJ001 (unknown is null so that it stays unique)
    title = models.CharField(max_length=12, blank=True)
    family = models.CharField(max_length=80)
    given = models.CharField(max_length=80, blank=True)
    profession = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    verified = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        app_label = "accounts"

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name as a page shows it: « Dr Camille Exemple »."""
        return " ".join(part for part in (self.title, self.given, self.family) if part)


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Selections of functions."""

    def present(self) -> "MembershipQuerySet":
        """Keep those that are held today and were not ended."""
        day = today()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day, ended_at=None)


class Membership(Record):
    """A professional works for an organisation in a function (a code of the rights matrix), from a day to a day.

    A mandate (`accounts.kernel.actor.Mandate`) is held alike, beside a function.

    `ended_at`: somebody ended it then, at once, before its day was over.
    """

    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=30)
    starts_on = models.DateField(default=today)
    ends_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(
                fields=["professional", "organisation", "role"], condition=Q(ends_on=None), name="membership_role_once"
            ),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="membership_days"),
        ]

    def is_present(self, day: date) -> bool:
        """Tell whether the function is held on a day and was not ended."""
        return self.ended_at is None and self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
