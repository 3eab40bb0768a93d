"""Designations. Who is designated is a relative of `accounts.people`; free text and the judge's leave are encrypted."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedJSONField, EncryptedTextField
from accounts.kernel.models import Aggregate
from accounts.kernel.states import Lifecycle
from accounts.kernel.wall import Wall
from ppa.directives.records import Witness
from ppa.trusted_persons.records import Leave
from ppa.trusted_persons.states import DESIGNATION, Duration, Scope, State


class Designation(Aggregate):
    """One designation, from the proposal to its end. A person has at most one active, which both have signed."""

    AGGREGATE: ClassVar[str] = "designation"
    LIFECYCLE: ClassVar[Lifecycle] = DESIGNATION
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="designations")
    relative = models.ForeignKey("accounts.Relative", on_delete=models.PROTECT, null=True, related_name="designations")
    state = models.CharField(max_length=20, default=State.PROPOSED)
    proposed_on = models.DateField(null=True)
    come_back_on = models.DateField(null=True)
    person_signed_on = models.DateField(null=True)
    trusted_signed_on = models.DateField(null=True)
    scope = models.CharField(max_length=6, default=Scope.ALL)
    duration = models.CharField(max_length=9, default=Duration.UNKNOWN)
    knows_wishes = models.BooleanField(default=False)
    holds_copy = models.BooleanField(default=False)
    trusted_is_adult = models.BooleanField(default=False)
    is_protected = models.BooleanField(default=False)
    limits = EncryptedTextField(default="")
    leave = EncryptedJSONField(null=True)
    witnesses = EncryptedJSONField(null=True)
    document = models.ForeignKey("accounts.Document", on_delete=models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    ended_on = models.DateField(null=True)
    end_means = models.CharField(max_length=8, blank=True)
    end_received_by = EncryptedTextField(default="")
    mistake = EncryptedJSONField(null=True)

    class Meta:
        app_label = "ppa"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[str(s) for s in State]), name="designation_state"),
            models.CheckConstraint(condition=Q(scope__in=[str(s) for s in Scope]), name="designation_scope"),
            models.CheckConstraint(condition=Q(duration__in=[str(s) for s in Duration]), name="designation_duration"),
            models.UniqueConstraint(fields=["person"], condition=Q(state=State.ACTIVE), name="designation_active_once"),
            models.CheckConstraint(
                condition=~Q(state=State.ACTIVE)
                | Q(relative__isnull=False, person_signed_on__isnull=False, trusted_signed_on__isnull=False),
                name="designation_active_is_signed",
            ),
        ]
        indexes = [models.Index(fields=["person", "-created_at"], name="designation_person")]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type=self.AGGREGATE,
            id=self.pk,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            state=self.state,
        )


def read_witnesses(stored: list[dict[str, str]] | None) -> tuple[Witness, ...]:
    """Return the witnesses as they were given, from their stored form."""
    return tuple(Witness(**one) for one in stored or ())


def read_leave(stored: dict[str, Any] | None) -> Leave | None:
    """Return the judge's leave as it was given, from its stored form."""
    if stored is None:
        return None
    return Leave(authority=stored["authority"], given_on=date.fromisoformat(stored["given_on"]))
