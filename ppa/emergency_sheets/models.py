"""Emergency sheets, their signed versions, and who holds which. Every text is encrypted."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedJSONField, EncryptedTextField
from accounts.kernel.models import ERASED_BY_TWO, Aggregate, AppendOnly, Record
from accounts.kernel.wall import Wall
from ppa.emergency_sheets.states import EMERGENCY_SHEET, SheetState


class EmergencySheet(Aggregate):
    """The sheet of a person; one that speaks at a time. `number` is the last signed version, 0 for none.

    `written` is what a physician completes for the next one, `None` when nothing waits. A
    withdrawn sheet that is taken up again keeps its numbers and its holders.
    """

    AGGREGATE: ClassVar[str] = "emergency_sheet"
    LIFECYCLE = EMERGENCY_SHEET
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, default=SheetState.DRAFTING)
    number = models.PositiveSmallIntegerField(default=0)
    written = EncryptedJSONField(null=True)
    stale_since = models.DateTimeField(null=True)
    withdrawn_for = models.CharField(max_length=12, blank=True)

    class Meta:
        app_label = "ppa"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=EMERGENCY_SHEET.states), name="emergency_sheet_state"),
            models.CheckConstraint(
                condition=Q(state=SheetState.WITHDRAWN) ^ Q(withdrawn_for=""), name="emergency_sheet_withdrawn_for"
            ),
            models.UniqueConstraint(
                fields=["person"], condition=~Q(state=SheetState.WITHDRAWN), name="emergency_sheet_one_a_person"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-created_at", "-id"], name="emergency_sheet_person"),
            models.Index(fields=["state", "stale_since"], name="emergency_sheet_stale"),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type=self.AGGREGATE,
            id=self.pk,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            state=self.state,
        )


class SheetVersion(AppendOnly, Record):
    """One signed version: what it says, who signed it and its paper. Nothing of it ever changes."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO
    WALL = Wall(through="sheet")

    sheet = models.ForeignKey(EmergencySheet, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = EncryptedJSONField()
    digest = EncryptedTextField()
    signer = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    document = models.ForeignKey("accounts.Document", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "ppa"
        constraints = [models.UniqueConstraint(fields=["sheet", "number"], name="emergency_sheet_version_once")]


class SheetHolding(AppendOnly, Record):
    """One time that a version was given to a holder, or taken back; `holder_id` is the same for one holder.

    `content`: kind, name, departement, means, phone, who did it.
    """

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO
    WALL = Wall(through="sheet")

    sheet = models.ForeignKey(EmergencySheet, on_delete=models.PROTECT, related_name="holdings")
    holder_id = models.UUIDField()
    deed = models.CharField(max_length=10)
    number = models.PositiveSmallIntegerField()
    done_on = models.DateField()
    content = EncryptedJSONField()
    recorder = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "ppa"
        indexes = [models.Index(fields=["sheet", "created_at", "id"], name="emergency_sheet_holding")]
