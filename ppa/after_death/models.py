"""Wishes about telling the relatives, and contacts with them. What is said is encrypted; days, steps and states are plain."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.models import Aggregate
from accounts.kernel.wall import Wall
from ppa.after_death.states import CONTACT, OPEN, ContactState


class TellingWish(Aggregate):
    """One statement of the person; the latest by its day stands, the former ones stay."""

    AGGREGATE: ClassVar[str] = "telling_wish"
    WALL = Wall(person="person_id", organisations=("organisation_id",), opens=(("person", "organisation_id"),))

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    noted_by = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    by_whom = EncryptedTextField(default="")
    words = EncryptedTextField(default="")
    not_so = EncryptedTextField(default="")
    stated_on = models.DateField()

    class Meta:
        app_label = "ppa"
        indexes = [models.Index(fields=["person", "-stated_on"], name="telling_wish_person")]


class BereavementContact(Aggregate):
    """One contact with one relative. `organisation` follows it: it sees the row when it has left the circle."""

    AGGREGATE: ClassVar[str] = "bereavement_contact"
    LIFECYCLE = CONTACT
    WALL = Wall(
        person="person_id",
        organisations=("organisation_id",),
        opens=(("person", "organisation_id"), ("relative", "organisation_id")),
    )

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    relative = models.ForeignKey("accounts.Relative", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    step = models.CharField(max_length=20)
    due_on = models.DateField()
    state = models.CharField(max_length=12, default=ContactState.PLANNED)
    happened_on = models.DateField(null=True)
    by_whom = EncryptedTextField(default="")
    note = EncryptedTextField(default="")

    class Meta:
        app_label = "ppa"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CONTACT.states), name="bereavement_contact_state"),
        ]
        indexes = [
            models.Index(fields=["person", "due_on"], name="bereavement_contact_person"),
            models.Index(
                fields=["organisation", "due_on"], name="bereavement_contact_due", condition=Q(state__in=sorted(OPEN))
            ),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type=self.AGGREGATE, id=self.pk, person_id=self.person_id, organisation_id=self.organisation_id,
            state=self.state,
        )  # fmt: skip
