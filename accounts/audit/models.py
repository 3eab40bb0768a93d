"""The audit's rows and the head of each chain."""

from typing import Any, ClassVar

from django.db import models

from accounts.audit.records import LONGEST_QUERY
from accounts.kernel.clock import now
from accounts.kernel.models import ERASED_BY_TWO, AppendOnly
from accounts.kernel.wall import Wall


class AuditRow(AppendOnly):
    """One decision, chained to the one before it in the same chain (one chain an organisation).

    A row goes only when a signed segment covers it, while an order of two persons is carried out:
    see `accounts.audit.retention`.
    """

    ERASABLE_WHEN: ClassVar[str] = (
        "EXISTS (SELECT 1 FROM accounts_auditsegment s WHERE s.chain = OLD.chain"  # noqa: S608 (a condition of our own)
        " AND OLD.number BETWEEN s.first AND s.last) AND " + ERASED_BY_TWO
    )

    WALL = Wall(person="person_id", organisations=("organisation_id",))

    HASHED = (
        "chain", "number", "at", "actor_id", "professional_id", "organisation_id", "role", "channel", "session",
        "action", "object_type", "object_id", "person_id", "outcome", "rule", "count", "correlation_id", "ip",
    )  # fmt: skip
    HASHED_WHEN_FILLED = ("break_glass_id", "purpose", "query")
    """Columns younger than the first rows: a row without them hashes as it did."""

    id = models.BigAutoField(primary_key=True)
    chain = models.CharField(max_length=40)
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=now)
    actor_id = models.UUIDField(null=True)
    professional_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField(null=True)
    role = models.CharField(max_length=30)
    channel = models.CharField(max_length=10)
    session = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40, blank=True)
    object_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    outcome = models.CharField(max_length=10)
    rule = models.CharField(max_length=80, blank=True)
    count = models.PositiveIntegerField(null=True)
    correlation_id = models.UUIDField()
    ip = models.CharField(max_length=45, blank=True)
    break_glass_id = models.UUIDField(null=True)
    purpose = models.CharField(max_length=12, blank=True)
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="audit_number_once")]
        indexes = [
            models.Index(fields=["person_id", "-at"], name="audit_person"),
            models.Index(fields=["actor_id", "-at"], name="audit_actor"),
            models.Index(fields=["organisation_id", "-at"], name="audit_organisation"),
        ]

    def hashed_fields(self) -> dict[str, Any]:
        """Return what the hash covers, as `accounts.audit.chain.body` takes it."""
        later = {name: value for name in self.HASHED_WHEN_FILLED if (value := getattr(self, name))}
        return {name: getattr(self, name) for name in self.HASHED} | later


class ChainHead(models.Model):
    """The last link of a chain, with a keyed seal: a cut or rewritten tail shows."""

    chain = models.CharField(max_length=40, primary_key=True)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.BinaryField(max_length=32)
    seal = models.BinaryField(max_length=32)

    class Meta:
        app_label = "accounts"


class AuditCheckpoint(AppendOnly):
    """A signed checkpoint, as it left the machine: see `accounts.audit.records.Checkpoint`."""

    serial = models.PositiveBigIntegerField(primary_key=True)
    chain = models.CharField(max_length=40)
    number = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    signature = models.CharField(max_length=132)

    class Meta:
        app_label = "accounts"
        indexes = [models.Index(fields=["chain", "-number"], name="checkpoint_chain")]


class AuditSegment(AppendOnly):
    """The signed digest of rows that were erased at the end of their time: see `accounts.audit.records.Segment`."""

    chain = models.CharField(max_length=40)
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    start = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    at = models.DateTimeField()
    signature = models.CharField(max_length=132)

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["chain", "first"], name="segment_once")]


class ReserveBook(models.Model):
    """How far one book of the reserve is in the audit: see `accounts.audit.reserve`."""

    id = models.UUIDField(primary_key=True)
    ingested = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        app_label = "accounts"


class WitnessCursor(models.Model):
    """How far one outside place has been told: the last checkpoint it took, when, and the class of its last error."""

    name = models.CharField(max_length=200, primary_key=True)
    serial = models.PositiveBigIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=80, blank=True)

    class Meta:
        app_label = "accounts"
