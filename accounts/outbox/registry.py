"""Who consumes which events, and which jobs run on a clock. Features register in their `tasks.py`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from accounts.outbox.events import Event
from accounts.outbox.models import StoredEvent

Handler = Callable[[StoredEvent], None]
HandlerOfMany = Callable[[Sequence[StoredEvent]], None]


@dataclass(frozen=True, slots=True)
class Consumer:
    """One consumer: `types` empty means every event; `prompt` ones also run straight after the commit.

    `handle_many` does at once what `handle` does event by event, when several wait together.
    """

    name: str
    handle: Handler
    types: frozenset[str]
    prompt: bool
    handle_many: HandlerOfMany | None = None
    label: str = ""

    def wants(self, event_type: str) -> bool:
        """Tell whether this consumer has work with such an event."""
        return not self.types or event_type in self.types


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """A job that the worker runs every `every`; it finds its own work and may run twice."""

    name: str
    every: timedelta
    run: Callable[[], int]
    label: str = ""


consumers: dict[str, Consumer] = {}
jobs: dict[str, ScheduledJob] = {}


def consumer(name: str, *events: type[Event], label: str, prompt: bool = False) -> Callable[[Handler], Handler]:
    """Register a handler of events (all of them when none is named). Handlers are idempotent; `label` is for people."""

    def register(handle: Handler) -> Handler:
        types = frozenset(event.TYPE for event in events)
        consumers[name] = Consumer(name, handle, types, prompt, label=label)
        return handle

    return register


def consumer_of_many(name: str, *, label: str, prompt: bool = False) -> Callable[[HandlerOfMany], HandlerOfMany]:
    """Register a handler of every event that takes all that wait together at once; it is idempotent."""

    def register(handle: HandlerOfMany) -> HandlerOfMany:
        consumers[name] = Consumer(name, lambda event: handle([event]), frozenset(), prompt, handle, label)
        return handle

    return register


def scheduled(name: str, *, every: timedelta, label: str) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Register a job; it returns how many things it did. `label` is for people."""

    def register(run: Callable[[], int]) -> Callable[[], int]:
        jobs[name] = ScheduledJob(name, every, run, label)
        return run

    return register


def label_of(name: str) -> str:
    """Return what people call a consumer or a job; its name when nobody registers it any more."""
    known = consumers.get(name) or jobs.get(name)
    return known.label if known and known.label else name
