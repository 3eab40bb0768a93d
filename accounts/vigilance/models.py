"""Merges of two records, and the manifest of what each of them moved."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedJSONField, EncryptedTextField
from accounts.kernel.models import ERASED_BY_TWO, Aggregate, AppendOnly
from accounts.kernel.states import Lifecycle
from accounts.kernel.wall import Wall
from accounts.vigilance.states import MERGE, MergeState


class IdentityMerge(Aggregate):
    """Somebody said that two records are one person: `survivor` goes on with what `merged` held.

    `is_moving` only while its command runs: the database then lets rows that are written
    once pass from the one record to the other, and nothing else of them change. `to_read`:
    what a physician should look at, since both records had it.
    """

    AGGREGATE: ClassVar[str] = "identity_merge"
    LIFECYCLE: ClassVar[Lifecycle] = MERGE
    WALL = Wall(person="survivor_id", organisations=("organisation_id",))

    survivor = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    merged = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    professional = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    reason = EncryptedTextField()
    merged_at = models.DateTimeField()
    parted_at = models.DateTimeField(null=True)
    parted_reason = EncryptedTextField(default="")
    is_moving = models.BooleanField(default=False)
    to_read = EncryptedJSONField(default=list)
    read_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, default=MERGE.initial)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MERGE.states), name="identity_merge_state"),
            models.CheckConstraint(condition=~Q(merged=F("survivor")), name="identity_merge_of_two"),
            models.CheckConstraint(
                condition=Q(state=MergeState.JOINED) ^ Q(parted_at__isnull=False), name="identity_merge_parted"
            ),
            models.UniqueConstraint(
                fields=["merged"], condition=Q(state=MergeState.JOINED), name="identity_merged_once"
            ),
        ]
        indexes = [models.Index(fields=["survivor", "state"], name="identity_merge_survivor")]

    @property
    def person_id(self) -> UUID:
        """Whose history it is part of: that of the record that goes on."""
        return self.survivor_id

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(type=self.AGGREGATE, id=self.pk, person_id=self.survivor_id, organisation_id=self.organisation_id)

    def facts_of_parting(self) -> Facts:
        """Return the same about the record that no longer stands: no refusal may keep two persons one."""
        return Facts(type=self.AGGREGATE, id=self.pk, person_id=self.merged_id, organisation_id=self.organisation_id)


class IdentityMove(AppendOnly):
    """One column of one row that a merge changed, and what it held before: un-merging puts that back."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO
    WALL = Wall(through="merge")

    id = models.BigAutoField(primary_key=True)
    merge = models.ForeignKey(IdentityMerge, on_delete=models.PROTECT, related_name="moves")
    table = models.CharField(max_length=60)
    row = models.CharField(max_length=36)
    column = models.CharField(max_length=40)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40)

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["merge", "table", "row", "column"], name="identity_move_once")]
