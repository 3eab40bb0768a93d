"""The audit's rows as a stream, each with its canonical form, fast enough to recompute years of them."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import orjson
from django.db import connection, transaction

from accounts.audit.models import AuditRow

CHUNK = 5000
_NAMES = tuple(sorted((*AuditRow.HASHED, *AuditRow.HASHED_WHEN_FILLED)))
_IDS = frozenset(name for name in _NAMES if AuditRow._meta.get_field(name).get_internal_type() == "UUIDField")

Link = tuple[int, bytes, bytes, bytes]
"""The number of a row, its canonical form, the hash it names as the one before it, and its own hash."""


def links(chain: str, *, after: int = 0) -> Iterator[Link]:
    """Yield the rows of a chain in order, those after a number; the database writes ids and instants as text."""
    columns = ", ".join((*(_column(name) for name in _NAMES), "previous_hash", "hash"))
    query = f"SELECT {columns} FROM accounts_auditrow WHERE chain = %s AND number > %s ORDER BY number"  # noqa: S608 (names of columns)
    number, at = _NAMES.index("number"), _NAMES.index("at")
    later = [_NAMES.index(name) for name in AuditRow.HASHED_WHEN_FILLED]
    for row in _rows(query, [chain, after]):
        fields = dict(zip(_NAMES, row, strict=False))
        fields["at"] = _instant(row[at])
        for place in later:
            if not row[place]:
                del fields[_NAMES[place]]
        yield row[number], orjson.dumps(fields), bytes(row[-2]), bytes(row[-1])


def _rows(query: str, parameters: list[Any]) -> Iterator[tuple[Any, ...]]:
    """Stream: a server-side cursor in a transaction on PostgreSQL, a statement of its own on SQLite, which no writer waits for."""
    on_postgresql = connection.vendor == "postgresql"
    with transaction.atomic() if on_postgresql else nullcontext(), _cursor() as cursor:
        cursor.execute(query, parameters)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def _cursor() -> Any:
    return connection.chunked_cursor() if connection.vendor == "postgresql" else connection.cursor()


def _postgresql_column(name: str) -> str:
    if name == "at":
        return """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    return f"{name}::text" if name in _IDS else name


def _sqlite_column(name: str) -> str:
    if name == "at":
        return "at || ''"  # as it is stored, not as the driver would read it
    if name not in _IDS:
        return name
    pieces = "||'-'||".join(
        f"substr({name},{start},{size})" for start, size in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    )
    return f"CASE WHEN {name} IS NULL THEN NULL ELSE {pieces} END"


_COLUMNS: dict[str, Callable[[str], str]] = {"postgresql": _postgresql_column, "sqlite": _sqlite_column}


def _column(name: str) -> str:
    return _COLUMNS[connection.vendor](name)


def _instant(text: str) -> str:
    """Return an instant as the chain writes it, from SQLite's own form or PostgreSQL's formatted one."""
    if text.endswith("Z"):
        return text
    return f"{text[:10]}T{text[11:]}Z" if len(text) > len("2026-11-22 09:00:00") else f"{text[:10]}T{text[11:]}.000000Z"
