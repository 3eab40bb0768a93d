"""Plans, what is written in them, the person's agreements and the signed versions. Every text is encrypted."""

from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.clock import now
from accounts.kernel.fields import EncryptedJSONField, EncryptedTextField
from accounts.kernel.models import ERASED_BY_TWO, Aggregate, AppendOnly, Record
from accounts.kernel.wall import Wall
from ppa.plans.states import DRAFTS, PLAN, ActionStatus, AgreementMeans, EntryKind, GoalStatus, PlanState, Words


def _values(codes: type[StrEnum]) -> list[str]:
    return [str(code) for code in codes]


class Plan(Aggregate):
    """The plan of a person; one at a time. `number` is the version being written, or the last one signed.

    `review_on` is the day by which to look at it again.
    """

    AGGREGATE: ClassVar[str] = "plan"
    LIFECYCLE = PLAN
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    proposal = models.ForeignKey("ppa.PlanProposal", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=20, default=PlanState.DRAFTING)
    number = models.PositiveSmallIntegerField(default=1)
    outline = models.CharField(max_length=20)
    closed_for = models.CharField(max_length=12, blank=True)
    review_on = models.DateField(null=True)

    class Meta:
        app_label = "ppa"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PLAN.states), name="plan_state"),
            models.CheckConstraint(condition=Q(state=PlanState.CLOSED) ^ Q(closed_for=""), name="plan_closed_for"),
            models.UniqueConstraint(fields=["person"], condition=~Q(state=PlanState.CLOSED), name="plan_one_a_person"),
        ]
        indexes = [
            models.Index(fields=["person", "-created_at", "-id"], name="plan_person"),
            models.Index(fields=["review_on"], name="plan_review"),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type="plan",
            id=self.pk,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            state=self.state,
            is_draft=self.state in DRAFTS,
        )


class PlanTopic(Record):
    """What is written now on one topic; `settled_at` is when texts that had crossed were last brought together."""

    WALL = Wall(through="plan")

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="topics")
    code = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=0)
    text = EncryptedTextField(default="")
    author = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(default=now)
    pace = EncryptedTextField(default="")

    class Meta:
        app_label = "ppa"
        constraints = [
            models.UniqueConstraint(fields=["plan", "code"], name="plan_topic_once"),
        ]


class TopicText(AppendOnly, Record):
    """Each text ever written on a topic. `crossed`: another had been written meanwhile, so this one waits beside it."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(through="topic")

    topic = models.ForeignKey(PlanTopic, on_delete=models.PROTECT, related_name="texts")
    topic_version = models.PositiveIntegerField()
    text = EncryptedTextField()
    author = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    crossed = models.BooleanField(default=False)

    class Meta:
        app_label = "ppa"
        constraints = [models.UniqueConstraint(fields=["topic", "topic_version"], name="topic_text_once")]


class TopicOffer(AppendOnly, Record):
    """One time a topic was offered to the person, and how far she wished to go."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(through="topic")

    topic = models.ForeignKey(PlanTopic, on_delete=models.PROTECT, related_name="offers")
    pace = EncryptedTextField()
    with_whom = EncryptedTextField(default="")
    offered_on = models.DateField()
    come_back_on = models.DateField(null=True)
    author = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "ppa"
        indexes = [
            models.Index(fields=["come_back_on"], condition=~Q(come_back_on=None), name="topic_offer_come_back"),
        ]


class TextDraft(Record):
    """What an author was typing on a topic, or in another form of a plan, before he saved it: his own, nobody else's.

    `code` is the topic's, or the form's; `content` holds what stood in each field by name, and `started_from` is the
    version of the topic that he was reading.
    """

    WALL = Wall(professional="author_id")

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="drafts")
    code = models.CharField(max_length=20)
    author = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, related_name="+")
    started_from = models.PositiveIntegerField(default=0)
    content = EncryptedJSONField()
    saved_at = models.DateTimeField()

    class Meta:
        app_label = "ppa"
        constraints = [models.UniqueConstraint(fields=["plan", "code", "author"], name="text_draft_once")]
        indexes = [models.Index(fields=["saved_at"], name="text_draft_age")]


class Need(Record):
    """A need of the person; `topic` is the topic it came up with, if any. `dropped_on`: since when it is set aside."""

    WALL = Wall(through="plan")

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="needs")
    version = models.PositiveIntegerField(default=1)
    topic = models.CharField(max_length=20, blank=True)
    text = EncryptedTextField()
    author = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    dropped_on = models.DateField(null=True)

    class Meta:
        app_label = "ppa"


class Goal(Record):
    """What is hoped for, in the words of somebody; `speaker` names him when it is not the person.

    `settled_on` and `outcome` tell when it was reached or given up, and what came of it.
    """

    WALL = Wall(through="need")

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="goals")
    version = models.PositiveIntegerField(default=1)
    words = models.CharField(max_length=12)
    speaker = EncryptedTextField(default="")
    text = EncryptedTextField()
    status = models.CharField(max_length=12, default=GoalStatus.IN_PROGRESS)
    settled_on = models.DateField(null=True)
    outcome = EncryptedTextField(null=True)

    class Meta:
        app_label = "ppa"
        constraints = [
            models.CheckConstraint(condition=Q(words__in=_values(Words)), name="goal_words"),
            models.CheckConstraint(condition=Q(status__in=_values(GoalStatus)), name="goal_status"),
            models.CheckConstraint(
                condition=Q(status=GoalStatus.IN_PROGRESS) ^ Q(settled_on__isnull=False), name="goal_settled_on"
            ),
        ]


class PlannedAction(Record):
    """Who does what about a goal, by when, and how it goes."""

    WALL = Wall(through="goal")

    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="actions")
    version = models.PositiveIntegerField(default=1)
    what = EncryptedTextField()
    who = EncryptedTextField()
    due_on = models.DateField(null=True)
    status = models.CharField(max_length=8, default=ActionStatus.PLANNED)
    outcome = EncryptedTextField(default="")

    class Meta:
        app_label = "ppa"
        constraints = [
            models.CheckConstraint(condition=Q(status__in=_values(ActionStatus)), name="planned_action_status")
        ]
        indexes = [models.Index(fields=["status", "due_on"], name="planned_action_due")]


class PlanAgreement(AppendOnly, Record):
    """The person's agreement to one content (`digest`) of one version, recorded by a member of her circle."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(through="plan")

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="agreements")
    number = models.PositiveSmallIntegerField()
    given_on = models.DateField()
    means = models.CharField(max_length=20)
    witness = EncryptedTextField(default="")
    digest = EncryptedTextField()
    recorder = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "ppa"
        constraints = [
            models.CheckConstraint(condition=Q(means__in=_values(AgreementMeans)), name="plan_agreement_means")
        ]
        indexes = [models.Index(fields=["plan", "-created_at", "-id"], name="plan_agreement_latest")]


class PlanVersion(AppendOnly, Record):
    """One signed version: what the person agreed to, who signed it and its paper. Nothing of it ever changes."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(through="plan")

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    outline = models.CharField(max_length=20)
    content = EncryptedJSONField()
    digest = EncryptedTextField()
    agreement = models.ForeignKey(PlanAgreement, on_delete=models.PROTECT, related_name="+")
    signer = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    document = models.ForeignKey("accounts.Document", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "ppa"
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once")]


class PlanEntry(AppendOnly, Record):
    """What is kept beside the text of a plan: a conversation, a wished place, a deposit, its refusal, a paper given, a reading that changes nothing, a revision that was abandoned, an agreement that was taken back.

    `content` holds the words by name, with what was written in an abandoned revision; `number` is the version it is about, 0 for none.
    """

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(through="plan")

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12)
    happened_on = models.DateField()
    number = models.PositiveSmallIntegerField(default=0)
    content = EncryptedJSONField()
    author = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "ppa"
        constraints = [models.CheckConstraint(condition=Q(kind__in=_values(EntryKind)), name="plan_entry_kind")]
        indexes = [models.Index(fields=["plan", "-happened_on", "-created_at"], name="plan_entry_latest")]
