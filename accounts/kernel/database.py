"""What SQLite and PostgreSQL do differently, side by side: append-only triggers, row claims, retries."""

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.apps import AppConfig
from django.db import IntegrityError, OperationalError, connection, models

from accounts.kernel.errors import Busy
from accounts.kernel.models import AppendOnly

RETRIES = 3
_RETRYABLE_STATES = {"40001", "40P01", "55P03", "23505"}
"""Serialisation, deadlock, lock not given, and a unique row that another wrote first: read again, it is found."""

T = TypeVar("T")
M = TypeVar("M", bound=models.Model)


def guard_append_only_tables(sender: AppConfig, **_signal: object) -> None:
    """Install, on every append-only table of an app, triggers that refuse UPDATE and DELETE; runs after every migration."""
    existing = set(connection.introspection.table_names())
    for model in sender.get_models():
        if issubclass(model, AppendOnly) and model._meta.db_table in existing:
            _guard(model._meta.db_table, model.ERASABLE_WHEN)


def claim(queryset: "models.QuerySet[M]") -> "models.QuerySet[M]":
    """Lock rows for one worker and pass over those another holds; SQLite's single writer needs no lock."""
    return queryset.select_for_update(skip_locked=True, of=("self",))


def with_retries(run: Callable[[], T]) -> T:
    """Run a whole transaction, again when another one got in its way; raise `Busy` in the end.

    Two that write the same unique row at once: the later one runs again and finds it.
    """
    for attempt in range(RETRIES):
        try:
            return run()
        except (OperationalError, IntegrityError) as error:
            is_last_word = isinstance(error, IntegrityError) and attempt == RETRIES - 1
            if is_last_word or not _is_retryable(error):
                raise
            time.sleep(random.uniform(0.02, 0.2) * (attempt + 1))  # noqa: S311 (jitter, no secret)
    raise Busy


def _is_retryable(error: OperationalError | IntegrityError) -> bool:
    state: Any = getattr(error.__cause__, "sqlstate", None)
    return state in _RETRYABLE_STATES or "database is locked" in str(error)


def _guard(table: str, erasable_when: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for verb, allowed in (("UPDATE", ""), ("DELETE", erasable_when)):
                name = f"{table}_no_{verb.lower()}"
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
                cursor.execute(
                    f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" {f"WHEN NOT {allowed}" if allowed else ""} '
                    f"BEGIN SELECT RAISE(ABORT, 'append-only'); END"
                )
            return
        function = f"refuse_change_of_{table}" if erasable_when else "refuse_change"
        allowed = f"IF TG_OP = 'DELETE' AND {erasable_when} THEN RETURN OLD; END IF;" if erasable_when else ""
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {allowed} RAISE EXCEPTION 'append-only'; END $$"
        )
        cursor.execute(
            f'CREATE OR REPLACE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
