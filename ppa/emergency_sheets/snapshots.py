"""A sheet as it lies in the tables, unscoped: read alike by its pages and by the commands that write it."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from accounts.access.readings import ASKED, Rows
from accounts.documents.queries import documents_snapshot
from accounts.kernel.models import Transition
from ppa.emergency_sheets.models import EmergencySheet, SheetHolding, SheetVersion
from ppa.emergency_sheets.records import Holder, SheetDraft, SheetVersionSnapshot
from ppa.emergency_sheets.rules import content_of, digest_of, written_from
from ppa.emergency_sheets.sources import proposed, sources_of
from ppa.emergency_sheets.states import IN_FORCE, HolderKind, HoldingDeed, Means, SheetAction, SheetState


def draft_snapshot(person_id: UUID) -> SheetDraft:
    """Return the next version as it would be signed now, unscoped: for its page and for the signature."""
    row, sources = latest(person_id), sources_of(person_id)
    versions = versions_in(row) if row else []
    if row is not None and row.written is not None:
        written = written_from(row.written)
    elif versions:
        written = written_from(versions[-1].content["written"])
    else:
        written = proposed(sources)
    content = content_of(written, sources)
    return SheetDraft(
        sheet_id=row.id if row else None,
        version=row.version if row else None,
        number=max((one.number for one in sheets_in(person_id)), default=0) + 1,
        written=written,
        content=content,
        digest=digest_of(content),
        is_written=row is not None
        and row.state != SheetState.WITHDRAWN
        and (row.written is not None or row.state in IN_FORCE),
    )


def holders_snapshot(sheet_id: UUID) -> list[Holder]:
    """Return each holder as last noted, unscoped: who has a copy first, the latest first."""
    return holders_in([sheet_id])[sheet_id]


def holders_of_all(person_id: UUID) -> list[Holder]:
    """Return the holders of every sheet of a person, in the same order."""
    held = holders_in([row.id for row in sheets_in(person_id)])
    return _in_order(one for of_sheet in held.values() for one in of_sheet)


def holders_in(sheet_ids: Collection[UUID]) -> dict[UUID, list[Holder]]:
    """Return the holders of each of several sheets, as `holders_snapshot` does."""
    rows = SheetHolding.objects.filter(sheet_id__in=sheet_ids).select_related("recorder").order_by("created_at", "id")
    held: dict[UUID, dict[UUID, Holder]] = {sheet_id: {} for sheet_id in sheet_ids}
    for row in rows:
        of_sheet = held[row.sheet_id]
        of_sheet[row.holder_id] = _holder(row, before=of_sheet.get(row.holder_id))
    return {sheet_id: _in_order(of_sheet.values()) for sheet_id, of_sheet in held.items()}


def copies_out() -> Exists:
    """Return the condition that a sheet has a copy out which no longer counts: of a former version, or of a sheet that was withdrawn."""
    later = SheetHolding.objects.filter(
        sheet=OuterRef("sheet"), holder_id=OuterRef("holder_id"), created_at__gt=OuterRef("created_at")
    )
    given = SheetHolding.objects.filter(~Exists(later), sheet=OuterRef("pk"), deed=HoldingDeed.GIVEN)
    return Exists(given.filter(Q(number__lt=OuterRef("number")) | ~Q(sheet__state__in=IN_FORCE)))


def sheets_in(person_id: UUID) -> list[EmergencySheet]:
    """Return the sheets of a person: that which speaks or is being written first, then those withdrawn, the last one first.

    There are several once another record of hers was merged.
    """
    return sorted(sheet_rows(person_id), key=lambda row: row.state == SheetState.WITHDRAWN)


@Rows
def sheet_rows() -> QuerySet[EmergencySheet]:
    """Read the sheets of a person, the last withdrawn one first."""
    ended = Transition.objects.filter(
        aggregate_type=EmergencySheet.AGGREGATE, aggregate_id=OuterRef("pk"), deed=SheetAction.WITHDRAW
    )
    ended_at = Subquery(ended.order_by("-recorded_at").values("recorded_at")[:1])
    rows = EmergencySheet.objects.filter(person_id=ASKED).annotate(ended_at=ended_at)
    return rows.order_by(F("ended_at").desc(nulls_last=True), "-created_at", "-id")


def latest(person_id: UUID) -> EmergencySheet | None:
    """Return the sheet of a person that speaks or is being written, else the last withdrawn one."""
    return next(iter(sheets_in(person_id)), None)


def current_of(row: EmergencySheet | None) -> SheetVersionSnapshot | None:
    """Return the version in force of a sheet; `None` for one that is not signed, or was withdrawn."""
    if row is None or row.state not in IN_FORCE:
        return None
    return versions_in(row)[-1]


def versions_in(sheet: EmergencySheet) -> list[SheetVersionSnapshot]:
    """Return every signed version of a sheet, oldest first."""
    rows = list(SheetVersion.objects.filter(sheet=sheet).select_related("signer", "organisation").order_by("number"))
    cards = documents_snapshot([row.document_id for row in rows])
    following: list[Any] = [*rows[1:], None]
    before: list[Any] = [None, *rows]
    return [
        SheetVersionSnapshot(
            id=row.id,
            sheet_id=sheet.id,
            person_id=sheet.person_id,
            number=row.number,
            content=row.content,
            signer_id=row.signer_id,
            signer=row.signer.display_name,
            organisation_id=row.organisation_id,
            organisation=row.organisation.name,
            signed_at=row.signed_at,
            document=cards[row.document_id],
            replaces_document=former.document_id if former else None,
            replaced_at=after.signed_at if after else None,
            replaced_by=after.number if after else None,
            withdrawn=sheet.state not in IN_FORCE,
        )
        for row, former, after in zip(rows, before, following, strict=False)
    ]


def versions_of_all(person_id: UUID) -> list[SheetVersionSnapshot]:
    """Return every signed version of every sheet of a person, the one signed last first."""
    versions = [one for sheet in sheets_in(person_id) for one in versions_in(sheet)]
    return sorted(versions, key=lambda one: one.signed_at, reverse=True)


def _in_order(holders: Iterable[Holder]) -> list[Holder]:
    newest_first = sorted(holders, key=lambda one: (one.done_on, one.number), reverse=True)
    return sorted(newest_first, key=lambda one: one.taken_back_on is not None)


def _holder(row: SheetHolding, *, before: Holder | None) -> Holder:
    if row.deed == HoldingDeed.TAKEN_BACK and before is not None:
        return Holder(
            id=before.id, sheet_id=before.sheet_id, kind=before.kind, name=before.name, departement=before.departement, means=before.means,
            number=before.number, done_on=before.done_on, who=before.who, recorder=before.recorder,
            phone=before.phone, taken_back_on=row.done_on,
        )  # fmt: skip
    kept = row.content
    return Holder(
        id=row.holder_id,
        sheet_id=row.sheet_id,
        kind=HolderKind(kept["kind"]),
        name=kept["name"],
        departement=kept["departement"],
        means=Means(kept["means"]),
        number=row.number,
        done_on=row.done_on,
        who=kept["who"],
        recorder=row.recorder.display_name if row.recorder else "",
        phone=kept.get("phone", ""),
    )
