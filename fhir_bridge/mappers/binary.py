"""The bytes of a kept file as a Binary, under the id of its DocumentReference."""

import base64

from accounts.documents.records import DocumentSnapshot
from fhir_bridge.r4.datatypes import Json, reference


def to_resource(card: DocumentSnapshot, content: bytes) -> Json:
    """Return the Binary of a file; who may read it is settled by the person it belongs to."""
    return {
        "resourceType": "Binary",
        "id": str(card.id),
        "contentType": card.content_type,
        "securityContext": reference(f"Patient/{card.person_id}"),
        "data": base64.b64encode(content).decode(),
    }
