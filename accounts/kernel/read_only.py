"""Read-only mode: declared by an operator, or found when the database refuses writes.

Each process asks again every second, and says at once to itself what a refused write told
it. In this mode nothing is written to the database by anybody; what must not be lost goes
to the reserve (`accounts.audit.reserve`). Source: security.md §5.10.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction

from accounts.kernel.clock import now
from accounts.kernel.errors import DomainError

ASKED_EVERY = 1.0
PROBED_EVERY = 5.0
_READ_ONLY, _DISK_FULL = "25006", "53100"
_REFUSALS_OF_SQLITE = ("attempt to write a readonly database", "database or disk is full", "disk i/o error")


@dataclass(frozen=True, slots=True)
class Mode:
    """Why nothing is written, and since when. `declared`: an operator said so; else the database refuses."""

    since: datetime
    declared: bool


class _State:
    """What this process knows. One a process: the mode is the deployment's."""

    def __init__(self) -> None:
        self.mode: Mode | None = None
        self.asked_at = -ASKED_EVERY
        self.refused: Mode | None = None
        self.probed_at = 0.0


_state = _State()


def mode() -> Mode | None:
    """Return the read-only mode, or `None` while everything may be written; at most one question a second."""
    instant = time.monotonic()
    if instant - _state.asked_at >= ASKED_EVERY and not connection.needs_rollback:
        _state.mode = _ask(instant)
        _state.asked_at = instant
    return _state.mode


def refuses_writes(error: BaseException | None) -> bool:
    """Tell whether a fault, or the fault behind a refusal of ours, means that the database takes no writes at all."""
    while isinstance(error, DomainError):
        error = error.__cause__
    if not isinstance(error, DatabaseError):
        return False
    state: Any = getattr(error.__cause__, "sqlstate", None)
    return state in (_READ_ONLY, _DISK_FULL) or any(text in str(error).lower() for text in _REFUSALS_OF_SQLITE)


def note_refusal(error: BaseException | None) -> bool:
    """Enter the mode when a fault means that the database takes no writes; return whether it does."""
    if not refuses_writes(error):
        return False
    if _state.refused is None:
        _state.refused = Mode(now(), declared=False)
    _state.probed_at = time.monotonic()
    _state.mode = _state.mode or _state.refused
    return True


def forget() -> None:
    """Forget what this process knows: the next question goes to the database."""
    _state.__init__()  # type: ignore[misc]  # (back to the beginning)


def _ask(instant: float) -> Mode | None:
    from accounts.kernel.models import ReadOnlySpell

    if _server_refuses():
        _state.refused = _state.refused or Mode(now(), declared=False)
        return _state.refused
    if _state.refused and (instant - _state.probed_at < PROBED_EVERY or not _takes_writes(instant)):
        return _state.refused
    _state.refused = None
    spell = ReadOnlySpell.objects.filter(ended_at=None).order_by("-started_at").first()
    return Mode(spell.started_at, declared=True) if spell else None


def _server_refuses() -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_read_only') = 'on'")
        return bool(cursor.fetchone()[0])


def _takes_writes(instant: float) -> bool:
    """Write a row and take it back."""
    from accounts.kernel.models import ReadOnlySpell

    _state.probed_at = instant
    try:
        with transaction.atomic():
            ReadOnlySpell.objects.create(reason="probe", ended_at=now())
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True
