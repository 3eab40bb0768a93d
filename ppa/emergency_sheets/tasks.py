"""What follows a sheet without a hand: the watch over what it rests on, and a death."""

from datetime import date
from uuid import UUID

from accounts.access.events import CircleChanged
from accounts.access.unit import ANY_VERSION, Unit
from accounts.kernel.actor import system_actor
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer
from accounts.people.closing import on_death, on_death_undone
from accounts.people.events import PersonChanged, RelativeRecorded
from accounts.people.lineage import standing_record
from accounts.people.records import ResumeAfterMistake
from ppa.announcements.events import AnnouncementRecorded
from ppa.crises.events import CrisisDescribed, CrisisWithdrawn, DrugsPrescribed, HomeChecked
from ppa.directives.events import (
    DirectiveConfirmed,
    DirectiveDeposited,
    DirectiveInherited,
    DirectiveRecorded,
    DirectiveRestored,
    DirectiveRevoked,
    DirectiveSetApart,
    DirectiveSuperseded,
    DirectiveWithdrawn,
)
from ppa.emergency_sheets.commands import follow_sources, resume_sheet, withdraw_sheet
from ppa.emergency_sheets.queries import open_sheet_ids, sheets_in_force
from ppa.emergency_sheets.records import FollowSources, WithdrawSheet
from ppa.emergency_sheets.states import WithdrawalReason
from ppa.plans.events import PlanClosed, PlanSigned
from ppa.trusted_persons.events import DesignationEnded, DesignationResumed, DesignationSigned

MAY_CHANGE_A_SHEET = (
    PersonChanged, RelativeRecorded, CircleChanged, AnnouncementRecorded, PlanSigned, PlanClosed,
    CrisisDescribed, CrisisWithdrawn, DrugsPrescribed, HomeChecked,
    DesignationSigned, DesignationEnded, DesignationResumed,
    DirectiveConfirmed, DirectiveDeposited, DirectiveInherited, DirectiveRecorded, DirectiveRestored, DirectiveRevoked,
    DirectiveSetApart, DirectiveSuperseded, DirectiveWithdrawn,
)  # fmt: skip


@consumer("emergency-sheets", *MAY_CHANGE_A_SHEET, label="Fiches d’urgence à mettre à jour", prompt=True)
def watch(event: StoredEvent) -> None:
    """Look again at the signed sheet of the person of an event."""
    if event.person_id is None:
        return
    for sheet_id in sheets_in_force([standing_record(event.person_id)]):
        follow_sources(FollowSources(sheet_id=sheet_id), by=system_actor("emergency-sheets"))


@on_death("emergency_sheets")
def withdraw_sheets(person_id: UUID, died_on: date, run: Unit) -> None:
    """Withdraw the sheet of the person who died; who holds one stays listed, to be told."""
    for sheet_id in open_sheet_ids(person_id):
        record = WithdrawSheet(sheet_id=sheet_id, version=ANY_VERSION, reason=WithdrawalReason.DEATH)
        run(withdraw_sheet, record, by=system_actor("death"))


@on_death_undone("emergency_sheets")
def resume_sheets(person_id: UUID, run: Unit) -> None:
    """Let the sheet speak again that the death had withdrawn."""
    run(resume_sheet, ResumeAfterMistake(person_id=person_id), by=system_actor("death"))
