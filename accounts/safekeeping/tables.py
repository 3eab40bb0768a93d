"""Everything that lies sealed, found on the models themselves: which rows are under which key, and how they move.

A table is moved in batches. A row is written only if its sealed bytes are still those that were
read, and nothing else of it is touched: no version, no instant.
"""

import base64
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Func, Q, Value
from django.db.models.lookups import In

from accounts.authentication.second_factor import held_by, place_of_secret
from accounts.kernel.crypto import HEADER_BYTES, KeyRing, Purpose, Unreadable, header, key_number
from accounts.kernel.fields import SealedColumn, bytes_of
from accounts.kernel.keyring import ring

BATCH: Final = 2000
CHUNK: Final = 500
MOST_BYTES: Final = 16 * 2**20
"""A batch of large values is cut, at a chunk's end, where it holds so much in memory."""


@dataclass
class Moved:
    """What one batch did: `last` is the id it came to, "" at the end of the table.

    `rows` were moved, `left` were held by others or have changed meanwhile: they stay under their former key for now.
    """

    last: str = ""
    rows: int = 0
    left: int = 0
    unreadable: list[str] = field(default_factory=list)


Note = Callable[[Moved], None]
SealedValue = tuple[SealedColumn, bytes, bytes]
"""A column, its sealed bytes and what they are bound to."""
Row = tuple[Any, list[SealedValue]]
"""The id of a row and its values that are not empty."""


class Table(Protocol):
    """One table that holds sealed values of one purpose."""

    name: str

    def count_under(self, numbers: Collection[int]) -> int:
        """Return how many rows hold a value under one of these keys."""
        ...

    def move(self, numbers: Collection[int], *, after: str, note: Note) -> Moved:
        """Seal the next rows under one of these keys again, under the active one; `note` is called in that transaction."""
        ...

    def read(self, *, at_most: int | None = None) -> Iterator[str]:
        """Open the values of every row, or of some taken at random; yield "" for each, or where it lies when it does not open."""
        ...


def sealed_tables(purpose: Purpose) -> list[Table]:
    """Return every table with sealed values of one purpose."""
    tables: list[Table] = []
    for model in apps.get_models():
        columns = [one for one in model._meta.local_concrete_fields if isinstance(one, SealedColumn)]
        own = [column for column in columns if column.purpose == purpose]
        if own:
            tables.append(SealedTable(model, own))
    if purpose == Purpose.FIELDS:
        tables.append(SecondFactors())
    return tables


class _Header(Func):
    """The format and key number that a sealed value begins with."""

    template = f"substr(%(expressions)s, 1, {HEADER_BYTES})"
    output_field = models.BinaryField()


class SealedTable:
    """A table of ours, with its sealed columns."""

    def __init__(self, model: type[models.Model], columns: Sequence[SealedColumn]) -> None:
        self.name = model._meta.label
        self._model, self._columns = model, columns
        self._purpose = columns[0].purpose

    def count_under(self, numbers: Collection[int]) -> int:
        """Return how many rows hold a value under one of these keys."""
        return self._under(numbers).count()

    def move(self, numbers: Collection[int], *, after: str, note: Note) -> Moved:
        """Seal the next rows again, without holding them meanwhile: those that others hold are passed over."""
        moved, former = Moved(), frozenset(numbers)
        rows = self._under(former)
        with _reading():
            changes = self._changes(rows.filter(pk__gt=after) if after else rows, former, moved)
            with transaction.atomic() if changes else nullcontext():
                write = _update_postgresql if connection.vendor == "postgresql" else _update_sqlite
                moved.rows = sum(write(self._model, columns, alike) for columns, alike in changes.items())
                note(moved)
        moved.left = sum(map(len, changes.values())) - moved.rows
        return moved

    def read(self, *, at_most: int | None = None) -> Iterator[str]:
        """Open the values of every row, or of some."""
        rows = self._model._default_manager.all()
        if at_most is not None:
            ids = list(self._model._default_manager.order_by("pk").values_list("pk", flat=True))
            rows = rows.filter(pk__in=random.sample(ids, min(at_most, len(ids))))
        for pk, values in self._values(rows, chunk=BATCH):
            for column, sealed, place in values:
                yield _opens(sealed, place, self._purpose, f"{self.name}.{column.name} {pk}")

    def _under(self, numbers: Collection[int]) -> "models.QuerySet[models.Model]":
        heads = [Value(header(number), output_field=models.BinaryField()) for number in sorted(numbers)]
        condition = Q()
        for column in self._columns:
            condition |= Q(In(_Header(models.F(column.attname)), heads))
        return self._model._default_manager.filter(condition)

    def _changes(
        self, rows: "models.QuerySet[models.Model]", former: Collection[int], moved: Moved
    ) -> dict[tuple[str, ...], list[tuple[Any, ...]]]:
        """Return what to write of one batch: by the columns that move, the id, new values and former values of each row."""
        changes: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        present = ring(self._purpose)
        for pk, values in self._next(rows):
            moved.last = str(pk)
            changed = list(self._resealed(pk, values, former, present, moved))
            if changed:
                columns, new, old = zip(*changed, strict=True)
                changes[columns].append((pk, *new, *old))
        return changes

    def _next(self, rows: "models.QuerySet[models.Model]") -> Iterator[Row]:
        """Yield the rows of one batch."""
        held = 0
        for at, (pk, values) in enumerate(self._values(rows, chunk=CHUNK, at_most=BATCH), 1):
            yield pk, values
            held += sum(len(sealed) for _, sealed, _ in values)
            if held > MOST_BYTES and at % CHUNK == 0:
                return

    def _values(
        self, rows: "models.QuerySet[models.Model]", *, chunk: int, at_most: int | None = None
    ) -> Iterator[Row]:
        """Read nothing but the sealed columns and what they are bound to, in the order of the ids."""
        names = ["pk", *{need: None for column in self._columns for need in column.needs if need != "pk"}]
        bound = [(column, [names.index(need) for need in column.needs]) for column in self._columns]
        selected = rows.order_by("pk").values_list(*names, *(column.attname for column in self._columns))[:at_most]
        for row in selected.iterator(chunk_size=chunk):
            yield (
                row[0],
                [
                    (column, sealed, column.place_of(*(row[at] for at in needed)))
                    for (column, needed), held in zip(bound, row[len(names) :], strict=True)
                    if (sealed := bytes_of(held))
                ],
            )

    def _resealed(
        self, pk: Any, values: list[SealedValue], former: Collection[int], present: KeyRing, moved: Moved
    ) -> Iterator[tuple[str, bytes, bytes]]:
        """Yield the name, the new and the former bytes of each column of a row that must move."""
        for column, sealed, place in values:
            if key_number(sealed) in former:
                try:
                    yield str(column.column), present.reseal(sealed, bound_to=place), sealed
                except Unreadable:
                    moved.unreadable.append(f"{self.name}.{column.name} {pk}")


def _update_postgresql(model: type[models.Model], columns: Sequence[str], rows: list[tuple[Any, ...]]) -> int:
    """Write rows of (id, new values, former values), those that nobody holds and that are as they were.

    In one statement, since row-level security makes each one dear to plan.
    """
    quote, key = connection.ops.quote_name, model._meta.pk
    table, own, kind = quote(model._meta.db_table), quote(str(key.column)), key.rel_db_type(connection)
    new, old = [[f"{side}{at}" for at in range(len(columns))] for side in ("new", "old")]
    values = ", ".join(f"{quote(column)} = moved.{one}" for column, one in zip(columns, new, strict=True))
    same = " AND ".join(f"{table}.{quote(column)} = moved.{one}" for column, one in zip(columns, old, strict=True))
    arrays = ", ".join([f"%s::{kind}[]", *["%b::bytea[]"] * (2 * len(columns))])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {own} FROM {table} WHERE {own} = ANY(%s::{kind}[]) ORDER BY {own} FOR NO KEY UPDATE SKIP LOCKED",  # noqa: S608 (names of our own tables and columns)
            [[row[0] for row in rows]],
        )
        free = {row[0] for row in cursor.fetchall()}
        if not free:
            return 0
        cursor.execute(
            f"UPDATE {table} SET {values} FROM unnest({arrays}) AS moved(id, {', '.join([*new, *old])}) "  # noqa: S608 (as above)
            f"WHERE {table}.{own} = moved.id AND {same}",
            [list(column) for column in zip(*(row for row in rows if row[0] in free), strict=True)],
        )
        return int(cursor.rowcount)


def _update_sqlite(model: type[models.Model], columns: Sequence[str], rows: list[tuple[Any, ...]]) -> int:
    """The twin: the statement runs once a row, inside the process; its one writer holds everything or nothing."""
    quote, key, width = connection.ops.quote_name, model._meta.pk, len(columns)
    values = ", ".join(f"{quote(column)} = %s" for column in columns)
    same = " AND ".join(f"{quote(column)} = %s" for column in columns)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(model._meta.db_table)} SET {values} "  # noqa: S608 (names of our own tables and columns)
            f"WHERE {quote(str(key.column))} = %s AND {same}",
            [[*row[1 : width + 1], key.get_db_prep_value(row[0], connection), *row[width + 1 :]] for row in rows],
        )
        return int(cursor.rowcount)


class SecondFactors:
    """The second factors of accounts: allauth keeps them as JSON, the secret in it sealed by us and in base64."""

    name = "mfa.Authenticator"
    SECRETS = ("secret", "seed")

    def count_under(self, numbers: Collection[int]) -> int:
        """Return how many second factors hold a secret under one of these keys."""
        return sum(any(key_number(sealed) in numbers for sealed in self._sealed(row).values()) for row in self._rows())

    def move(self, numbers: Collection[int], *, after: str, note: Note) -> Moved:
        """Seal every secret again: they are as many as accounts, so one batch is enough."""
        moved = Moved()
        for row in self._rows():
            try:
                changed = {
                    name: base64.b64encode(ring(Purpose.FIELDS).reseal(sealed, bound_to=_place_of(row))).decode()
                    for name, sealed in self._sealed(row).items()
                    if key_number(sealed) in numbers
                }
            except Unreadable:
                moved.unreadable.append(f"{self.name} {row.pk}")
                continue
            if changed:
                moved.rows += self._rows().filter(pk=row.pk, data=row.data).update(data={**row.data, **changed})
        note(moved)
        return moved

    def read(self, *, at_most: int | None = None) -> Iterator[str]:
        """Open every secret, or those of some."""
        for row in self._rows()[:at_most]:
            for sealed in self._sealed(row).values():
                yield _opens(sealed, _place_of(row), Purpose.FIELDS, f"{self.name} {row.pk}")

    def _sealed(self, row: Any) -> dict[str, bytes]:
        return {name: base64.b64decode(row.data[name]) for name in self.SECRETS if name in row.data}

    def _rows(self) -> "models.QuerySet[Any]":
        rows: models.QuerySet[Any] = apps.get_model(self.name)._default_manager.order_by("pk")
        return rows


def _place_of(factor: Any) -> bytes:
    with held_by(factor.user):
        return place_of_secret()


def _reading() -> AbstractContextManager[Any]:
    """Read and write in one transaction where reading holds nobody up; SQLite's one writer never waits for our sums."""
    return transaction.atomic() if connection.vendor == "postgresql" else nullcontext()


def _opens(sealed: bytes, place: bytes, purpose: Purpose, where: str) -> str:
    try:
        ring(purpose).open(sealed, bound_to=place)
    except Unreadable:
        return where
    return ""
