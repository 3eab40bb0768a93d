"""Documents of directives and the revocations that ended them. What they say is encrypted; states and dates are plain."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedJSONField, EncryptedTextField
from accounts.kernel.models import ERASED_BY_TWO, Aggregate, AppendOnly, Record
from accounts.kernel.states import Lifecycle
from accounts.kernel.wall import Wall
from ppa.directives.records import Authorisation
from ppa.directives.states import DIRECTIVE, Medium, Model, State

LATEST_FIRST = ("-signed_on", "-created_at", "-id")
"""The legal order: the date of the document, then the registration, never the upload of a file."""


class Directive(Aggregate):
    """One document of one person. `signed_on` is the date written on it; at most one document is `valid`."""

    AGGREGATE: ClassVar[str] = "directive"
    LIFECYCLE: ClassVar[Lifecycle] = DIRECTIVE
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="directives")
    state = models.CharField(max_length=24, default=State.TO_VERIFY)
    medium = models.CharField(max_length=14)
    model = models.CharField(max_length=4, default=Model.FREE)
    signed_on = models.DateField(null=True)
    has_signature = models.BooleanField(default=False)
    is_protected = models.BooleanField(default=False)
    shared_with_coordination = models.BooleanField(default=False)
    legal_version = models.CharField(max_length=40)
    witnesses = EncryptedJSONField(default=list)
    witness_reason = EncryptedTextField(null=True)
    written_by = EncryptedTextField(default="")
    authorisation = EncryptedJSONField(null=True)
    wishes = EncryptedJSONField(default=list)
    comfort_only = EncryptedJSONField(default=False)
    text = EncryptedTextField(default="")
    sections = EncryptedJSONField(null=True)
    holder = EncryptedJSONField(null=True)
    document = models.ForeignKey("accounts.Document", on_delete=models.PROTECT, null=True, related_name="+")
    authorisation_document = models.ForeignKey(
        "accounts.Document", on_delete=models.PROTECT, null=True, related_name="+"
    )
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    superseded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="superseded")

    class Meta:
        app_label = "ppa"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[str(s) for s in State]), name="directive_state"),
            models.CheckConstraint(condition=Q(medium__in=[str(m) for m in Medium]), name="directive_medium"),
            models.CheckConstraint(condition=Q(model__in=[str(m) for m in Model]), name="directive_model"),
            models.CheckConstraint(
                condition=~Q(state=State.VALID) | Q(signed_on__isnull=False), name="directive_valid_is_dated"
            ),
        ]
        indexes = [models.Index(fields=["person", "-signed_on", "-created_at"], name="directive_person")]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type=self.AGGREGATE,
            id=self.pk,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            state=self.state,
            patient_agrees=self.shared_with_coordination,
        )


class DirectiveRevocation(AppendOnly, Record):
    """The person took one document back: written once, never changed."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(through="directive")

    directive = models.OneToOneField(Directive, on_delete=models.PROTECT, related_name="revocation")
    revoked_on = models.DateField()
    means = models.CharField(max_length=8)
    received_by = EncryptedTextField()
    witness = EncryptedTextField(default="")
    document = models.ForeignKey("accounts.Document", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "ppa"


class DirectiveDeposit(AppendOnly, Record):
    """A copy that somebody put where it will be found: written once, never changed."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(through="directive")

    directive = models.ForeignKey(Directive, on_delete=models.PROTECT, related_name="deposits")
    place = EncryptedTextField()
    where = EncryptedTextField(default="")
    deposited_on = models.DateField()
    deposited_by = EncryptedTextField()

    class Meta:
        app_label = "ppa"


def read_authorisation(stored: dict[str, Any] | None) -> Authorisation | None:
    """Return an authorisation as it was given, from its stored form."""
    if stored is None:
        return None
    return Authorisation(authority=stored["authority"], given_on=date.fromisoformat(stored["given_on"]))
