"""The audit's rows and the head of each chain."""

from typing import Any

from django.db import models

from accounts.kernel.clock import now
from accounts.kernel.models import AppendOnly


class AuditRow(AppendOnly):
    """One decision, chained to the one before it in the same chain (one chain an organisation)."""

    HASHED = (
        "chain", "number", "at", "actor_id", "professional_id", "organisation_id", "role", "channel", "session",
        "action", "object_type", "object_id", "person_id", "outcome", "rule", "count", "correlation_id", "ip",
    )  # fmt: skip

    HASHED_WHEN_SET = ("break_glass_id",)
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
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="audit_number_once")]
        indexes = [
            models.Index(fields=["person_id", "-at"], name="audit_person"),
            models.Index(fields=["actor_id", "-at"], name="audit_actor"),
        ]

    def hashed_fields(self) -> dict[str, Any]:
        """Return what the hash covers, as `accounts.audit.chain.body` takes it."""
        younger = {name: value for name in self.HASHED_WHEN_SET if (value := getattr(self, name)) is not None}
        return {name: getattr(self, name) for name in self.HASHED} | younger


class ChainHead(models.Model):
    """The last link of a chain, with a keyed seal: a cut or rewritten tail shows."""

    chain = models.CharField(max_length=40, primary_key=True)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.BinaryField(max_length=32)
    seal = models.BinaryField(max_length=32)

    class Meta:
        app_label = "accounts"
