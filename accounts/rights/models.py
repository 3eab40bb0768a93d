"""Copies of files, addenda, answers to wishes to erase."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.models import ERASED_BY_TWO, Aggregate, AppendOnly
from accounts.kernel.states import Lifecycle
from accounts.kernel.wall import Wall
from accounts.rights.states import EXPORT, TARGETS


class AccessExport(Aggregate):
    """A copy of a person's whole file: asked with her signed paper, approved by a privacy officer, made within the hour."""

    AGGREGATE: ClassVar[str] = "access_export"
    LIFECYCLE: ClassVar[Lifecycle] = EXPORT
    WALL = Wall(person="person_id", organisations=("organisation_id",))

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    asked_on = models.DateField()
    asked_by = models.UUIDField()
    asker = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, related_name="+")
    paper = models.ForeignKey("accounts.Document", on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    document = models.ForeignKey("accounts.Document", on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True)
    handed_by = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, default=EXPORT.initial)

    class Meta:
        app_label = "accounts"
        constraints = [models.CheckConstraint(condition=Q(state__in=EXPORT.states), name="access_export_state")]
        indexes = [models.Index(fields=["person", "-created_at"], name="access_export_person")]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type=self.AGGREGATE, id=self.pk, person_id=self.person_id, organisation_id=self.organisation_id,
            asked_by=self.asked_by,
        )  # fmt: skip


class Addendum(Aggregate, AppendOnly):
    """What the person asked to rectify, beside what was written: the original stays as it is."""

    AGGREGATE: ClassVar[str] = "addendum"
    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO
    FILED_UNDER: ClassVar[str] = "person_id"
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    target_type = models.CharField(max_length=20)
    target_id = models.UUIDField()
    text = EncryptedTextField()
    reason = EncryptedTextField()
    author = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "accounts"
        constraints = [models.CheckConstraint(condition=Q(target_type__in=sorted(TARGETS)), name="addendum_target")]
        indexes = [models.Index(fields=["target_type", "target_id"], name="addendum_beside")]


class ErasureAnswer(Aggregate, AppendOnly):
    """A wish to erase, refused because the law makes the file be kept until a day: the answer as it was given."""

    AGGREGATE: ClassVar[str] = "erasure_answer"
    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO
    FILED_UNDER: ClassVar[str] = "person_id"
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    asked_on = models.DateField()
    kept_until = models.DateField()
    basis = models.CharField(max_length=300)
    is_held = models.BooleanField(default=False)
    author = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "accounts"
        indexes = [models.Index(fields=["person", "-created_at"], name="erasure_answer_person")]
