"""Break-glasses and the notices that follow them."""

from dataclasses import replace
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from accounts.access.records import Facts
from accounts.break_glass.states import (
    BREAK_GLASS,
    NOTICE,
    FoundBy,
    NoticeMeans,
    NoticeState,
    Reason,
    State,
    Verdict,
)
from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.models import Aggregate
from accounts.kernel.wall import Wall


class BreakGlass(Aggregate):
    """One professional opens one file in an emergency, until `ends_at`.

    `account_id` is the account that opened it; `reviewer_id` the one that judged it,
    never the same. `alerted_at` is when the referents were written to.
    """

    AGGREGATE: ClassVar[str] = "break_glass"
    LIFECYCLE = BREAK_GLASS
    WALL = Wall(person="person_id", organisations=("organisation_id",), professional="professional_id")

    reference = models.CharField(max_length=12, unique=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    professional = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, related_name="+")
    account_id = models.UUIDField()
    state = models.CharField(max_length=10, default=State.OPEN)
    reason = models.CharField(max_length=20)
    explanation = EncryptedTextField()
    found_by = models.CharField(max_length=16)
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    alerted_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=12, blank=True)
    comment = EncryptedTextField(default="")
    reviewer_id = models.UUIDField(null=True)
    reviewed_by = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BREAK_GLASS.states), name="break_glass_state"),
            models.CheckConstraint(condition=Q(reason__in=[str(one) for one in Reason]), name="break_glass_reason"),
            models.CheckConstraint(
                condition=Q(found_by__in=[str(one) for one in FoundBy]), name="break_glass_found_by"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("opened_at")), name="break_glass_times"),
            models.CheckConstraint(
                condition=Q(verdict__in=["", *(str(one) for one in Verdict)])
                & (Q(state=State.REVIEWED) ^ Q(verdict="")),
                name="break_glass_verdict",
            ),
            models.CheckConstraint(
                condition=Q(reviewer_id=None) | ~Q(reviewer_id=F("account_id")), name="break_glass_not_own_review"
            ),
        ]
        indexes = [
            models.Index(fields=["professional", "-opened_at"], name="break_glass_opener"),
            models.Index(fields=["organisation", "opened_at"], name="break_glass_queue", condition=Q(verdict="")),
            models.Index(fields=["ends_at"], name="break_glass_clock", condition=Q(state=State.OPEN)),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type=self.AGGREGATE, id=self.pk, person_id=self.person_id, organisation_id=self.organisation_id,
            author_id=self.account_id, state=self.state,
        )  # fmt: skip

    def facts_for_review(self, organisations: frozenset[UUID]) -> Facts:
        """Return what the gate looks at when somebody who stands for some organisations reviews.

        A referent of the opener's own organisation reviews whatever the person has refused
        since: what is reviewed is the access, and nothing of hers is shown.
        """
        facts = self.facts()
        return replace(facts, person_id=None) if self.organisation_id in organisations else facts


class EmergencyAccessNotice(Aggregate):
    """That the person must be told of one break-glass, by `organisation`, before `due_at`."""

    AGGREGATE: ClassVar[str] = "emergency_access_notice"
    LIFECYCLE = NOTICE
    WALL = Wall(
        person="person_id",
        organisations=("organisation_id",),
        opens=(("person", "organisation_id"), ("break_glass", "organisation_id")),
    )

    break_glass = models.OneToOneField(BreakGlass, on_delete=models.PROTECT, related_name="notice")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=6, default=NoticeState.DUE)
    due_at = models.DateTimeField()
    told_on = models.DateField(null=True)
    means = models.CharField(max_length=10, blank=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=NOTICE.states), name="notice_state"),
            models.CheckConstraint(condition=Q(state=NoticeState.DUE) ^ Q(told_on__isnull=False), name="notice_told"),
            models.CheckConstraint(
                condition=Q(means__in=["", *(str(one) for one in NoticeMeans)]), name="notice_means"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "state", "due_at"], name="notice_desk")]

    def facts(self) -> Facts:
        """Return what the gate may look at: the notice belongs to the organisation that tells."""
        return Facts(
            type=self.AGGREGATE, id=self.pk, person_id=self.person_id, organisation_id=self.organisation_id,
            state=self.state,
        )  # fmt: skip
