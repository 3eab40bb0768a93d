"""What stops when a person dies, and begins again when that was a mistake: each feature registers its part.

It runs in the transaction of the death itself, or of its undoing. Features register from
their `tasks.py`; `record_death` and `correct_death` of `pathway.stays.commands` run them all.
"""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from accounts.access.unit import Unit

Closing = Callable[[UUID, date, Unit], None]

Resuming = Callable[[UUID, Unit], None]

closings: dict[str, Closing] = {}
resumings: dict[str, Resuming] = {}


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


def on_death_undone(name: str) -> Callable[[Resuming], Resuming]:
    """Register what a feature begins again when a death was recorded by mistake: `(person_id, run)`."""

    def register(resume: Resuming) -> Resuming:
        resumings[name] = resume
        return resume

    return register


def resume_after_mistake(person_id: UUID, run: Unit) -> None:
    """Run everything that begins again, in the order of the names."""
    for name in sorted(resumings):
        resumings[name](person_id, run)
