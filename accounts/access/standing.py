"""Where an actor stands towards one person, in one statement written out once: building it anew cost more than running it.

It is one value of one row, so that a statement which reads something of the person may bring it along.
`accounts.access.gate` filters lists by the same conditions; a test holds both equal.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from accounts.access.records import Standing
from accounts.access.reserved import running_in_reserve
from accounts.access.rules import opened_categories
from accounts.access.states import CLOSED_IN_EMERGENCY, Basis, Category
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now
from accounts.kernel.database import among, as_column, as_instant, as_json
from accounts.kernel.wall import as_owner

NOWHERE = Standing()


def read_standing(actor: Actor, person_id: UUID) -> Standing:
    """Return the actor's present bases, what the person refuses him, and whom she agreed to."""
    asked, values = standing_beside(actor, person="%(person)s")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}", {**values, "person": as_column(person_id)})
        return told_standing(actor, person_id, cursor.fetchone()[0])


def standing_beside(actor: Actor, *, person: str) -> tuple[str, dict[str, Any]]:
    """Return the standing as an SQL value, and the values it names; `person` is the SQL of the person's id.

    `told_standing` reads what it gives.
    """
    mine, values = among(actor.organisations, name="mine")
    values["me"] = actor.professional_id and as_column(actor.professional_id)
    values["at"] = as_instant(now())
    return _statement(person, mine), values


def told_standing(actor: Actor, person_id: UUID, told: str | None) -> Standing:
    """Return the standing that a statement told: of a person whom the actor has nothing to do with, the empty one."""
    rows = orjson.loads(told) if told else []
    if (reserved := running_in_reserve(actor, person_id)) is not None:
        rows.append(("stands", Basis.BREAK_GLASS, Category.ALL, str(reserved)))
    return _standing(rows) if rows else NOWHERE


def _standing(rows: list[tuple[str, str, str, str | None]]) -> Standing:
    held = [(Basis(code), Category(category), id) for kind, code, category, id in rows if kind == "stands"]
    refused = frozenset(Category(category) for kind, _, category, _ in rows if kind == "refuses")
    agreed = [
        (UUID(id), category)
        for kind, code, _, id in rows
        if kind == "agrees"
        for category in opened_categories(orjson.loads(code))
    ]
    return Standing(
        bases=frozenset(basis for basis, category, _ in held if category == Category.ALL),
        partial=frozenset((basis, category) for basis, category, _ in held if category != Category.ALL),
        opposed=Category.ALL in refused,
        refused=refused - {Category.ALL},
        refuses_emergency=bool(refused & CLOSED_IN_EMERGENCY),
        consented_to=frozenset(to for to, category in agreed if category == Category.ALL),
        partly_consented_to=frozenset((to, Category(category)) for to, category in agreed if category != Category.ALL),
        break_glass_id=next((UUID(id) for basis, _, id in held if id and basis == Basis.BREAK_GLASS), None),
    )


@lru_cache
def _statement(person: str, mine: str) -> str:
    """Return the statement as a value, gathered from its rows; `mine` says of a column that it is one of the actor's."""
    return (
        f"(SELECT {as_json('kind, code, category, id')} FROM ("  # noqa: S608 (only names of values are put in)
        "SELECT 'stands' AS kind, basis AS code, category, source_id AS id"
        f" FROM {as_owner('accounts_circlemembership')}"
        f" WHERE person_id = {person} AND organisation_id {mine}"
        " AND (professional_id IS NULL OR professional_id = %(me)s)"
        " AND starts_at <= %(at)s AND (ends_at IS NULL OR ends_at > %(at)s)"
        f" UNION ALL SELECT 'refuses', '', category, NULL FROM {as_owner('accounts_opposition')}"
        f" WHERE person_id = {person} AND lifted_on IS NULL AND (organisation_id {mine} OR (organisation_id IS NULL"
        f" AND (stated_at_id IS NULL OR category = 'emergency' OR NOT stated_at_id {mine})))"
        " UNION ALL SELECT 'agrees', CAST(c.categories AS text), '', o.organisation_id"
        f" FROM {as_owner('accounts_sharingconsent')} c"
        f" JOIN {as_owner('accounts_sharingconsent_organisations')} o ON o.sharingconsent_id = c.id"
        f" WHERE c.person_id = {person} AND c.withdrawn_on IS NULL) AS told)"
    )
