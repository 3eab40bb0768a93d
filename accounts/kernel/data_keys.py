"""The data keys and their rotations as rows, apart from every model that has sealed columns."""

from django.db import models

from accounts.kernel.clock import now


class DataKey(models.Model):
    """One data key of one purpose, wrapped by the master key.

    `uses` counts what it sealed, `retired_at` is when it stopped. A destroyed key has an empty `wrapped`.
    """

    class State(models.TextChoices):
        """Whether a key still seals."""

        ACTIVE = "active"
        DECRYPT_ONLY = "decrypt-only"
        DESTROYED = "destroyed"

    number = models.PositiveSmallIntegerField(primary_key=True)
    purpose = models.CharField(max_length=12)
    wrapped = models.BinaryField()
    state = models.CharField(max_length=12, choices=State.choices)
    created_at = models.DateTimeField(default=now)
    uses = models.PositiveBigIntegerField(default=0)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"


class KeyRotation(models.Model):
    """How far everything of one purpose has moved to a key: the last row done (`table`, `cursor`), and how many."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    purpose = models.CharField(max_length=12)
    table = models.CharField(max_length=80, blank=True)
    cursor = models.CharField(max_length=64, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
