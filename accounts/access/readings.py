"""What is read of one thing by its id: each statement is built once, and several go to the database as one.

Building a statement anew costs the ORM several times what running it does. A page that is
made of parts tells ahead what they are about to read, once the gate has opened it.
"""

from collections.abc import Callable, Sequence
from copy import copy
from functools import cached_property, lru_cache, update_wrapper
from typing import Any, Final, Generic, TypeVar, cast
from uuid import UUID

import orjson
from django.db import connection, connections
from django.db.models import Expression, QuerySet, UUIDField

from accounts.access.gate import read_once
from accounts.kernel.database import as_column, as_json, as_json_value, json_reader

R = TypeVar("R")


class _Asked(Expression):
    def __init__(self) -> None:
        super().__init__(output_field=UUIDField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the place of the id, known when the statement is sent."""
        return "%s", (self,)


ASKED: Final = cast("UUID", _Asked())
"""In the queryset of a reading: the id that it is asked of."""


class Rows(Generic[R]):
    """The rows of a queryset that filters by `ASKED`: called with an id it returns them, unscoped, for what the gate has opened.

    What else filters it stays as it was when it was first asked: no instant of the present, no actor.
    The parts of one page share the rows, as those of `read_once`: nobody changes them.
    """

    def __init__(self, build: "Callable[[], QuerySet[Any, R]]") -> None:
        self.build = build
        update_wrapper(self, build)

    def __call__(self, id: UUID) -> list[R]:
        """Return the rows; behind a door that only reads, each id is asked once."""
        rows: list[R] = read_together((self, id))[0]
        return rows

    @cached_property
    def _compiled(self) -> tuple[Any, Any, str, tuple[Any, ...]]:
        queryset = self.build()
        compiler = queryset.query.get_compiler(using=connection.alias)
        sql, params = compiler.as_sql(with_col_aliases=True)
        return queryset, compiler, sql, tuple(params)

    @cached_property
    def _converters(self) -> dict[int, Any]:
        compiler = self._compiled[1]
        found: dict[int, Any] = compiler.get_converters([expression for expression, *_ in compiler.select])
        return found

    def sql(self, mark: str) -> str:
        """Return the statement, whose values bear names that begin with `mark`: SQLite reads long statements faster so."""
        _, _, sql, params = self._compiled
        return sql.replace("%%", "%%%%") % tuple(f"%({mark}{at})s" for at in range(len(params)))

    def values(self, id: UUID, mark: str) -> dict[str, Any]:
        """Return the values of the statement by name."""
        asked = as_column(id)
        return {
            f"{mark}{at}": asked if isinstance(value, _Asked) else value for at, value in enumerate(self._compiled[3])
        }

    @cached_property
    def columns(self) -> list[tuple[str, str]]:
        """The name of each column in the statement and its type in the database."""
        select = self._compiled[1].select
        return [
            (connection.ops.quote_name(alias), expression.output_field.db_type(connection))
            for expression, _, alias in select
        ]

    @cached_property
    def readers(self) -> list[tuple[int, Callable[[str], Any]]]:
        """Which columns JSON gives otherwise than the database, and what reads them."""
        return [(at, read) for at, (_, kind) in enumerate(self.columns) if (read := json_reader(kind))]

    def rows(self, told: Sequence[Sequence[Any]]) -> list[R]:
        """Return what the queryset makes of its rows as columns lie."""
        if not told:
            return []
        queryset, compiler = self._compiled[0].all(), copy(self._compiled[1])
        compiler.connection, compiler.execute_sql = connections[connection.alias], lambda *_, **__: [told]
        compiler.get_converters = lambda _: self._converters
        queryset.query.get_compiler = lambda *_, **__: compiler
        return list(queryset)


def read_together(*asked: tuple[Rows[Any], UUID]) -> list[Any]:
    """Return the rows of several readings, in order, from one statement; what the page has read already is not sent again."""
    kept = _kept()
    missing = [one for one in dict.fromkeys(asked) if one not in kept]
    if len(missing) == 1:
        [(reading, id)] = missing
        with connection.cursor() as cursor:
            cursor.execute(_alone(reading), reading.values(id, "v"))
            kept[reading, id] = reading.rows(cursor.fetchall())
    elif missing:
        values: dict[str, Any] = {}
        for at, (reading, id) in enumerate(missing):
            values |= reading.values(id, _mark(at))
        with connection.cursor() as cursor:
            cursor.execute(_gathered(tuple(reading for reading, _ in missing)), values)
            for (reading, id), told in zip(missing, cursor.fetchone(), strict=True):
                kept[reading, id] = reading.rows(_from_json(reading, told))
    return [kept[one] for one in asked]


def read_ahead(*asked: tuple[Rows[Any], UUID]) -> None:
    """Read together what the parts of a page are about to ask; nothing behind a door that writes, where each reads anew."""
    if _kept() is _kept():
        read_together(*asked)


@read_once
def _kept() -> dict[tuple[Rows[Any], UUID], list[Any]]:
    """Return what was read already: behind a door that only reads one and the same for all, elsewhere an empty one each time."""
    return {}


def _mark(at: int) -> str:
    return f"r{at}_"


@lru_cache
def _alone(reading: Rows[Any]) -> str:
    return reading.sql("v")


@lru_cache
def _gathered(readings: tuple[Rows[Any], ...]) -> str:
    """Return the statement that gives the rows of each reading as one JSON text."""
    texts = [
        f"(SELECT {as_json(', '.join(as_json_value(*column) for column in reading.columns))} FROM ({reading.sql(_mark(at))}) AS r)"  # noqa: S608 (statements of ours)
        for at, reading in enumerate(readings)
    ]
    return f"SELECT {', '.join(texts)}"


def _from_json(reading: Rows[Any], told: str | None) -> list[list[Any]]:
    rows: list[list[Any]] = orjson.loads(told) if told else []
    for row in rows:
        for at, read in reading.readers:
            if row[at] is not None:
                row[at] = read(row[at])
    return rows
