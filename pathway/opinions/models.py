"""Requests for an opinion, and the right that each gives on one file: a row of django-guardian."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from guardian.models import UserObjectPermissionBase

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.models import Aggregate
from accounts.kernel.wall import NoWall, Wall
from pathway.opinions.states import OPINION, OpinionState


class Opinion(Aggregate):
    """A question to one professional about one file, open until `until`. Question and answer are sealed."""

    AGGREGATE: ClassVar[str] = "opinion"
    LIFECYCLE = OPINION
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey("pathway.Case", on_delete=models.PROTECT, related_name="opinions")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    asker = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    expert = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, related_name="+")
    expert_organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default=OpinionState.ASKED)
    question = EncryptedTextField()
    answer = EncryptedTextField(default="")
    until = models.DateTimeField()

    class Meta:
        app_label = "pathway"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OPINION.states), name="opinion_state"),
            models.UniqueConstraint(
                fields=["case", "expert"], condition=Q(state=OpinionState.ASKED), name="opinion_asked_once"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-created_at", "-id"], name="opinion_person"),
            models.Index(fields=["until"], name="opinion_until", condition=Q(state=OpinionState.ASKED)),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at, but who holds a grant: the command reads that."""
        return Facts(
            type=self.AGGREGATE,
            id=self.pk,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            state=self.state,
        )


class CaseGrant(UserObjectPermissionBase):
    """An account may give its opinion on one file. Written by `accounts.access.grants` alone.

    Without a day: the dated membership of the circle is always asked with it.
    """

    WALL = NoWall("ids of an account and of a file only; what they lead to stands behind the wall")

    content_object = models.ForeignKey("pathway.Case", on_delete=models.PROTECT, related_name="grants")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        app_label = "pathway"
