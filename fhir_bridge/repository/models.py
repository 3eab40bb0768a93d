"""The tables of the store. Bodies are sealed, search values are keyed tokens; only ids, versions and instants are plain.

Everything here can be dropped and made again from the domain (`manage.py rebuild_fhir`).
"""

from django.db import models

from accounts.kernel.fields import BlindIndexField, BlindTokenField, SealedBytesField
from accounts.kernel.wall import Wall


def place(rtype: str, fid: str, version: int) -> bytes:
    """Return what the body of one version is bound to."""
    return f"fhir|{rtype}|{fid}|{version}".encode()


class Resource(models.Model):
    """The present version of one resource, with the facts that the gate is told of it.

    `updated` is in milliseconds since 1970 UTC. `mark` is a keyed digest of the body without
    its version: what has not changed is not stored again. `source_*` is the aggregate it is made from.
    """

    WALL = Wall(person="person_id", organisations=("sender_id",), open_when="person_id IS NULL")

    id = models.BigAutoField(primary_key=True)
    rtype = models.CharField(max_length=24)
    fid = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    updated = models.BigIntegerField()
    deleted = models.BooleanField(default=False)
    source_type = models.CharField(max_length=40)
    source_id = models.UUIDField()
    right = models.CharField(max_length=60)
    person_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField(null=True)
    sender_id = models.UUIDField(null=True)
    is_clean = models.BooleanField(default=False)
    mark = BlindIndexField(max_length=16, index="fhir_bridge.repository.store.RESOURCES")
    body = SealedBytesField(place=place, needs=("rtype", "fid", "version"))

    class Meta:
        app_label = "fhir_bridge"
        constraints = [models.UniqueConstraint(fields=["rtype", "fid"], name="fhir_resource_once")]
        indexes = [
            models.Index(fields=["rtype", "-updated", "-id"], name="fhir_resource_updated"),
            models.Index(fields=["person_id", "rtype", "-updated", "-id"], name="fhir_resource_person"),
            models.Index(fields=["source_type", "source_id"], name="fhir_resource_source"),
        ]


class ResourceVersion(models.Model):
    """A superseded version; a deletion has an empty body."""

    WALL = Wall(through="resource")

    id = models.BigAutoField(primary_key=True)
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    updated = models.BigIntegerField()
    deleted = models.BooleanField(default=False)
    body = SealedBytesField(place=place, needs=("resource__rtype", "resource__fid", "version"))

    class Meta:
        app_label = "fhir_bridge"
        constraints = [models.UniqueConstraint(fields=["resource", "version"], name="fhir_version_once")]


class Recipient(models.Model):
    """An organisation that a stored request is addressed to."""

    WALL = Wall(through="resource")

    id = models.BigAutoField(primary_key=True)
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="recipients")
    organisation_id = models.UUIDField()

    class Meta:
        app_label = "fhir_bridge"
        constraints = [models.UniqueConstraint(fields=["resource", "organisation_id"], name="fhir_recipient_once")]


class TokenRow(models.Model):
    """A code, an identifier or the beginning of a name that a resource is found by, as a keyed 64-bit token."""

    WALL = Wall(through="resource")

    id = models.BigAutoField(primary_key=True)
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="token_rows")
    rtype = models.CharField(max_length=24)
    param = models.CharField(max_length=32)
    token = BlindTokenField(index="fhir_bridge.repository.store.RESOURCES")

    class Meta:
        app_label = "fhir_bridge"
        indexes = [models.Index(fields=["rtype", "param", "token", "resource"], name="fhir_token_search")]


class RefRow(models.Model):
    """A reference of a resource; `target` is relative, "Patient/…"."""

    WALL = Wall(through="resource")

    id = models.BigAutoField(primary_key=True)
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="ref_rows")
    rtype = models.CharField(max_length=24)
    param = models.CharField(max_length=32)
    target = models.CharField(max_length=90)

    class Meta:
        app_label = "fhir_bridge"
        indexes = [
            models.Index(fields=["target", "rtype", "param", "resource"], name="fhir_ref_search"),
            models.Index(fields=["resource", "param"], name="fhir_ref_include"),
        ]


class DateRow(models.Model):
    """The interval [low, high) that a date of a resource stands for, in milliseconds since 1970 UTC."""

    WALL = Wall(through="resource")

    id = models.BigAutoField(primary_key=True)
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="date_rows")
    rtype = models.CharField(max_length=24)
    param = models.CharField(max_length=32)
    low = models.BigIntegerField()
    high = models.BigIntegerField()

    class Meta:
        app_label = "fhir_bridge"
        indexes = [
            models.Index(fields=["rtype", "param", "-low", "resource"], name="fhir_date_low"),
            models.Index(fields=["rtype", "param", "high", "resource"], name="fhir_date_high"),
        ]
