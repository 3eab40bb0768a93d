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
from accounts.kernel.crypto import HEADER_BYTES, Purpose, Unreadable, header, key_number
from accounts.kernel.database import claim
from accounts.kernel.fields import SealedColumn
from accounts.kernel.keyring import ring

BATCH: Final = 500


@dataclass
class Moved:
    """What one batch did: `last` is the id it came to, "" at the end of the table."""

    last: str = ""
    rows: int = 0
    unreadable: list[str] = field(default_factory=list)


Note = Callable[[Moved], None]


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
        self._ring = ring(columns[0].purpose)

    def count_under(self, numbers: Collection[int]) -> int:
        """Return how many rows hold a value under one of these keys."""
        return self._under(numbers).count()

    def move(self, numbers: Collection[int], *, after: str, note: Note) -> Moved:
        """Seal the next rows again: those that another transaction holds are passed over (PostgreSQL)."""
        moved = Moved()
        self._ring = ring(self._columns[0].purpose)
        with _reading():
            rows = self._under(numbers)
            batch = list(claim(self._whole(rows.filter(pk__gt=after) if after else rows))[:BATCH])
            changes = [(row.pk, self._changed(row, set(numbers), moved)) for row in batch]
            moved.last = str(batch[-1].pk) if batch else ""
            with transaction.atomic():
                moved.rows = self._write(changes)
                note(moved)
        return moved

    def read(self, *, at_most: int | None = None) -> Iterator[str]:
        """Open the values of every row, or of some."""
        rows = self._whole(self._model._default_manager.all())
        if at_most is not None:
            ids = list(self._model._default_manager.order_by("pk").values_list("pk", flat=True))
            rows = rows.filter(pk__in=random.sample(ids, min(at_most, len(ids))))
        for row in rows.iterator(chunk_size=2000):
            for column in self._columns:
                sealed = column.sealed_bytes(row)
                if sealed:
                    yield _opens(sealed, column.place(row), column.purpose, f"{self.name}.{column.name} {row.pk}")

    def _under(self, numbers: Collection[int]) -> "models.QuerySet[models.Model]":
        heads = [Value(header(number), output_field=models.BinaryField()) for number in sorted(numbers)]
        condition = Q()
        for column in self._columns:
            condition |= Q(In(_Header(models.F(column.attname)), heads))
        return self._model._default_manager.filter(condition)

    def _whole(self, rows: "models.QuerySet[models.Model]") -> "models.QuerySet[models.Model]":
        """Read nothing but the sealed columns and what they are bound to."""
        needs = {need for column in self._columns for need in column.needs}
        joined = sorted({need.partition("__")[0] for need in needs if "__" in need})
        rows = rows.select_related(*joined) if joined else rows
        return rows.only("pk", *needs, *(column.attname for column in self._columns)).order_by("pk")

    def _changed(self, row: models.Model, numbers: set[int], moved: Moved) -> dict[str, tuple[bytes, bytes]]:
        """Return the new and the former bytes of each column of a row that must move."""
        changed = {}
        for column in self._columns:
            sealed = column.sealed_bytes(row)
            if not sealed or key_number(sealed) not in numbers:
                continue
            try:
                changed[str(column.column)] = (self._ring.reseal(sealed, bound_to=column.place(row)), sealed)
            except Unreadable:
                moved.unreadable.append(f"{self.name}.{column.name} {row.pk}")
        return changed

    def _write(self, changes: list[tuple[Any, dict[str, tuple[bytes, bytes]]]]) -> int:
        """Write each row unless its sealed bytes have changed since; return how many were written."""
        alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for pk, changed in changes:
            if changed:
                new, old = zip(*changed.values(), strict=True)
                alike[tuple(changed)].append((pk, *new, *old))
        write = _update_postgresql if connection.vendor == "postgresql" else _update_sqlite
        return sum(write(self._model, columns, rows) for columns, rows in alike.items())


def _update_postgresql(model: type[models.Model], columns: Sequence[str], rows: list[tuple[Any, ...]]) -> int:
    """Write rows of (id, new values, former values) in one statement: row-level security makes each one dear to plan."""
    quote, table, key = connection.ops.quote_name, model._meta.db_table, model._meta.pk
    new, old = [[f"{side}{at}" for at in range(len(columns))] for side in ("new", "old")]
    arrays = [f"%s::{key.rel_db_type(connection)}[]", *["%s::bytea[]"] * (2 * len(columns))]
    values = ", ".join(f"{quote(column)} = moved.{one}" for column, one in zip(columns, new, strict=True))
    same = " AND ".join(
        f"{quote(table)}.{quote(column)} = moved.{one}" for column, one in zip(columns, old, strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(table)} SET {values} "  # noqa: S608 (names of our own tables and columns)
            f"FROM unnest({', '.join(arrays)}) AS moved(id, {', '.join([*new, *old])}) "
            f"WHERE {quote(table)}.{quote(str(key.column))} = moved.id AND {same}",
            [list(column) for column in zip(*rows, strict=True)],
        )
        return int(cursor.rowcount)


def _update_sqlite(model: type[models.Model], columns: Sequence[str], rows: list[tuple[Any, ...]]) -> int:
    """The twin: the statement runs once a row, inside the process."""
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
    """Hold the rows that are read until they are written, where rows can be held; SQLite's one writer never waits for our sums."""
    return transaction.atomic() if connection.features.has_select_for_update_skip_locked else nullcontext()


def _opens(sealed: bytes, place: bytes, purpose: Purpose, where: str) -> str:
    try:
        ring(purpose).open(sealed, bound_to=place)
    except Unreadable:
        return where
    return ""
