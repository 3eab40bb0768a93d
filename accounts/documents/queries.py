"""Reading files through the gate."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from uuid import UUID

from django.db.models import Count, Q

from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.documents.models import Document
from accounts.documents.records import DocumentKind, DocumentSnapshot, Scan
from accounts.documents.rules import FileWithheld
from accounts.documents.store import contents
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.kernel.wall import Reason, seeing_everything

RIGHT_TO_OPEN = {
    DocumentKind.DIRECTIVES: Permission.ADVANCE_DIRECTIVE_DOWNLOAD_FILE,
    DocumentKind.EMERGENCY_SHEET: Permission.EMERGENCY_SHEET_READ,
    DocumentKind.EXPORT: Permission.DOCUMENT_DIRECT_URL_WITHOUT_SESSION,
}
"""A copy of the whole file has no door here: it leaves through the page of rights, for seven days."""


def open_document(document_id: UUID, *, actor: Actor) -> tuple[DocumentSnapshot, Iterator[bytes]]:
    """Return a file's card and the blocks of its content to an actor who may open it; raises `NotFound` otherwise.

    Who could open it but for what the antivirus found in it is told so: `FileWithheld`.

    A block that does not open raises `Unreadable` when it is reached, the first one at once.
    """
    row = Document.objects.filter(pk=document_id).first()
    if row is None:
        raise NotFound
    kind = DocumentKind(row.kind)
    right = RIGHT_TO_OPEN.get(kind, Permission.DOCUMENT_DOWNLOAD)
    try:
        permit(actor, right, row.facts())
    except (NotFound, NotAllowed):
        if is_permitted(actor, right, replace(row.facts(), clean=True)):
            raise FileWithheld from None
        raise
    return _snapshot(row), contents(row)


def document_snapshot(document_id: UUID) -> DocumentSnapshot:
    """Return a file's card, unscoped: for the projection."""
    row = Document.objects.filter(pk=document_id).first()
    if row is None:
        raise NotFound
    return _snapshot(row)


def document_card(document_id: UUID | None) -> DocumentSnapshot | None:
    """Return a file's card, unscoped: for a reader of what it belongs to; `None` where there is no file."""
    return document_snapshot(document_id) if document_id else None


def documents_snapshot(ids: Collection[UUID]) -> dict[UUID, DocumentSnapshot]:
    """Return the cards of several files by id, unscoped: for the projection."""
    return {row.id: _snapshot(row) for row in Document.objects.filter(pk__in=ids)}


def scan_counts() -> dict[str, int]:
    """Return how many files the antivirus has yet to judge, and how many it set aside: for the operator."""
    with seeing_everything(Reason.CLOCK):
        return Document.objects.aggregate(
            waiting=Count("pk", filter=Q(scan=Scan.NOT_SCANNED)), withheld=Count("pk", filter=Q(scan=Scan.WITHHELD))
        )


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
        scan=Scan(row.scan),
    )
