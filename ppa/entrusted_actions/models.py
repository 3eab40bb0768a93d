"""Actions given to other structures: a sealed copy of the little that each needs, since the plan itself stays closed to it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.models import Aggregate
from accounts.kernel.wall import Wall
from ppa.entrusted_actions.states import ENTRUSTED, OPEN, EntrustedState


class EntrustedAction(Aggregate):
    """One action of a plan in the hands of one structure."""

    AGGREGATE: ClassVar[str] = "entrusted_action"
    LIFECYCLE = ENTRUSTED
    WALL = Wall(
        person="person_id",
        organisations=("organisation_id", "sender_id"),
        opens=(("person", "organisation_id"), ("person", "sender_id")),
    )

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    action = models.ForeignKey("ppa.PlannedAction", on_delete=models.PROTECT, related_name="entrusted")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    giver = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, default=EntrustedState.GIVEN)
    what = EncryptedTextField()
    due_on = models.DateField(null=True)
    message = EncryptedTextField(default="")
    note = EncryptedTextField(default="")

    class Meta:
        app_label = "ppa"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ENTRUSTED.states), name="entrusted_action_state"),
            models.UniqueConstraint(
                fields=["action"], condition=Q(state__in=[str(one) for one in OPEN]), name="entrusted_action_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "state", "due_on"], name="entrusted_action_waiting"),
            models.Index(fields=["sender", "state"], name="entrusted_action_sender"),
            models.Index(fields=["person", "-created_at", "-id"], name="entrusted_action_person"),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at: it is the structure's to which it was given, until it is taken back."""
        withdrawn = self.state == EntrustedState.WITHDRAWN
        return Facts(
            type=self.AGGREGATE,
            id=self.pk,
            person_id=self.person_id,
            organisation_id=self.sender_id if withdrawn else self.organisation_id,
            state=self.state,
        )
