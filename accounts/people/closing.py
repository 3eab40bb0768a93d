"""What stops when a person dies: each feature registers what it closes, in the transaction of the death itself.

Features register from their `tasks.py`; `pathway.stays.commands.record_death` runs them all.
"""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from accounts.access.unit import Unit

Closing = Callable[[UUID, date, Unit], None]

closings: dict[str, Closing] = {}


def on_death(name: str) -> Callable[[Closing], Closing]:
    """Register what a feature closes: `(person_id, died_on, run)`, where `run(command, record)` is the unit.

    A consequence that the actor has no right of his own to goes `by=system_actor(name)`.
    """

    def register(close: Closing) -> Closing:
        closings[name] = close
        return close

    return register


def close_after_death(person_id: UUID, died_on: date, run: Unit) -> None:
    """Run every registered closing, in the order of their names, so that locks are always taken alike."""
    for name in sorted(closings):
        closings[name](person_id, died_on, run)
