"""The card of each file; the bytes lie encrypted under MEDIA_ROOT."""

from typing import ClassVar

from django.db import models

from accounts.access.records import Facts
from accounts.documents.records import Scan
from accounts.kernel.crypto import Purpose
from accounts.kernel.fields import EncryptedBytesField, EncryptedTextField
from accounts.kernel.models import Aggregate
from accounts.kernel.wall import Wall


class Document(Aggregate):
    """One file of one person. `source_id` is what it belongs to (directives, designation, plan version).

    `file_key` is the key of its bytes, sealed by the ring of files; `scanned_at` is when the antivirus was last asked.
    """

    AGGREGATE: ClassVar[str] = "document"
    WALL = Wall(person="person_id")

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=16)
    title = EncryptedTextField()
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = EncryptedTextField()
    sha1 = EncryptedTextField()
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    source_id = models.UUIDField(null=True)
    file_key = EncryptedBytesField(null=True, purpose=Purpose.FILES)
    scan = models.CharField(max_length=12, default=Scan.NOT_SCANNED.value)
    scanned_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=models.Q(scan__in=[one.value for one in Scan]), name="document_scan")
        ]
        indexes = [
            models.Index(fields=["person", "-created_at"], name="document_person"),
            models.Index(
                fields=["scanned_at"], condition=models.Q(scan=Scan.NOT_SCANNED.value), name="document_to_scan"
            ),
        ]

    def facts(self) -> Facts:
        """Return what the gate may look at; what the antivirus warns of is not clean."""
        return Facts(
            type="document",
            id=self.pk,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            clean=self.scan != Scan.WITHHELD,
        )
