"""What follows a request line that stopped, and what of stays a death ends."""

from datetime import date
from uuid import UUID

from accounts.access.unit import Unit
from accounts.kernel.actor import system_actor
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer
from accounts.people.closing import on_death
from pathway.referrals.events import LineStopped
from pathway.stays.commands import cancel_stay, finish_for_death, planned_stay_ids
from pathway.stays.records import CancelStay, FinishForDeath


@consumer("stays-of-stopped-lines", LineStopped, label="Séjours prévus des demandes closes", prompt=True)
def cancel_planned_stay(event: StoredEvent) -> None:
    """Cancel the stay that was planned for a line that stopped."""
    for stay_id in planned_stay_ids([event.aggregate_id]):
        cancel_stay(CancelStay(stay_id=stay_id), by=system_actor("stays"))


@on_death("stays")
def finish_stays(person_id: UUID, died_on: date, run: Unit) -> None:
    """End the stays of a person who died."""
    run(finish_for_death, FinishForDeath(person_id=person_id, died_on=died_on))
