"""Coordination files, their référents and levels over time, and the counters of each DAC's worklist.

A file is its own line of the worklist: what the list sorts and filters by is plain and
indexed, what it says about the person is sealed and opened for the page shown only.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.clock import now
from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.models import ERASED_BY_TWO, Aggregate, AppendOnly, Record
from accounts.kernel.wall import Wall
from pathway.cases.states import CASE, LEVEL_LABELS, OPEN, CaseState, Origin, Urgency


def _values(codes: object) -> list[str]:
    return [str(code) for code in codes]  # type: ignore[attr-defined]  # (any iterable of codes)


class Case(Aggregate):
    """The support that one DAC (`organisation`) gives to a person; `signaller` asked for it."""

    AGGREGATE: ClassVar[str] = "case"
    LIFECYCLE = CASE
    WALL = Wall(person="person_id", organisations=("organisation_id",), opens=(("person", "organisation_id"),))

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    coordinator = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    signaller = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    proposal = models.ForeignKey("ppa.PlanProposal", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, default=CaseState.SIGNALLED)
    origin = models.CharField(max_length=10)
    urgency = models.CharField(max_length=8, default=Urgency.ROUTINE)
    level = models.PositiveSmallIntegerField(null=True)
    due_on = models.DateField(null=True)
    included_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closing_reason = EncryptedTextField(default="")
    caller = EncryptedTextField(default="")
    reason = EncryptedTextField(default="")
    decline_reason = EncryptedTextField(default="")
    note = EncryptedTextField(default="")
    phase = EncryptedTextField(default="")
    next_action = EncryptedTextField(default="")

    class Meta:
        app_label = "pathway"
        default_permissions = ()
        permissions = [("give_opinion", "give an opinion on this file")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CASE.states), name="case_state"),
            models.CheckConstraint(condition=Q(origin__in=_values(Origin)), name="case_origin"),
            models.CheckConstraint(condition=Q(urgency__in=_values(Urgency)), name="case_urgency"),
            models.CheckConstraint(condition=Q(level=None) | Q(level__in=list(LEVEL_LABELS)), name="case_level"),
            models.UniqueConstraint(
                fields=["person", "organisation"], condition=Q(state__in=sorted(OPEN)), name="case_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "state", "-updated_at", "-id"], name="case_worklist"),
            models.Index(fields=["organisation", "coordinator", "-updated_at", "-id"], name="case_portfolio"),
            models.Index(fields=["organisation", "due_on", "id"], name="case_due", condition=Q(due_on__isnull=False)),
            models.Index(fields=["person", "-created_at"], name="case_person"),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type="case", id=self.pk, person_id=self.person_id, organisation_id=self.organisation_id, state=self.state
        )


class CaseCoordinator(Record):
    """A référent of a file: opened when he is named, ended when another is, never deleted."""

    WALL = Wall(through="case")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="coordinators")
    professional = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=now)
    until = models.DateTimeField(null=True)

    class Meta:
        app_label = "pathway"
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(until=None), name="case_coordinator_present_once")
        ]


class LevelAssessment(AppendOnly, Record):
    """One assessment of the level of gradation, never rewritten."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(through="case")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="levels")
    level = models.PositiveSmallIntegerField()
    reason = EncryptedTextField()
    assessed_on = models.DateField()
    assessor = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "pathway"
        indexes = [models.Index(fields=["case", "-assessed_on", "-id"], name="level_assessment_latest")]


class WorklistCount(models.Model):
    """How many files a DAC has in a state with a référent (or none): kept by each command, never counted for a page."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    coordinator = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12)
    number = models.IntegerField(default=0)

    class Meta:
        app_label = "pathway"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "coordinator", "state"], nulls_distinct=False, name="worklist_count_once"
            )
        ]
