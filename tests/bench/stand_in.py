"""A gate that lets everything pass, in the process of the bench only: what it does not cost is what the real one costs."""

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

from django.db import connections
from django.db.models import Q

from accounts.access import gate, sight, standing
from accounts.access.gate import current_trail
from accounts.access.permissions import Permission
from accounts.access.records import Decision, Facts, Standing
from accounts.access.rules import MATRIX
from accounts.access.states import Basis
from accounts.audit.records import AuditEntry
from accounts.kernel import wall
from accounts.kernel.actor import Actor

ALIAS = "default"
OURS = ("accounts.", "ppa.", "pathway.", "fhir_bridge.")


def _permit(actor: Actor, permission: Permission, facts: Facts) -> Decision:
    current_trail().note(
        AuditEntry(
            actor=actor, action=permission, object_type=facts.type, object_id=facts.id, person_id=facts.person_id,
            rule="stand-in",
        )
    )  # fmt: skip
    return Decision(True, "stand-in")


def _every_row(actor: Actor, permissions: Collection[Permission], _: Facts) -> frozenset[Permission]:
    """Show what the function may ever do, so that both gates draw the same page."""
    return frozenset(permission for permission in permissions if (actor.role, permission) in MATRIX)


def _everything(actor: Actor, permission: Permission, **_path: Any) -> Q:
    current_trail().note(AuditEntry(actor=actor, action=permission, rule="stand-in"))
    return Q()


REPLACED: dict[Any, Callable[..., Any]] = {
    gate.permit: _permit,
    gate.is_permitted: lambda actor, permission, _: (actor.role, permission) in MATRIX,
    gate.permitted_among: _every_row,
    gate.scope: _everything,
    gate.unopposed: lambda *_, **__: Q(),
    gate.standing_of: lambda *_, **__: Standing(bases=frozenset({Basis.COORDINATION})),
    gate.keep_standing: lambda *_: None,
    standing.standing_beside: lambda *_, **__: ("NULL", {}),
    sight.sight: _everything,
    wall.seeing_as: lambda *_, **__: nullcontext(),
    wall.seeing_nothing: nullcontext,
    wall.seeing_everything: lambda *_: nullcontext(),
}


@contextmanager
def stand_in_gate(owner_url: str) -> Iterator[None]:
    """Replace the gate wherever it was imported; read as the owner of the tables, whom no wall stops."""
    real = connections[ALIAS]
    with wall.seeing_nothing(), _replaced():  # no sight, so no transaction is told one
        connections[ALIAS] = _owner_connection(owner_url)
        try:
            yield
        finally:
            connections[ALIAS] = real


@contextmanager
def _replaced() -> Iterator[None]:
    patches = [
        patch.object(module, name, REPLACED[found])
        for module in list(sys.modules.values())
        if module.__name__.startswith(OURS)
        for name, found in vars(module).copy().items()
        if callable(found) and _is_known(found)
    ]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()


def _is_known(found: Any) -> bool:
    try:
        return found in REPLACED
    except TypeError:
        return False


_kept: dict[str, Any] = {}


def _owner_connection(url: str) -> Any:
    """Return the connection of the owner, opened once."""
    if url not in _kept:
        from pathway.settings.base import database

        made = connections.create_connection(ALIAS)
        made.settings_dict = {**made.settings_dict, **database(url)} if url else made.settings_dict
        _kept[url] = made
    return _kept[url]
