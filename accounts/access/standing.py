"""Where an actor stands towards one person, in one statement written out once: building it anew cost more than running it.

`accounts.access.gate` filters lists by the same conditions; a test holds both equal.
"""

import json
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.access.records import Standing
from accounts.access.reserved import running_in_reserve
from accounts.access.rules import opened_categories
from accounts.access.states import CLOSED_IN_EMERGENCY, Basis, Category
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now


def read_standing(actor: Actor, person_id: UUID) -> Standing:
    """Return the actor's present bases, what the person refuses him, and whom she agreed to."""
    organisations = _list(actor.organisations)
    person, instant = _column(person_id), connection.ops.adapt_datetimefield_value(now())
    with connection.cursor() as cursor:
        cursor.execute(
            _statement(len(organisations), as_list=connection.features.has_native_uuid_field),
            [
                *(person, *organisations, actor.professional_id and _column(actor.professional_id), instant, instant),
                *(person, *organisations, *organisations),
                person,
            ],
        )
        rows = cursor.fetchall()
    if (reserved := running_in_reserve(actor, person_id)) is not None:
        rows.append(("stands", Basis.BREAK_GLASS, Category.ALL, reserved))
    return _standing(rows)


def _standing(rows: list[tuple[str, str, str, Any]]) -> Standing:
    held = [(Basis(code), Category(category), id) for kind, code, category, id in rows if kind == "stands"]
    refused = frozenset(Category(category) for kind, _, category, _ in rows if kind == "refuses")
    agreed = [
        (_uuid(id), category)
        for kind, code, _, id in rows
        if kind == "agrees"
        for category in opened_categories(json.loads(code))
    ]
    return Standing(
        bases=frozenset(basis for basis, category, _ in held if category == Category.ALL),
        partial=frozenset((basis, category) for basis, category, _ in held if category != Category.ALL),
        opposed=Category.ALL in refused,
        refused=refused - {Category.ALL},
        refuses_emergency=bool(refused & CLOSED_IN_EMERGENCY),
        consented_to=frozenset(to for to, category in agreed if category == Category.ALL),
        partly_consented_to=frozenset((to, Category(category)) for to, category in agreed if category != Category.ALL),
        break_glass_id=next((_uuid(id) for basis, _, id in held if id and basis == Basis.BREAK_GLASS), None),
    )


@lru_cache
def _statement(organisations: int, *, as_list: bool) -> str:
    """Return the statement for that many values of organisations; they come in the order in which it names them."""
    mine = "(SELECT unnest(%s::uuid[]))" if as_list else f"({', '.join(['%s'] * organisations)})"
    return (
        "SELECT 'stands', basis, category, source_id FROM accounts_circlemembership"  # noqa: S608 (only marks of values are put in)
        f" WHERE person_id = %s AND organisation_id IN {mine} AND (professional_id IS NULL OR professional_id = %s)"
        " AND starts_at <= %s AND (ends_at IS NULL OR ends_at > %s)"
        " UNION ALL SELECT 'refuses', '', category, NULL FROM accounts_opposition"
        f" WHERE person_id = %s AND lifted_on IS NULL AND (organisation_id IN {mine} OR (organisation_id IS NULL"
        f" AND (stated_at_id IS NULL OR category = 'emergency' OR stated_at_id NOT IN {mine})))"
        " UNION ALL SELECT 'agrees', CAST(c.categories AS text), '', o.organisation_id FROM accounts_sharingconsent c"
        " JOIN accounts_sharingconsent_organisations o ON o.sharingconsent_id = c.id"
        " WHERE c.person_id = %s AND c.withdrawn_on IS NULL"
    )


def _list(ids: frozenset[UUID]) -> list[str]:
    """Return ids as values of the statement: one list where the database has lists, else one value each."""
    if connection.features.has_native_uuid_field:
        return [f"{{{','.join(map(str, ids))}}}"]
    return [one.hex for one in ids]


def _column(value: UUID) -> UUID | str:
    return value if connection.features.has_native_uuid_field else value.hex


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
