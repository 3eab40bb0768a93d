"""Triggers that keep append-only rows as they were written, on both databases.

A row may go when its model says so (`ERASABLE_WHEN`), a sealed value may move, at the same length, from a retired
key to the active one: that is what a rotation does; and a row may pass from one record of a person to another while
these are merged or parted (`FILED_UNDER`). Anything else is refused.
"""

from typing import Any

from django.apps import AppConfig
from django.db import connection

from accounts.kernel.fields import SealedColumn
from accounts.kernel.models import FILED_ANEW, AppendOnly

MERGES = "accounts_identitymerge"


def guard_append_only_tables(sender: AppConfig, **_signal: object) -> None:
    """Install the triggers of every append-only table of an app; runs after every migration."""
    existing = set(connection.introspection.table_names())
    guard = _guard_sqlite if connection.vendor == "sqlite" else _guard_postgresql
    with connection.cursor() as cursor:
        for model in sender.get_models():
            if issubclass(model, AppendOnly) and model._meta.db_table in existing:
                guard(cursor, model, model.FILED_UNDER if MERGES in existing else "")


def lift_guards(sender: AppConfig, **_signal: object) -> None:
    """Take the triggers on updates off before any migration: on SQLite they name columns and tables that may come or go."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for model in sender.get_models():
            if issubclass(model, AppendOnly):
                cursor.execute(f'DROP TRIGGER IF EXISTS "{model._meta.db_table}_no_update"')


def _guard_sqlite(cursor: Any, model: type[AppendOnly], person: str) -> None:
    table = model._meta.db_table
    changes = " OR ".join(f"({one})" for one in (_only_resealed(model), _only_filed_anew(model, person)) if one)
    for verb, allowed in (("UPDATE", changes), ("DELETE", model.ERASABLE_WHEN)):
        name = f"{table}_no_{verb.lower()}"
        cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
        cursor.execute(
            f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" {f"WHEN NOT ({allowed})" if allowed else ""} '
            f"BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        )


def _only_resealed(model: type[AppendOnly]) -> str:
    """Return the condition under which a row of a table with sealed columns may change; empty: never."""
    if not _sealed(model):
        return ""
    conditions = []
    for field in model._meta.local_concrete_fields:
        same = f'NEW."{field.column}" IS OLD."{field.column}"'
        if isinstance(field, SealedColumn):
            same = f"({same} OR {_RESEALED.format(column=field.column, purpose=field.purpose)})"
        conditions.append(same)
    return " AND ".join(conditions)


def _only_filed_anew(model: type[AppendOnly], person: str) -> str:
    """Return the condition under which a row may pass to another record of the person in this column; empty: never."""
    if not person:
        return ""
    others = [one.column for one in model._meta.local_concrete_fields if one.column != person]
    same = [f'NEW."{column}" IS OLD."{column}"' for column in others]
    return " AND ".join([*same, FILED_ANEW.format(before=f'OLD."{person}"', after=f'NEW."{person}"')])


_RESEALED = """(
    length(OLD."{column}") = length(NEW."{column}") AND EXISTS (
        SELECT 1 FROM accounts_datakey former, accounts_datakey present
        WHERE former.purpose = '{purpose}' AND former.state = 'decrypt-only'
        AND hex(substr(OLD."{column}", 1, 3)) = printf('01%04X', former.number)
        AND present.purpose = '{purpose}' AND present.state = 'active'
        AND hex(substr(NEW."{column}", 1, 3)) = printf('01%04X', present.number)
    ))
"""


def _guard_postgresql(cursor: Any, model: type[AppendOnly], person: str) -> None:
    table, erasable, sealed = model._meta.db_table, model.ERASABLE_WHEN, _sealed(model)
    function = f"refuse_change_of_{table}" if erasable or person else "refuse_change"
    allowed = f"IF TG_OP = 'DELETE' AND {erasable} THEN RETURN OLD; END IF;" if erasable else ""
    if person and not sealed:
        allowed += _FILED_ANEW_ALONE.format(person=person)
    cursor.execute(
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {allowed} RAISE EXCEPTION 'append-only'; END $$"
    )
    cursor.execute(
        f'CREATE OR REPLACE TRIGGER "{table}_append_only" BEFORE {"DELETE" if sealed else "UPDATE OR DELETE"} '
        f'ON "{table}" FOR EACH ROW EXECUTE FUNCTION {function}()'
    )
    if sealed:
        cursor.execute(_REFUSE_ALL_BUT_RESEALING)
        columns = ", ".join(f"'{field.purpose}', '{field.column}'" for field in sealed)
        cursor.execute(
            f'CREATE OR REPLACE TRIGGER "{table}_resealed" BEFORE UPDATE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION refuse_all_but_resealing('{person}', {columns})"
        )


_REFUSE_ALL_BUT_RESEALING = f"""
CREATE OR REPLACE FUNCTION refuse_all_but_resealing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
    name text := TG_ARGV[0];
BEGIN
    IF name <> '' AND before->>name IS DISTINCT FROM after->>name
    AND {FILED_ANEW.format(before="(before->>name)::uuid", after="(after->>name)::uuid")} THEN
        before := before - name;
        after := after - name;
    END IF;
    FOR i IN 2 .. TG_NARGS - 1 BY 2 LOOP
        name := TG_ARGV[i];
        IF before->>name IS DISTINCT FROM after->>name AND NOT (
            length(before->>name) = length(after->>name) AND EXISTS (
                SELECT 1 FROM accounts_datakey former, accounts_datakey present
                WHERE former.purpose = TG_ARGV[i - 1] AND former.state = 'decrypt-only'
                AND substr(before->>name, 3, 6) = '01' || lpad(to_hex(former.number::int), 4, '0')
                AND present.purpose = TG_ARGV[i - 1] AND present.state = 'active'
                AND substr(after->>name, 3, 6) = '01' || lpad(to_hex(present.number::int), 4, '0')
            )
        ) THEN
            RAISE EXCEPTION 'append-only';
        END IF;
        before := before - name;
        after := after - name;
    END LOOP;
    IF before IS DISTINCT FROM after THEN
        RAISE EXCEPTION 'append-only';
    END IF;
    RETURN NEW;
END $$
"""  # noqa: S608 (conditions of our own)


_FILED_ANEW_ALONE = f"""
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - '{{person}}' = to_jsonb(NEW) - '{{person}}'
    AND {FILED_ANEW.format(before="OLD.{person}", after="NEW.{person}")} THEN RETURN NEW; END IF;
"""


def _sealed(model: type[AppendOnly]) -> list[SealedColumn]:
    return [field for field in model._meta.local_concrete_fields if isinstance(field, SealedColumn)]
