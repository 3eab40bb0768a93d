"""Reading emergency sheets: where one stands, its versions, who holds them, whether a SAMU would find the person."""

from collections.abc import Iterable
from uuid import UUID

from accounts.access.gate import is_permitted, permit, read_once, scope
from accounts.access.permissions import Permission
from accounts.access.queries import is_closed_in_emergency
from accounts.access.records import Facts
from accounts.documents.queries import document_content
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from accounts.people.phones import phone
from accounts.people.queries import is_found_by_phone, people_lines, person_snapshot, relatives_snapshot
from ppa.emergency_sheets.models import EmergencySheet, SheetVersion
from ppa.emergency_sheets.records import (
    CopiesOut,
    Holder,
    Lookup,
    Number,
    SheetDraft,
    SheetSnapshot,
    SheetToUpdate,
    SheetVersionSnapshot,
)
from ppa.emergency_sheets.rules import drift, missing_for_lookup, to_replace
from ppa.emergency_sheets.snapshots import (
    copies_out,
    current_of,
    draft_snapshot,
    holders_in,
    holders_of_all,
    latest,
    sheets_in,
    versions_in,
    versions_of_all,
)
from ppa.emergency_sheets.sources import sources_of
from ppa.emergency_sheets.states import IN_FORCE, HolderKind, SheetState

MOST_TO_UPDATE = 50


def sheet_of(person_id: UUID, *, actor: Actor) -> SheetSnapshot | None:
    """Return where a person's sheet stands, what changed since it was signed included; `None` when there is none.

    Raises `NotFound` for who may not read it.
    """
    _permit(person_id, actor)
    return sheet_snapshot_of(person_id)


def standing_for(person_id: UUID, *, actor: Actor) -> SheetSnapshot | None:
    """Return where a person's sheet stands, as the watch last marked it: for the pages that only lead to it."""
    _permit(person_id, actor)
    row = latest(person_id)
    return _snapshot(row, changed=()) if row else None


def current_for(person_id: UUID, *, actor: Actor) -> SheetVersionSnapshot | None:
    """Return the signed version in force to an actor who may read it; raises `NotFound` otherwise."""
    _permit(person_id, actor)
    return current_version(person_id)


def version_for(person_id: UUID, version_id: UUID, *, actor: Actor) -> SheetVersionSnapshot:
    """Return one signed version of a person's sheets; raises `NotFound`."""
    _permit(person_id, actor)
    found = next((one for one in versions_of_all(person_id) if one.id == version_id), None)
    if found is None:
        raise NotFound
    return found


def versions_of(person_id: UUID, *, actor: Actor) -> list[SheetVersionSnapshot]:
    """Return every signed version of a person's sheets, newest first: another one may have come with a merged record."""
    _permit(person_id, actor)
    return versions_of_all(person_id)


def version_paper(person_id: UUID, version_id: UUID, *, actor: Actor) -> tuple[SheetVersionSnapshot, bytes]:
    """Return one signed version with its paper; raises `NotFound`."""
    version = version_for(person_id, version_id, actor=actor)
    return version, document_content(version.document.id)


def scanned_version(version_id: UUID, *, actor: Actor) -> SheetVersionSnapshot:
    """Return the version whose code was read on a paper; `NotFound` for an unknown one as for another's."""
    row = SheetVersion.objects.filter(pk=version_id).select_related("sheet").first()
    if row is None:
        raise NotFound
    _permit(row.sheet.person_id, actor)
    return next(one for one in versions_in(row.sheet) if one.id == version_id)


def draft_of(person_id: UUID, *, actor: Actor) -> SheetDraft:
    """Return what a physician may complete and sign: what is being written, else the last version, else a proposal from the file."""
    permit(actor, Permission.EMERGENCY_SHEET_UPDATE, Facts(type=EmergencySheet.AGGREGATE, person_id=person_id))
    return draft_snapshot(person_id)


def holders_of(person_id: UUID, *, actor: Actor) -> list[Holder]:
    """Return who was given a sheet of the person, latest first, those who have no copy any more at the end."""
    _permit(person_id, actor)
    return holders_of_all(person_id)


def copy_out(person_id: UUID, holder_id: UUID, *, actor: Actor) -> tuple[SheetSnapshot, Holder]:
    """Return a holder with the sheet that his copy is, or was, of; raises `NotFound`."""
    permit(actor, Permission.EMERGENCY_SHEET_CIRCULATE, Facts(type=EmergencySheet.AGGREGATE, person_id=person_id))
    held = {one.id: one for one in holders_of(person_id, actor=actor)}
    if holder_id not in held:
        raise NotFound
    sheets = {row.id: row for row in sheets_in(person_id)}
    return _snapshot(sheets[held[holder_id].sheet_id], changed=()), held[holder_id]


def lookup_of(person_id: UUID, *, actor: Actor) -> Lookup:
    """Return whether a SAMU would know the person by the numbers that her family would call from."""
    permit(actor, Permission.EMERGENCY_SHEET_CIRCULATE, Facts(type=EmergencySheet.AGGREGATE, person_id=person_id))
    person = person_snapshot(person_id)
    row = latest(person_id)
    current = current_of(row)
    held = holders_of_all(person_id)
    sent = tuple(one for one in held if one.kind == HolderKind.SAMU and one.taken_back_on is None)
    numbers = tuple(_numbers(person_id, current))
    number, in_force = (current.number, current.sheet_id) if current else (None, None)
    return Lookup(
        numbers=numbers,
        sheet_id=in_force,
        departement=person.departement,
        sent=sent,
        number=number,
        missing=missing_for_lookup(
            numbers,
            sent,
            departement=person.departement,
            number=number,
            in_force=in_force,
            is_closed=is_closed_in_emergency(person_id),
        ),
    )


def sheets_to_update(*, actor: Actor) -> list[SheetToUpdate]:
    """Return the sheets of the actor's circle that no longer say what the file says, the oldest change first."""
    seen = scope(actor, Permission.EMERGENCY_SHEET_LIST)
    rows = EmergencySheet.objects.filter(seen, state=SheetState.STALE).order_by("stale_since", "id")[:MOST_TO_UPDATE]
    held = [row for row in rows if row.stale_since is not None]
    people = people_lines({row.person_id for row in held})
    return [
        SheetToUpdate(
            person_id=row.person_id,
            person_name=people[row.person_id].name,
            number=row.number,
            since=row.stale_since or row.updated_at,
        )
        for row in held
    ]


def copies_to_replace(*, actor: Actor) -> list[CopiesOut]:
    """Return the sheets of the actor's circle of which somebody still holds a copy that no longer counts, the oldest first."""
    seen = scope(actor, Permission.EMERGENCY_SHEET_CIRCULATE)
    rows = list(EmergencySheet.objects.filter(seen, copies_out()).order_by("updated_at", "id")[:MOST_TO_UPDATE])
    if not rows:
        return []
    people, held = people_lines({row.person_id for row in rows}), holders_in([row.id for row in rows])
    return [
        CopiesOut(
            person_id=row.person_id,
            person_name=people[row.person_id].name,
            number=row.number if row.state in IN_FORCE else None,
            holders=to_replace(held[row.id], row.number if row.state in IN_FORCE else row.number + 1),
        )
        for row in rows
    ]


@read_once
def sheet_snapshot_of(person_id: UUID) -> SheetSnapshot | None:
    """Return where a person's sheet stands, unscoped."""
    row = latest(person_id)
    if row is None:
        return None
    current = current_of(row)
    return _snapshot(row, changed=drift(current.content["sources"], sources_of(person_id)) if current else ())


def current_version(person_id: UUID) -> SheetVersionSnapshot | None:
    """Return the signed version in force, unscoped: for what compares documents; `None` when there is none."""
    return current_of(latest(person_id))


def versions_snapshot(sheet_id: UUID) -> list[SheetVersionSnapshot]:
    """Return every signed version of a sheet, oldest first, unscoped: for the projection; raises `NotFound`."""
    row = EmergencySheet.objects.filter(pk=sheet_id).first()
    if row is None:
        raise NotFound
    return versions_in(row)


def open_sheet_ids(person_id: UUID) -> list[UUID]:
    """Return the sheets of a person that speak or are being written, unscoped: for what a death ends."""
    rows = EmergencySheet.objects.filter(person_id=person_id).exclude(state=SheetState.WITHDRAWN)
    return list(rows.order_by("id").values_list("id", flat=True))


def sheets_in_force(person_ids: Iterable[UUID]) -> list[UUID]:
    """Return the signed sheets of persons, unscoped: for the watch over what they rest on."""
    rows = EmergencySheet.objects.filter(person_id__in=set(person_ids), state__in=IN_FORCE)
    return list(rows.order_by("id").values_list("id", flat=True))


def is_readable(person_id: UUID, *, actor: Actor) -> bool:
    """Tell whether an actor may read a person's sheet, untraced: for showing or hiding what leads to it."""
    facts = Facts(type=EmergencySheet.AGGREGATE, person_id=person_id)
    return is_permitted(actor, Permission.EMERGENCY_SHEET_READ, facts)


def _snapshot(row: EmergencySheet, *, changed: tuple[str, ...]) -> SheetSnapshot:
    return SheetSnapshot(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        state=SheetState(row.state),
        number=row.number,
        current=current_of(row),
        drift=changed,
    )


def _permit(person_id: UUID, actor: Actor) -> None:
    facts = Facts(type=EmergencySheet.AGGREGATE, person_id=person_id)
    permit(actor, Permission.EMERGENCY_SHEET_READ, facts)


def _numbers(person_id: UUID, current: SheetVersionSnapshot | None) -> Iterable[Number]:
    sources = current.content["sources"] if current else {"phones": [], "contacts": []}
    signed = {*sources["phones"], *(number for one in sources["contacts"] for number in one["phones"])}
    whose = [("La personne", number) for number in person_snapshot(person_id).contact.phones]
    for one in relatives_snapshot(person_id):
        if one.active:
            whose += [(f"{one.given} {one.family} ({one.relation_label})", number) for number in one.contact.phones]
    for name, number in whose:
        yield Number(
            whose=name, phone=phone(number), is_found=is_found_by_phone(person_id, number), on_sheet=number in signed
        )
