"""Everything that the deployment holds about one person, found by following the keys of its tables, and erased.

The audit is left: its rows name her by a number that leads nowhere once she is gone.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, router, transaction

from accounts.documents.models import Document
from accounts.documents.store import erase as erase_bytes

APPS = ("accounts", "ppa", "pathway", "fhir_bridge")
KEPT = frozenset({"accounts.AuditRow"})
Found = dict[type[models.Model], set[Any]]
Beside = Callable[[UUID, Found], Iterable[models.QuerySet[Any]]]

_beside: dict[str, Beside] = {}


def erased_with_the_person(name: str) -> Callable[[Beside], Beside]:
    """Register rows that no key ties to a person: `(person_id, found)` gives them. Features register from their `tasks.py`."""

    def register(find: Beside) -> Beside:
        _beside[name] = find
        return find

    return register


def tables() -> list[type[models.Model]]:
    """Return every table of ours whose rows may be a person's."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in APPS and model._meta.label not in KEPT
    ]


def belongings(person_id: UUID) -> Found:
    """Return the keys of every row that is about a person, or part of one that is."""
    found: Found = {apps.get_model("accounts", "Person"): {person_id}}
    grown = True
    while grown:
        grown = False
        for model in tables():
            wanted = _ties(model, person_id, found)
            if wanted is None:
                continue
            keys = set(model._default_manager.filter(wanted).order_by().values_list("pk", flat=True))
            if keys - found.get(model, set()):
                found[model] = found.get(model, set()) | keys
                grown = True
    for name in sorted(_beside):
        for rows in _beside[name](person_id, found):
            keys = set(rows.order_by().values_list("pk", flat=True))
            if keys:
                found[rows.model] = found.get(rows.model, set()) | keys
    return found


def _ties(model: type[models.Model], person_id: UUID, found: Found) -> models.Q | None:
    ties = models.Q()
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.related_model in found:
            ties |= models.Q(**{f"{field.name}__in": found[field.related_model]})
        elif field.name == "person_id":
            ties |= models.Q(person_id=person_id)
    return ties or None


def erase(person_id: UUID) -> tuple[dict[str, int], str]:
    """Erase everything about a person inside the caller's transaction; return how many rows of each table, and their digest.

    Her files go once the transaction is kept. Foreign keys are checked at its end, so the
    order of the tables does not matter. Append-only rows go only while an order that two
    persons gave is being carried out: the database itself refuses otherwise.
    """
    found = belongings(person_id)
    for document in Document.objects.filter(pk__in=found.get(Document, ())).order_by("pk"):
        transaction.on_commit(partial(erase_bytes, document))
    counts: Counter[str] = Counter()
    marks = []
    for model in sorted(found, key=lambda one: one._meta.label):
        keys = sorted(found[model], key=str)
        marks += [f"{model._meta.db_table}|{key}" for key in keys]
        counts[model._meta.db_table] = _delete(model, keys)
    digest = hashlib.sha256("\n".join(marks).encode()).hexdigest()
    return dict(counts), digest


def _delete(model: type[models.Model], keys: list[Any]) -> int:
    """Delete by key, past Django's cascade: every row that hangs on these was found already."""
    using = router.db_for_write(model)
    return model._default_manager.using(using).filter(pk__in=keys)._raw_delete(using)  # noqa: SLF001 (the one way to a plain DELETE)
