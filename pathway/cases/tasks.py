"""What opens and what closes a coordination file without a hand: the proposal of a plan, and a death."""

from datetime import date
from uuid import UUID

from accounts.access.unit import ANY_VERSION, Unit
from accounts.kernel.actor import system_actor
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer
from accounts.people.closing import on_death, on_death_undone
from accounts.people.lineage import standing_record
from accounts.people.queries import person_snapshot
from accounts.people.records import ResumeAfterMistake
from pathway.cases.commands import close_case, resume_cases, signal_case
from pathway.cases.queries import open_case_ids, was_signalled
from pathway.cases.records import CloseCase, SignalCase
from pathway.cases.states import ClosingReason
from ppa.announcements.events import PlanProposed
from ppa.announcements.queries import proposal_snapshot


@consumer("signal-case", PlanProposed, label="Signalements au DAC", prompt=True)
def signal_from_proposal(event: StoredEvent) -> None:
    """Put the person on the worklist of the DAC that follows the proposal, unless she is there already."""
    proposal = proposal_snapshot(event.aggregate_id)
    person_id = standing_record(proposal.person_id)
    if was_signalled(person_id, proposal.owner_id, since=event.at):
        return
    if person_snapshot(person_id).died_on:
        return
    record = SignalCase(
        person_id=person_id,
        organisation_id=proposal.owner_id,
        proposal_id=proposal.id,
        signaller_id=proposal.organisation_id,
    )
    signal_case(record, by=system_actor("signal-case"))


@on_death("cases")
def close_cases(person_id: UUID, died_on: date, run: Unit) -> None:
    """Close every open file of the person who died."""
    for case_id in open_case_ids(person_id):
        record = CloseCase(case_id=case_id, version=ANY_VERSION, reason=ClosingReason.DEATH)
        run(close_case, record, by=system_actor("death"))


@on_death_undone("cases")
def resume_support(person_id: UUID, run: Unit) -> None:
    """Open again the files that the death had closed."""
    run(resume_cases, ResumeAfterMistake(person_id=person_id), by=system_actor("death"))
