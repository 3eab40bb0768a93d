"""Announcements, the proposal of a plan to each person, and her dated answers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.clock import now
from accounts.kernel.fields import BlindTokenField, EncryptedTextField
from accounts.kernel.models import ERASED_BY_TWO, Aggregate, AppendOnly, Record
from accounts.kernel.wall import Wall
from ppa.announcements.states import PROPOSAL, ProposalState


class Announcement(Aggregate):
    """What was announced to a person, on which day, by whom. `diagnosis_token` is the blind index of the code."""

    AGGREGATE: ClassVar[str] = "announcement"
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    recorder = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    trigger = EncryptedTextField()
    announced_on = models.DateField()
    diagnosis_code = EncryptedTextField(default="")
    diagnosis_label = EncryptedTextField(default="")
    diagnosis_token = BlindTokenField(null=True, index="ppa.announcements.commands.DIAGNOSES")
    present = EncryptedTextField(default="")
    knows = EncryptedTextField(default="")
    wishes_to_know = EncryptedTextField(default="")
    sent_at = models.DateTimeField(default=now)

    class Meta:
        app_label = "ppa"
        indexes = [
            models.Index(fields=["person", "-announced_on", "-id"], name="announcement_person"),
            models.Index(fields=["diagnosis_token"], name="announcement_diagnosis"),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(type="announcement", id=self.pk, person_id=self.person_id, organisation_id=self.organisation_id)


class PlanProposal(Aggregate):
    """The one proposal of a plan to a person, on the desk of the DAC `owner`; `organisation` proposed it first.

    A later announcement joins it; after a deferral or a refusal it asks again.
    """

    AGGREGATE: ClassVar[str] = "plan_proposal"
    LIFECYCLE = PROPOSAL
    WALL = Wall(person="person_id", organisations=("owner_id",), opens=(("person", "owner_id"),))

    person = models.OneToOneField("accounts.Person", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    announcements = models.ManyToManyField(Announcement, related_name="proposals")
    state = models.CharField(max_length=10, default=ProposalState.REQUESTED)
    proposed_on = models.DateField()
    come_back_on = models.DateField(null=True)

    class Meta:
        app_label = "ppa"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PROPOSAL.states), name="plan_proposal_state"),
            models.CheckConstraint(
                condition=Q(state=ProposalState.DEFERRED) ^ Q(come_back_on=None), name="plan_proposal_come_back"
            ),
        ]
        indexes = [models.Index(fields=["owner", "state", "-updated_at", "-id"], name="plan_proposal_desk")]

    def facts(self) -> Facts:
        """Return what the gate may look at: the proposal belongs to the DAC that follows it."""
        return Facts(
            type="plan_proposal", id=self.pk, person_id=self.person_id, organisation_id=self.owner_id, state=self.state
        )


class ProposalAnswer(AppendOnly, Record):
    """One answer of the person, never rewritten: a change of mind is another answer."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(through="proposal")

    proposal = models.ForeignKey(PlanProposal, on_delete=models.PROTECT, related_name="answers")
    answer = models.CharField(max_length=10)
    answered_on = models.DateField()
    heard_by = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    reason = EncryptedTextField(default="")
    come_back_on = models.DateField(null=True)

    class Meta:
        app_label = "ppa"
        indexes = [models.Index(fields=["proposal", "-created_at", "-id"], name="proposal_answer_latest")]
