"""Inputs of this feature's commands, and what its pages read."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryWork:
    """A piece of work that was given up, by its number."""

    work_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A piece of work given up: which consumer, on what kind of event, after which class of error."""

    id: int
    consumer: str
    event_type: str
    event_id: UUID
    happened_at: datetime
    tries: int
    error_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerState:
    """Whether an antivirus is named and answers, how many files it has yet to judge, how many it set aside."""

    is_named: bool
    answers: bool
    waiting: int
    withheld: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """How long the audit is: its chains, its rows, its last row."""

    chains: int
    rows: int
    last_at: datetime | None
