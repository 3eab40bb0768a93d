"""The clocks of requests, the places given back when a line stops, and what of requests a death ends."""

from datetime import date, timedelta
from uuid import UUID

from accounts.access.records import StopForWithdrawal
from accounts.access.unit import Unit
from accounts.access.withdrawal import on_withdrawal
from accounts.kernel.actor import system_actor
from accounts.kernel.clock import now
from accounts.kernel.errors import StaleVersion, TransitionRefused
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer, scheduled
from accounts.people.closing import on_death
from pathway.capacity.commands import release_hold
from pathway.capacity.queries import held_places
from pathway.capacity.records import ReleaseHold
from pathway.referrals.commands import close_person_requests, expire_line, release_holds, settle_in_line, stop_lines
from pathway.referrals.events import LineStopped
from pathway.referrals.queries import line_snapshot, lines_to_expire, lines_to_settle_in, live_line_ids_of
from pathway.referrals.records import ClosePersonRequests, LineByClock, LineStep
from pathway.referrals.states import ClosingReason

SETTLED_AFTER = timedelta(hours=24)


@scheduled("referrals-expire", every=timedelta(minutes=15), label="Demandes restées sans réponse")
def expire_silent_lines() -> int:
    """Give up the lines that nobody answered; one that was answered meanwhile is left alone."""
    done = 0
    for line_id, version in lines_to_expire():
        try:
            expire_line(LineStep(line_id=line_id, version=version), by=system_actor("referrals-expire"))
        except (StaleVersion, TransitionRefused):
            continue
        done += 1
    return done


@scheduled("referrals-settle-in", every=timedelta(hours=1), label="Admissions confirmées")
def settle_in_admitted_lines() -> int:
    """Tell of persons admitted since a day that they are in the care of the structure."""
    found = lines_to_settle_in(now() - SETTLED_AFTER)
    for line_id in found:
        settle_in_line(LineByClock(line_id=line_id), by=system_actor("referrals-settle-in"))
    return len(found)


@consumer("holds-of-stopped-lines", LineStopped, label="Places rendues par les demandes closes", prompt=True)
def release_held_place(event: StoredEvent) -> None:
    """Give back the place that was held for a line that stopped."""
    hold = held_places([event.aggregate_id]).get(event.aggregate_id)
    if hold is not None:
        reason = line_snapshot(event.aggregate_id).reason
        release_hold(ReleaseHold(hold_id=hold.id, reason=reason), by=system_actor("referrals"))


@on_death("referrals")
def close_requests(person_id: UUID, died_on: date, run: Unit) -> None:
    """Close the requests of a person who died, and give back the places held for her."""
    release_holds(live_line_ids_of(person_id), reason=ClosingReason.DIED, run=run)
    run(close_person_requests, ClosePersonRequests(person_id=person_id, died_on=died_on))


@on_withdrawal("referrals")
def withdraw_lines(person_id: UUID, organisation_ids: frozenset[UUID], run: Unit) -> None:
    """Withdraw the requests to organisations that the person no longer agrees to."""
    run(stop_lines, StopForWithdrawal(person_id=person_id, organisation_ids=organisation_ids))
