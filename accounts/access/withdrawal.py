"""What stops when a person takes an agreement back: each feature registers it, in the transaction of the withdrawal itself.

Features register from their `tasks.py`; `accounts.access.commands.withdraw_sharing_consent` runs them all.
"""

from collections.abc import Callable
from uuid import UUID

from accounts.access.unit import Unit

Stopping = Callable[[UUID, frozenset[UUID], Unit], None]

stoppings: dict[str, Stopping] = {}


def on_withdrawal(name: str) -> Callable[[Stopping], Stopping]:
    """Register what a feature stops: `(person_id, organisation_ids, run)`, once these no longer stand in the circle."""

    def register(stop: Stopping) -> Stopping:
        stoppings[name] = stop
        return stop

    return register


def stop_after_withdrawal(person_id: UUID, organisation_ids: frozenset[UUID], run: Unit) -> None:
    """Run every registered stopping, in the order of their names, so that locks are always taken alike."""
    for name in sorted(stoppings):
        stoppings[name](person_id, organisation_ids, run)
