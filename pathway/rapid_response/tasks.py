"""What of alerts a death ends."""

from datetime import date
from uuid import UUID

from accounts.access.unit import Unit
from accounts.people.closing import on_death
from pathway.rapid_response.commands import close_alerts_for_death
from pathway.rapid_response.records import CloseForDeath


@on_death("rapid_response")
def close_alerts(person_id: UUID, died_on: date, run: Unit) -> None:
    """End the alerts of a person who died."""
    run(close_alerts_for_death, CloseForDeath(person_id=person_id))
