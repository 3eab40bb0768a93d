"""Writing emergency sheets: the draft, the signature, who holds which version, the watch over what changed, the end."""

from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import ANY_VERSION, Act, command
from accounts.documents.records import DocumentKind, NewFile
from accounts.documents.store import keep
from accounts.kernel.clock import day_of, instant_of, now, today
from accounts.kernel.errors import NotFound, StaleVersion
from accounts.organisations.queries import organisation_snapshot, professional_snapshot
from accounts.people.queries import person_snapshot
from accounts.people.records import ResumeAfterMistake
from ppa.emergency_sheets.code import SheetCode, sheet_code
from ppa.emergency_sheets.events import (
    SheetCirculated,
    SheetDrifted,
    SheetResumed,
    SheetSigned,
    SheetWithdrawn,
    SheetWritten,
)
from ppa.emergency_sheets.models import EmergencySheet, SheetHolding, SheetVersion
from ppa.emergency_sheets.paper import Paper, address_of, sheet_pdf
from ppa.emergency_sheets.records import (
    FollowSources,
    Holder,
    NoteHolder,
    SignSheet,
    TakeBack,
    WithdrawSheet,
    WriteSheet,
    Written,
)
from ppa.emergency_sheets.rules import (
    HolderGone,
    NotSignedYet,
    check_alive,
    check_holder,
    check_signable,
    check_taken_back,
    drift,
    written_content,
    written_from,
)
from ppa.emergency_sheets.snapshots import draft_snapshot, holders_snapshot, latest, sheets_in
from ppa.emergency_sheets.sources import sources_of
from ppa.emergency_sheets.states import IN_FORCE, HolderKind, HoldingDeed, SheetAction, SheetState, WithdrawalReason


@command(Permission.EMERGENCY_SHEET_UPDATE)
def write_sheet(record: WriteSheet, act: Act) -> Receipt:
    """Keep what a physician writes for the next version; the signed one stays as it is."""
    act.ask(Facts(type=EmergencySheet.AGGREGATE, person_id=record.person_id, organisation_id=act.by.organisation_id))
    check_alive(person_snapshot(record.person_id).died_on)
    held = latest(record.person_id)
    if held is None:
        return _begun(record, act)
    sheet = act.open(EmergencySheet, held.id, version=record.version)
    sheet.written = written_content(record.written)
    if sheet.state == SheetState.WITHDRAWN:
        sheet.withdrawn_for, sheet.stale_since = "", None
        return act.advance(sheet, SheetAction.RESUME, SheetWritten)
    return act.amend(sheet, "write", SheetWritten)


@command(Permission.EMERGENCY_SHEET_SIGN)
def sign_sheet(record: SignSheet, act: Act) -> Receipt:
    """Sign the sheet that was read: an immutable version and its paper; the receipt names the version."""
    sheet = act.open(EmergencySheet, record.sheet_id, version=record.version)
    person = person_snapshot(sheet.person_id)
    check_alive(person.died_on)
    draft = draft_snapshot(sheet.person_id)
    check_signable(draft.written if draft.is_written else None, read=record.digest, present=draft.digest)
    if act.by.professional_id is None or act.by.organisation_id is None or draft.sheet_id != sheet.id:
        raise NotFound
    signed_at = now().replace(microsecond=0)
    version = SheetVersion(
        sheet=sheet,
        number=draft.number,
        content=draft.content,
        digest=draft.digest,
        signer_id=act.by.professional_id,
        organisation_id=act.by.organisation_id,
        signed_at=signed_at,
    )
    signing = _signing(sheet, draft.written)
    said = SheetCode(version.id, version.number, day_of(signed_at))
    paper = Paper(
        person=person,
        content=draft.content,
        number=version.number,
        signer=professional_snapshot(act.by.professional_id),
        organisation=organisation_snapshot(act.by.organisation_id).name,
        signed_at=signed_at,
        address=address_of(version.id, sheet_code(said)),
    )
    file = NewFile(
        title=f"Fiche Urgence Pallia, version {version.number}",
        content=sheet_pdf(paper),
        content_type="application/pdf",
        made_here=True,
    )
    version.document = keep(
        file, act, person_id=sheet.person_id, kind=DocumentKind.EMERGENCY_SHEET, source_id=version.id
    )
    version.save()
    sheet.number, sheet.written, sheet.stale_since = version.number, None, None
    act.advance(sheet, signing, SheetSigned, at=signed_at)
    return Receipt(type="emergency_sheet_version", id=version.id, version=sheet.version)


@command(Permission.EMERGENCY_SHEET_CIRCULATE)
def note_holder(record: NoteHolder, act: Act) -> Receipt:
    """Keep who was given the last signed version, by whom and how; nothing is sent by this. The receipt names the holder."""
    sheet = act.open(EmergencySheet, record.sheet_id, version=record.version)
    signed_at = (
        SheetVersion.objects.filter(sheet=sheet, number=sheet.number).values_list("signed_at", flat=True).first()
    )
    if sheet.state not in IN_FORCE:
        raise NotSignedYet
    signed_on = day_of(signed_at) if signed_at else None
    check_holder(record, signed_on=signed_on, today=today())
    if record.holder_id is not None:
        _present_holder(sheet, record.holder_id)
    content = {
        "kind": str(record.kind),
        "name": record.name.strip(),
        "departement": record.departement.strip().upper() if record.kind == HolderKind.SAMU else "",
        "means": str(record.means),
        "phone": record.phone.strip(),
        "who": record.who.strip(),
    }
    holder_id = record.holder_id or uuid4()
    _keep_holding(sheet, holder_id, HoldingDeed.GIVEN, record.done_on, content, act)
    receipt = act.amend(sheet, "circulate", SheetCirculated, at=instant_of(record.done_on))
    return Receipt(type="emergency_sheet_holder", id=holder_id, version=receipt.version)


@command(Permission.EMERGENCY_SHEET_CIRCULATE)
def take_back(record: TakeBack, act: Act) -> Receipt:
    """Keep that a holder has no copy any more."""
    sheet = act.open(EmergencySheet, record.sheet_id, version=record.version)
    held = _present_holder(sheet, record.holder_id)
    check_taken_back(held, record.who, record.done_on, today=today())
    content = {"who": record.who.strip()}
    _keep_holding(sheet, record.holder_id, HoldingDeed.TAKEN_BACK, record.done_on, content, act)
    return act.amend(sheet, "circulate", SheetCirculated, at=instant_of(record.done_on))


@command(Permission.EMERGENCY_SHEET_WITHDRAW)
def withdraw_sheet(record: WithdrawSheet, act: Act) -> Receipt:
    """Keep that the sheet speaks no more; its versions stay readable, its holders stay listed."""
    sheet = act.open(EmergencySheet, record.sheet_id, version=record.version)
    sheet.withdrawn_for = record.reason
    return act.advance(sheet, SheetAction.WITHDRAW, SheetWithdrawn, reason=record.reason)


@command(Permission.PATIENT_IDENTITY_RESUME_CARE)
def resume_sheet(record: ResumeAfterMistake, act: Act) -> Receipt:
    """Put the sheet that a death had withdrawn by mistake back where it stood; what was being written is to be written again."""
    act.ask(Facts(type=EmergencySheet.AGGREGATE, person_id=record.person_id))
    receipt = Receipt(type="person", id=record.person_id, version=0)
    held = next((one for one in sheets_in(record.person_id) if one.withdrawn_for == WithdrawalReason.DEATH), None)
    if held is not None:
        sheet = act.lock(EmergencySheet, held.id)
        sheet.withdrawn_for = ""
        receipt = act.take_back(sheet, SheetAction.WITHDRAW, SheetResumed)
    return receipt


@command(Permission.EMERGENCY_SHEET_FOLLOW)
def follow_sources(record: FollowSources, act: Act) -> Receipt:
    """Mark a signed sheet as old once the file says otherwise, as good again once it says the same."""
    sheet = act.open(EmergencySheet, record.sheet_id, version=ANY_VERSION)
    signed = SheetVersion.objects.filter(sheet=sheet, number=sheet.number).first()
    has_drifted = bool(signed and drift(signed.content["sources"], sources_of(sheet.person_id)))
    if has_drifted and sheet.state == SheetState.SIGNED:
        sheet.stale_since = now()
        return act.advance(sheet, SheetAction.MARK_STALE, SheetDrifted)
    if not has_drifted and sheet.state == SheetState.STALE:
        sheet.stale_since = None
        return act.advance(sheet, SheetAction.MARK_FRESH, SheetDrifted)
    return Receipt(type=EmergencySheet.AGGREGATE, id=sheet.id, version=sheet.version)


def _begun(record: WriteSheet, act: Act) -> Receipt:
    sheet = EmergencySheet(
        person_id=record.person_id,
        organisation_id=act.by.organisation_id,
        written=written_content(record.written),
    )
    try:
        with transaction.atomic():
            return act.add(sheet, "write", SheetWritten)
    except IntegrityError:
        raise StaleVersion from None


def _signing(sheet: EmergencySheet, written: Written) -> SheetAction:
    """Return which signature it is: of another phase than the version before says, or not."""
    before = SheetVersion.objects.filter(sheet=sheet).order_by("-number").first()
    is_other = before is not None and written_from(before.content["written"]).phase != written.phase
    return SheetAction.SIGN_OTHER_PHASE if is_other else SheetAction.SIGN


def _present_holder(sheet: EmergencySheet, holder_id: UUID) -> Holder:
    for one in holders_snapshot(sheet.id):
        if one.id == holder_id and one.taken_back_on is None:
            return one
    raise HolderGone


def _keep_holding(
    sheet: EmergencySheet, holder_id: UUID, deed: HoldingDeed, done_on: Any, content: dict[str, str], act: Act
) -> None:
    SheetHolding.objects.create(
        sheet=sheet,
        holder_id=holder_id,
        deed=deed,
        number=sheet.number,
        done_on=done_on,
        content=content,
        recorder_id=act.by.professional_id,
    )
