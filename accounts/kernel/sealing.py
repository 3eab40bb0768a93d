"""Turning a plain text column into a sealed one, as the operations of a migration: reversible, in batches, on both databases."""

from collections.abc import Callable
from typing import Any, Final

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import StateApps

from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.keyring import seal, unseal

BATCH: Final = 1000
Run = Callable[[StateApps, BaseDatabaseSchemaEditor], None]


def sealed_column(app: str, model: str, name: str, *, length: int, **sealed: Any) -> list[Operation]:
    """Return the operations that seal a column of text of a `length`; `sealed` are the options of its new field.

    With `null=True` an empty text becomes nothing. Triggers that let no row change go first:
    the guards of append-only tables come back after every migration.
    """
    former = f"{name}_plain"

    def run(move: Callable[[Any, str, str, bool], None]) -> Run:
        def whole(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
            table: Any = apps.get_model(app, model)
            _drop_guards(editor, table._meta.db_table)
            move(table, name, former, "null" in sealed)
            if editor.connection.vendor == "postgresql":
                editor.execute("SET CONSTRAINTS ALL IMMEDIATE")

        return whole

    operations: list[Operation] = [
        migrations.RenameField(model, name, former),
        migrations.AlterField(model, former, models.CharField(max_length=length, null=True)),
        migrations.AddField(model, name, EncryptedTextField(null=True)),
        migrations.RunPython(run(_seal), run(_open)),
        migrations.RemoveField(model, former),
    ]
    if "null" not in sealed:
        operations.append(migrations.AlterField(model, name, EncryptedTextField()))
    if "default" in sealed:  # apart: a default is no value that a database could fill in
        operations.append(migrations.AlterField(model, name, EncryptedTextField(**sealed)))
    return operations


def _seal(table: Any, name: str, former: str, nothing_when_empty: bool) -> None:
    column = table._meta.get_field(name)

    def moved(pk: Any, text: str) -> bytes | None:
        return None if nothing_when_empty and not text else seal(text.encode(), bound_to=column.place_of(pk))

    _rewrite(table, former, name, moved)


def _open(table: Any, name: str, former: str, nothing_when_empty: bool) -> None:
    column = table._meta.get_field(name)

    def moved(pk: Any, held: Any) -> str:
        return unseal(held.raw, bound_to=column.place_of(pk)).decode() if held is not None else ""

    _rewrite(table, name, former, moved)


def _rewrite(table: Any, source: str, target: str, moved: Callable[[Any, Any], Any]) -> None:
    """Write one column from another, by ids, so many rows at once."""
    from django.db import connection

    quote, key = connection.ops.quote_name, table._meta.pk
    statement = f"UPDATE {quote(table._meta.db_table)} SET {quote(target)} = %s WHERE {quote(key.column)} = %s"  # noqa: S608 (names of our own tables and columns)
    rows = table.objects.order_by("pk").values_list("pk", source)
    last = None
    while batch := list((rows.filter(pk__gt=last) if last is not None else rows)[:BATCH]):
        values = [(moved(pk, value), key.get_db_prep_value(pk, connection)) for pk, value in batch]
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)
        last = batch[-1][0]


def _drop_guards(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    quote = editor.quote_name
    for name in (f"{table}_no_update", f"{table}_resealed", f"{table}_append_only"):
        where = f" ON {quote(table)}" if editor.connection.vendor == "postgresql" else ""
        editor.execute(f"DROP TRIGGER IF EXISTS {quote(name)}{where}")
