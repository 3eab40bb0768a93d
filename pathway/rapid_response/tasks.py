"""What of alerts a death ends, and what a withdrawal."""

from datetime import date
from uuid import UUID

from accounts.access.records import StopForWithdrawal
from accounts.access.unit import Unit
from accounts.access.withdrawal import on_withdrawal
from accounts.people.closing import on_death
from pathway.rapid_response.commands import close_alerts_for_death, stop_alerts
from pathway.rapid_response.records import CloseForDeath


@on_death("rapid_response")
def close_alerts(person_id: UUID, died_on: date, run: Unit) -> None:
    """End the alerts of a person who died."""
    run(close_alerts_for_death, CloseForDeath(person_id=person_id))


@on_withdrawal("rapid_response")
def stop_calls(person_id: UUID, organisation_ids: frozenset[UUID], run: Unit) -> None:
    """Take back the calls to teams that the person no longer agrees to."""
    run(stop_alerts, StopForWithdrawal(person_id=person_id, organisation_ids=organisation_ids))
