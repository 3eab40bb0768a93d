"""What SQLite and PostgreSQL do differently, side by side: row claims, retries, ids in a written-out statement."""

import logging
import random
import time
from collections.abc import Callable, Collection
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, models

from accounts.kernel.errors import Busy

log = logging.getLogger(__name__)

RETRIES = 3
_RETRYABLE_STATES = {"40001", "40P01", "55P03", "23505"}
"""Serialisation, deadlock, lock not given, and a unique row that another wrote first: read again, it is found."""

_STOPPED = "57014"
"""A statement that took longer than `STATEMENT_SECONDS`."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods of a request that only reads."""

T = TypeVar("T")
M = TypeVar("M", bound=models.Model)


def claim(queryset: "models.QuerySet[M]") -> "models.QuerySet[M]":
    """Lock rows for one worker and pass over those another holds; SQLite's single writer needs no lock."""
    return queryset.select_for_update(skip_locked=True, of=("self",))


def with_retries(run: Callable[[], T]) -> T:
    """Run a whole transaction, again when another one got in its way; raise `Busy` in the end, or when it took too long.

    Two that write the same unique row at once: the later one runs again and finds it.
    """
    for attempt in range(RETRIES):
        try:
            return run()
        except (OperationalError, IntegrityError) as error:
            is_last_word = isinstance(error, IntegrityError) and attempt == RETRIES - 1
            if _state_of(error) == _STOPPED:
                raise _busy(error) from error
            if is_last_word or not _is_retryable(error):
                raise
            time.sleep(random.uniform(0.02, 0.2) * (attempt + 1))  # noqa: S311 (jitter, no secret)
    raise Busy


def told_as(error: Exception, *, method: str | None) -> Exception:
    """Return `Busy` for a statement of a reading that was stopped or held up by others; any other fault as it is.

    `Busy` says that nothing was kept: a request of another `method` may have written before.
    """
    held_up = isinstance(error, OperationalError) and (_state_of(error) == _STOPPED or _is_retryable(error))
    return _busy(error) if held_up and method in SAFE_METHODS else error


def _busy(error: Exception) -> Busy:
    log.warning("statement stopped or held up", extra={"sqlstate": _state_of(error)})
    return Busy()


@cache
def on_postgresql() -> bool:
    """Tell whether the one database of this process is PostgreSQL: a connection takes longer to say so than what hangs on it."""
    return connection.vendor == "postgresql"


def as_column(value: UUID) -> UUID | str:
    """Return an id as a value of a statement written out by hand."""
    return value if on_postgresql() else value.hex


def as_instant(value: datetime) -> datetime | str | None:
    """Return an instant as a value of such a statement."""
    return value if on_postgresql() else connection.ops.adapt_datetimefield_value(value)


def among(ids: Collection[UUID], *, name: str) -> tuple[str, dict[str, Any]]:
    """Return what says of a column in such a statement that it holds one of these ids, and the values it names.

    On PostgreSQL it is a comparison that a policy lets pass before itself: rows of others do not ask the policy anything.
    """
    if on_postgresql():
        return f"= ANY(%({name})s::uuid[])", {name: as_array(frozenset(ids))}
    values = {f"{name}{at}": one.hex for at, one in enumerate(ids)}
    return f"IN ({', '.join(f'%({one})s' for one in values)})", values


@lru_cache(maxsize=4096)
def as_array(ids: frozenset[UUID]) -> str:
    """Return ids as PostgreSQL writes an array: those of a team are told at each request."""
    return f"{{{','.join(map(str, ids))}}}"


def as_json(columns: str) -> str:
    """Return what gathers the rows of such a statement into one JSON text: each row a list of its columns, all of them one list."""
    rows, row = ("json_agg", "json_build_array") if on_postgresql() else ("json_group_array", "json_array")
    return f"CAST({rows}({row}({columns})) AS text)"


def as_json_value(column: str, kind: str) -> str:
    """Return a column of that type in the database as a value of such a row; raises `TypeError` when JSON would not hold it."""
    if kind == "BLOB":
        return f"CASE WHEN {column} IS NOT NULL THEN hex({column}) END"
    if kind == "bytea":
        return f"encode({column}, 'hex')"
    if kind == "jsonb":
        return f"CAST({column} AS text)"
    if kind.partition("(")[0] not in _HELD_BY_JSON:
        raise TypeError(f"JSON does not hold {kind}.")
    return column


def json_reader(kind: str) -> Callable[[str], Any] | None:
    """Return what makes of such a value, when it is not null, what the database gives of the column itself; `None` when it is the same."""
    return _READ_FROM_JSON.get(kind)


_READ_FROM_JSON: dict[str, Callable[[str], Any]] = {
    "BLOB": bytes.fromhex,
    "bytea": bytes.fromhex,
    "uuid": UUID,
    "timestamp with time zone": datetime.fromisoformat,
    "date": date.fromisoformat,
}
_HELD_BY_JSON = {
    *("uuid", "timestamp with time zone", "date", "boolean", "varchar", "text", "smallint", "integer", "bigint"),
    *("char", "datetime", "bool", "smallint unsigned", "integer unsigned", "bigint unsigned"),
}


def as_uuid(value: UUID | str) -> UUID:
    """Return what such a statement gives as an id."""
    return value if isinstance(value, UUID) else UUID(value)


def _is_retryable(error: OperationalError | IntegrityError) -> bool:
    return _state_of(error) in _RETRYABLE_STATES or "database is locked" in str(error)


def _state_of(error: Exception) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
