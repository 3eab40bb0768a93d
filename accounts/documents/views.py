"""Handing a file over to somebody who may open it."""

from uuid import UUID

from django.http import HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from accounts.access.doors import screen
from accounts.access.permissions import Permission
from accounts.documents.queries import open_document
from accounts.documents.rules import SUFFIXES
from accounts.kernel.clock import PARIS
from accounts.kernel.http import ActorRequest


@require_GET
@screen(Permission.DOCUMENT_DOWNLOAD, Permission.ADVANCE_DIRECTIVE_DOWNLOAD_FILE)  # type: ignore[arg-type]  # (a streamed answer has all that the door uses)
def download(request: ActorRequest, document_id: UUID) -> HttpResponseBase:
    """Answer a file as an attachment that no browser runs, guesses about or keeps.

    It leaves block by block; its announced length tells a receiver that a file which breaks off is not whole.
    """
    card, content = open_document(document_id, actor=request.actor)
    day = card.created_at.astimezone(PARIS).date()
    response = StreamingHttpResponse(content, content_type=card.content_type)
    response.headers["Content-Length"] = str(card.size)
    response.headers["Content-Disposition"] = f'attachment; filename="{card.kind}-{day}.{SUFFIXES[card.content_type]}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    )
    return response
