"""What partners sent, sealed, as it came: what the domain has no place for is kept with its author."""

from django.db import models

from accounts.kernel.clock import now
from accounts.kernel.fields import EncryptedBytesField
from accounts.kernel.models import Record
from accounts.kernel.wall import Wall


class ReceivedMessage(Record):
    """The bytes of one accepted body, and what they became: `became` lists addresses such as "Patient/…"."""

    WALL = Wall(organisations=("organisation_id",))

    client_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField(null=True)
    correlation_id = models.UUIDField()
    received_at = models.DateTimeField(default=now)
    content = EncryptedBytesField()
    became = models.JSONField(default=list)

    class Meta:
        app_label = "fhir_bridge"
        indexes = [models.Index(fields=["client_id", "-received_at"], name="fhir_message_client")]
