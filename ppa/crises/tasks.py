"""What ends anticipated crises without a hand, and puts them back: a death, and a death noted by mistake."""

from datetime import date
from uuid import UUID

from accounts.access.unit import ANY_VERSION, Unit
from accounts.kernel.actor import system_actor
from accounts.people.closing import on_death, on_death_undone
from accounts.people.records import ResumeAfterMistake
from ppa.crises.commands import resume_crises, withdraw_crisis
from ppa.crises.queries import open_crisis_ids
from ppa.crises.records import WithdrawCrisis


@on_death("crises")
def withdraw_crises(person_id: UUID, died_on: date, run: Unit) -> None:
    """Withdraw what was foreseen for the person who died: no prescription outlives her."""
    for crisis_id in open_crisis_ids(person_id):
        run(withdraw_crisis, WithdrawCrisis(crisis_id=crisis_id, version=ANY_VERSION), by=system_actor("death"))


@on_death_undone("crises")
def put_crises_back(person_id: UUID, run: Unit) -> None:
    """Put back what the death had withdrawn."""
    run(resume_crises, ResumeAfterMistake(person_id=person_id), by=system_actor("death"))
