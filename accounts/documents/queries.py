"""Reading files through the gate."""

from collections.abc import Collection, Iterator
from uuid import UUID

from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.documents.models import Document
from accounts.documents.records import DocumentKind, DocumentSnapshot
from accounts.documents.store import contents
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound

RIGHT_TO_OPEN = {
    DocumentKind.DIRECTIVES: Permission.ADVANCE_DIRECTIVE_DOWNLOAD_FILE,
    DocumentKind.EMERGENCY_SHEET: Permission.EMERGENCY_SHEET_READ,
    DocumentKind.EXPORT: Permission.DOCUMENT_DIRECT_URL_WITHOUT_SESSION,
}
"""A copy of the whole file has no door here: it leaves through the page of rights, for seven days."""


def open_document(document_id: UUID, *, actor: Actor) -> tuple[DocumentSnapshot, Iterator[bytes]]:
    """Return a file's card and the blocks of its content to an actor who may open it; raises `NotFound` otherwise.

    A block that does not open raises `Unreadable` when it is reached, the first one at once.
    """
    row = Document.objects.filter(pk=document_id).first()
    if row is None:
        raise NotFound
    kind = DocumentKind(row.kind)
    permit(actor, RIGHT_TO_OPEN.get(kind, Permission.DOCUMENT_DOWNLOAD), row.facts())
    return _snapshot(row), contents(row)


def document_snapshot(document_id: UUID) -> DocumentSnapshot:
    """Return a file's card, unscoped: for the projection."""
    row = Document.objects.filter(pk=document_id).first()
    if row is None:
        raise NotFound
    return _snapshot(row)


def documents_snapshot(ids: Collection[UUID]) -> dict[UUID, DocumentSnapshot]:
    """Return the cards of several files by id, unscoped: for the projection."""
    return {row.id: _snapshot(row) for row in Document.objects.filter(pk__in=ids)}


def document_content(document_id: UUID) -> bytes:
    """Return a file's bytes, unscoped: for an answer whose gate was already asked."""
    row = Document.objects.filter(pk=document_id).first()
    if row is None:
        raise NotFound
    return b"".join(contents(row))


def _snapshot(row: Document) -> DocumentSnapshot:
    return DocumentSnapshot(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        kind=DocumentKind(row.kind),
        title=row.title,
        content_type=row.content_type,
        size=row.size,
        sha256=row.sha256,
        sha1=row.sha1,
        created_at=row.created_at,
        organisation_id=row.organisation_id,
        source_id=row.source_id,
    )
