"""Reading copies, addenda and answers."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.documents.models import Document
from accounts.documents.records import DocumentKind, Scan
from accounts.documents.store import contents
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now
from accounts.kernel.errors import NotFound
from accounts.retention.periods import kept
from accounts.retention.records import Kept
from accounts.rights.models import AccessExport, Addendum, ErasureAnswer
from accounts.rights.records import AddendumSnapshot
from accounts.rights.rules import ExportExpired
from accounts.rights.states import TARGETS, ExportState

OPEN = (ExportState.READY, ExportState.HANDED_OVER)


def addenda_of(target_type: str, target_id: UUID, *, person_id: UUID, actor: Actor) -> list[AddendumSnapshot]:
    """Return what stands beside something that was written, oldest first; nothing to who may not read the original."""
    here = Facts(type=target_type, id=target_id, person_id=person_id)
    found = addendum_rows(target_id) if _may_read_beside(here, actor) else []
    return [_snapshot(row) for row in found if (row.target_type, row.person_id) == (target_type, person_id)]


def addenda_beside(here: Facts, *, actor: Actor) -> list[tuple[Rows[Any], UUID]]:
    """Return what `addenda_of` reads beside what these facts are of, for `read_ahead`; nothing for who may not read it."""
    return [(addendum_rows, here.id)] if here.id and _may_read_beside(here, actor) else []


def _may_read_beside(here: Facts, actor: Actor) -> bool:
    return is_permitted(actor, TARGETS[here.type].permission, here)


@Rows
def addendum_rows() -> QuerySet[Addendum]:
    """Read what stands beside something that was written, oldest first."""
    return (
        Addendum.objects.filter(target_type__in=TARGETS, target_id=ASKED)
        .select_related("author")
        .order_by("created_at", "id")
    )


def addendum_snapshot(addendum_id: UUID) -> AddendumSnapshot:
    """Return an addendum, unscoped: for the projection."""
    row = Addendum.objects.filter(pk=addendum_id).select_related("author").first()
    if row is None:
        raise NotFound
    return _snapshot(row)


def _snapshot(row: Addendum) -> AddendumSnapshot:
    return AddendumSnapshot(
        id=row.id,
        person_id=row.person_id,
        target_type=row.target_type,
        target_id=row.target_id,
        text=row.text,
        reason=row.reason,
        author_id=row.author_id,
        author=row.author.display_name,
        organisation_id=row.organisation_id,
        added_at=row.created_at,
    )


def exports_of(person_id: UUID, *, actor: Actor) -> list[AccessExport]:
    """Return the copies asked for a person, newest first."""
    permit(actor, Permission.RGPD_REQUEST_READ, Facts(type="access_export", person_id=person_id))
    rows = AccessExport.objects.filter(person_id=person_id).select_related("asker", "approver", "handed_by")
    return list(rows.order_by("-created_at", "-id"))


def exports_to_approve(*, actor: Actor) -> list[AccessExport]:
    """Return the copies that wait for the actor's approval, by reference: he reads nobody's name."""
    permit(actor, Permission.RGPD_REQUEST_LIST, Facts(type="access_export", organisation_id=actor.organisation_id))
    waiting = AccessExport.objects.filter(organisation__in=actor.organisations, state=ExportState.ASKED)
    return list(waiting.select_related("asker", "organisation").order_by("created_at", "id"))


def answers_of(person_id: UUID, *, actor: Actor) -> tuple[Kept, list[ErasureAnswer]]:
    """Return until when a person's file is kept, and the answers given to her wishes to erase, newest first."""
    permit(actor, Permission.RGPD_REQUEST_READ, Facts(type="erasure_answer", person_id=person_id))
    rows = ErasureAnswer.objects.filter(person_id=person_id).select_related("author")
    return kept(person_id), list(rows.order_by("-created_at", "-id"))


def open_export(export_id: UUID, *, person_id: UUID, actor: Actor) -> tuple[AccessExport, Iterator[bytes]]:
    """Return a copy and its bytes to who may hand it over; raises `ExportExpired` after its seven days."""
    export = AccessExport.objects.filter(pk=export_id, person_id=person_id).select_related("document").first()
    if export is None:
        raise NotFound
    permit(actor, Permission.RGPD_REQUEST_HAND_OVER, export.facts())
    if export.state not in OPEN or export.document is None or export.expires_at is None or export.expires_at <= now():
        raise ExportExpired
    return export, contents(export.document)


def exports_to_build() -> list[tuple[UUID, int, UUID, UUID]]:
    """Return (id, version, person, organisation) of the copies to make, oldest first, unscoped: for the clerk."""
    rows = AccessExport.objects.filter(state=ExportState.APPROVED).order_by("created_at", "id")
    return list(rows.values_list("id", "version", "person_id", "organisation_id"))


def exports_to_expire() -> list[tuple[UUID, int]]:
    """Return (id, version) of the copies whose seven days are over, unscoped: for the clerk."""
    rows = AccessExport.objects.filter(state__in=OPEN, expires_at__lte=now()).order_by("expires_at", "id")
    return list(rows.values_list("id", "version"))


def exports_with_papers(person_id: UUID) -> list[UUID]:
    """Return the copies of a person's papers that are made, or being made, unscoped: for the clerk."""
    rows = AccessExport.objects.filter(person_id=person_id, state__in=[ExportState.APPROVED, *OPEN])
    return list(rows.order_by("created_at", "id").values_list("id", flat=True))


def papers_of(person_id: UUID) -> Iterator[tuple[Document, bytes]]:
    """Yield every file of a person with its bytes, unscoped: for the copy. Former copies are left out; what the antivirus set aside has none."""
    rows = Document.objects.filter(person_id=person_id).exclude(kind=DocumentKind.EXPORT)
    for row in rows.order_by("created_at", "id"):
        yield row, b"" if row.scan == Scan.WITHHELD else b"".join(contents(row))
