"""Reading the bytes of a file: as themselves when their own format is asked, else inside a Binary."""

from typing import Final
from uuid import UUID

from django.utils.http import http_date

from accounts.documents.queries import open_document
from accounts.documents.records import DocumentSnapshot
from accounts.kernel.errors import NotAllowed, NotFound
from fhir_bridge.mappers import binary
from fhir_bridge.r4.gate import serialise
from fhir_bridge.rest.door import Answer, Call, interaction
from fhir_bridge.rest.negotiation import check_accept, wants_native

POLICY: Final = "the right to open the file, asked by accounts.documents"


@interaction("read", letter="r", types=["Binary"], policy=POLICY, any_format=True)
def read_binary(call: Call) -> Answer:
    """Answer a file that the caller may open; it is never stored in the projection, it is read where it is kept."""
    card, content = _opened(call)
    headers = {"ETag": f'W/"{card.version}"', "Last-Modified": http_date(card.created_at.timestamp())}
    if wants_native(call.request, card.content_type):
        shown = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
        return Answer(body=content, content_type=card.content_type, headers={**headers, **shown})
    check_accept(call.request)
    return Answer(body=serialise(binary.to_resource(card, content)), headers=headers)


def _opened(call: Call) -> tuple[DocumentSnapshot, bytes]:
    try:
        card, content = open_document(UUID(call.fid), actor=call.actor)
    except (ValueError, NotAllowed):
        raise NotFound from None
    return card, b"".join(content)
