"""Persons, their blind search tokens, the link of each organisation to them, and the people round them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.access.records import Facts
from accounts.kernel.clock import now, today
from accounts.kernel.fields import BlindIndexField, EncryptedDateField, EncryptedJSONField, EncryptedTextField
from accounts.kernel.models import Aggregate, Record
from accounts.kernel.wall import Wall
from accounts.people.states import AlertKind, AlertState, IdentityStatus


class Person(Aggregate):
    """A person who is cared for: one row a deployment. Identity is encrypted; `birth_year` and the commune are plain.

    `qualified_token` is shared by no two rows: two qualified identities with the same
    number and the same five traits are one person. `merged_into`: somebody said that this
    record and that one are the same person (`accounts.vigilance`); all it held is there.
    """

    AGGREGATE: ClassVar[str] = "person"
    WALL = Wall(person="id")

    status = models.CharField(max_length=8)
    is_doubtful = models.BooleanField(default=False)
    birth_name = EncryptedTextField()
    birth_given_names = EncryptedJSONField()
    birth_date = EncryptedDateField()
    birth_year = models.PositiveSmallIntegerField()
    sex = EncryptedTextField()
    birthplace = EncryptedTextField(default="")
    ins = EncryptedTextField(null=True)
    ins_oid = models.CharField(max_length=40, blank=True)
    usual_name = EncryptedTextField(default="")
    usual_given_name = EncryptedTextField(default="")
    contact = EncryptedJSONField(default=dict)
    commune = models.CharField(max_length=5, blank=True)
    departement = models.CharField(max_length=3, blank=True)
    qualified_token = BlindIndexField(max_length=16, null=True, unique=True, index="accounts.people.search.PERSONS")
    died_on = models.DateField(null=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="absorbed")

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(status__in=[str(s) for s in IdentityStatus]), name="person_status"),
            models.CheckConstraint(
                condition=Q(status=IdentityStatus.QUALIFIED) | Q(ins__isnull=True),
                name="person_ins_only_when_qualified",
            ),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(type="person", id=self.pk, person_id=self.pk)


class PersonToken(models.Model):
    """One blind index of one person: what she can be found by."""

    WALL = Wall(through="person")

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=12)
    token = BlindIndexField(max_length=16, index="accounts.people.search.PERSONS")

    class Meta:
        app_label = "accounts"
        indexes = [models.Index(fields=["kind", "token", "person"], name="person_token_search")]


class OrganisationLink(Record):
    """An organisation knows a person, by its own number when it has one; that number is never shown to another."""

    WALL = Wall(organisations=("organisation_id",))

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="links")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    ipp = EncryptedTextField(default="")
    ipp_system = models.CharField(max_length=200, blank=True)
    ipp_token = BlindIndexField(max_length=16, null=True, index="accounts.people.search.LINKS")
    starts_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(fields=["person", "organisation"], condition=Q(ends_at=None), name="link_open_once")
        ]
        indexes = [models.Index(fields=["organisation", "ipp_token"], name="link_ipp")]


class Relative(Aggregate):
    """Somebody round a person. The legal state of a trusted person lives with the designation."""

    AGGREGATE: ClassVar[str] = "relative"
    WALL = Wall(person="person_id")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="relatives")
    family = EncryptedTextField()
    given = EncryptedTextField()
    relation = EncryptedTextField()
    birth_date = EncryptedDateField(null=True)
    contact = EncryptedJSONField(default=dict)
    is_active = models.BooleanField(default=True)
    call_rank = models.PositiveSmallIntegerField(null=True)

    class Meta:
        app_label = "accounts"
        indexes = [models.Index(fields=["person"], name="relative_person")]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(type="relative", id=self.pk, person_id=self.person_id)


class RelativeRoleRow(Record):
    """A role of a relative, from a day to a day."""

    WALL = Wall(through="relative")

    relative = models.ForeignKey(Relative, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(max_length=12)
    starts_on = models.DateField(default=today)
    ends_on = models.DateField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(fields=["relative", "role"], condition=Q(ends_on=None), name="relative_role_once"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="relative_role_days"
            ),
        ]


class IdentityAlert(Aggregate):
    """Two records that a person must compare; a program never merges them."""

    AGGREGATE: ClassVar[str] = "identity_alert"
    WALL = Wall(organisations=("organisation_id",))

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=24)
    state = models.CharField(max_length=10, default=AlertState.OPEN)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[str(k) for k in AlertKind]), name="identity_alert_kind"),
            models.CheckConstraint(condition=Q(state__in=[str(s) for s in AlertState]), name="identity_alert_state"),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(type="identity_alert", id=self.pk, person_id=self.person_id, organisation_id=self.organisation_id)
