"""Stays: one row each, from the day they are planned."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.models import Aggregate
from accounts.kernel.states import Lifecycle
from accounts.kernel.wall import Wall
from pathway.stays.states import OPEN, STAY, StayKind, StayState


class Stay(Aggregate):
    """A person with a structure. `line` is the request line that led there, if any; `note` goes with the discharge.

    `asked_on`, `ask_again_on`: when she was asked about directives and a trusted person, and when
    to come back to it; `pathway.admission_talks` keeps them as it keeps what was said.
    """

    AGGREGATE: ClassVar[str] = "stay"
    LIFECYCLE: ClassVar[Lifecycle] = STAY
    WALL = Wall(person="person_id", organisations=("organisation_id",), opens=(("person", "organisation_id"),))

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    offer = models.ForeignKey("pathway.CareOffer", on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey("pathway.RequestLine", on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=12, default=StayState.PLANNED)
    planned_for = models.DateField(null=True)
    admitted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    destination = models.CharField(max_length=20, blank=True)
    note = EncryptedTextField(default="")
    asked_on = models.DateField(null=True)
    ask_again_on = models.DateField(null=True)

    class Meta:
        app_label = "pathway"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STAY.states), name="stay_state"),
            models.CheckConstraint(condition=Q(kind__in=[str(k) for k in StayKind]), name="stay_kind"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("admitted_at")), name="stay_ends_after_it_began"
            ),
            models.UniqueConstraint(
                fields=["person", "offer"], condition=Q(state__in=[str(s) for s in OPEN]), name="stay_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "state", "-updated_at", "-id"], name="stay_present"),
            models.Index(fields=["person", "-created_at"], name="stay_person"),
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
