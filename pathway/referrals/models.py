"""Requests, their lines, and the messages on a line. What is told of the person is encrypted."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.fields import EncryptedJSONField, EncryptedTextField
from accounts.kernel.ids import new_id
from accounts.kernel.models import ERASED_BY_TWO, Aggregate, AppendOnly, Record
from accounts.kernel.states import Lifecycle
from accounts.kernel.wall import Wall
from pathway.referrals.states import (
    LINE,
    LIVE,
    REQUEST,
    SHOWN_TO_RECIPIENT,
    LineState,
    MessageKind,
    RequestState,
    Urgency,
)
from pathway.structures.states import OfferKind

NOBODY = UUID(int=0)
"""No organisation: what a line that its recipient may not see is addressed to."""


class Request(Aggregate):
    """What is asked for a person by one organisation, of as many structures as there are lines.

    `admitted_line_id` is the line that led to an admission: there is one at most.
    """

    AGGREGATE: ClassVar[str] = "referral"
    LIFECYCLE: ClassVar[Lifecycle] = REQUEST
    WALL = Wall(person="person_id", organisations=("sender_id",), opens=(("person", "sender_id"),))

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, default=RequestState.DRAFT)
    kind = models.CharField(max_length=10)
    urgency = models.CharField(max_length=8)
    level = models.PositiveSmallIntegerField()
    needs = EncryptedJSONField(default=list)
    dossier = EncryptedJSONField(default=dict)
    answer_wanted_by = models.DateTimeField(null=True)
    group_identifier = models.UUIDField(default=new_id, unique=True, editable=False)
    consent = models.ForeignKey("accounts.SharingConsent", on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    admitted_line_id = models.UUIDField(null=True)

    class Meta:
        app_label = "pathway"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=REQUEST.states), name="referral_state"),
            models.CheckConstraint(condition=Q(kind__in=[str(k) for k in OfferKind]), name="referral_kind"),
            models.CheckConstraint(condition=Q(urgency__in=[str(u) for u in Urgency]), name="referral_urgency"),
        ]
        indexes = [
            models.Index(fields=["sender", "state", "-updated_at", "-id"], name="referral_outgoing"),
            models.Index(fields=["person", "-created_at"], name="referral_person"),
        ]

    def facts(self, *, addressed_to: frozenset[UUID] = frozenset()) -> Facts:
        """Return what the gate may look at; `addressed_to`: the structures that it is about to be sent to."""
        shown = self.lines.filter(state__in=SHOWN_TO_RECIPIENT).values_list("recipient_id", flat=True)
        return Facts(
            type=self.AGGREGATE,
            id=self.pk,
            person_id=self.person_id,
            organisation_id=self.sender_id,
            sender_id=self.sender_id,
            recipient_ids=frozenset(shown) or frozenset({NOBODY}),
            addressed_to=addressed_to - {self.sender_id},
            state=self.state,
        )


class RequestLine(Aggregate):
    """One structure asked. `sender` and `person` repeat those of the request, so that a line stands by itself.

    `reason` is the code of why it ended without an admission; `note` and `alternative` are
    what a structure that declines proposes instead. `expires_at`: when silence ends it.
    """

    AGGREGATE: ClassVar[str] = "referral_line"
    LIFECYCLE: ClassVar[Lifecycle] = LINE
    WALL = Wall(person="person_id", organisations=("sender_id", "recipient_id"), opens=(("request", "recipient_id"),))

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="lines")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    offer = models.ForeignKey("pathway.CareOffer", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, default=LineState.DRAFT)
    in_care = models.BooleanField(default=False)
    rank = models.PositiveSmallIntegerField(null=True)
    offered_on = models.DateField(null=True)
    stay_id = models.UUIDField(null=True)
    reason = EncryptedTextField(default="")
    note = EncryptedTextField(default="")
    alternative = models.CharField(max_length=10, blank=True)
    destination = models.CharField(max_length=20, blank=True)
    sent_at = models.DateTimeField(null=True)
    answer_due_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    admitted_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "pathway"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=LINE.states), name="referral_line_state"),
            models.UniqueConstraint(
                fields=["request", "offer"],
                condition=Q(state__in=[str(s) for s in LIVE]),
                name="referral_line_live_once",
            ),
            models.UniqueConstraint(
                fields=["request"], condition=Q(state="admitted"), name="referral_line_admitted_once"
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "state", "-updated_at", "-id"], name="referral_line_incoming"),
            models.Index(fields=["state", "expires_at"], name="referral_line_expiry"),
            models.Index(fields=["sender", "answer_due_at"], name="referral_line_silence"),
            models.Index(fields=["person"], name="referral_line_person"),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at: its recipient stands there only while the line is open to it."""
        shown = self.state in SHOWN_TO_RECIPIENT
        return Facts(
            type=self.AGGREGATE,
            id=self.pk,
            person_id=self.person_id,
            sender_id=self.sender_id,
            recipient_ids=frozenset({self.recipient_id if shown else NOBODY}),
            state=self.state,
        )


class LineMessage(AppendOnly, Record):
    """A question, an answer or a reminder between the sender and one structure."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(through="line")

    line = models.ForeignKey(RequestLine, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    text = EncryptedTextField()

    class Meta:
        app_label = "pathway"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[str(k) for k in MessageKind]), name="line_message_kind")
        ]
        indexes = [models.Index(fields=["line", "created_at", "id"], name="line_message_order")]
