"""What a death begins for the relatives, and what its undoing takes back."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from accounts.access.unit import Unit
from accounts.kernel.actor import system_actor
from accounts.people.closing import on_death, on_death_undone
from ppa.after_death.commands import cancel_contacts, plan_contacts
from ppa.after_death.records import CancelContacts, PlanContacts


@on_death("after_death")
def plan_for_relatives(person_id: UUID, died_on: date, run: Unit) -> None:
    """Plan to tell each relative, and to call them back."""
    clerk = replace(system_actor("death"), organisation_id=run.by.organisation_id)
    run(plan_contacts, PlanContacts(person_id=person_id, died_on=died_on), by=clerk)


@on_death_undone("after_death")
def call_nobody(person_id: UUID, run: Unit) -> None:
    """Cancel what was planned: the person is alive."""
    run(cancel_contacts, CancelContacts(person_id=person_id), by=system_actor("death"))
