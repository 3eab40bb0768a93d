"""The clock of held places."""

from datetime import timedelta

from accounts.kernel.actor import system_actor
from accounts.kernel.errors import TransitionRefused
from accounts.outbox.registry import scheduled
from pathway.capacity.commands import lapse_hold
from pathway.capacity.queries import holds_due
from pathway.capacity.records import LapseHold


@scheduled("lapse-holds", every=timedelta(minutes=1), label="Places retenues trop longtemps")
def lapse_holds() -> int:
    """Give back the places whose time is over; return how many were."""
    done = 0
    for hold_id in holds_due():
        try:
            lapse_hold(LapseHold(hold_id=hold_id), by=system_actor("lapse-holds"))
        except TransitionRefused:  # used or released since the list was read
            continue
        done += 1
    return done
