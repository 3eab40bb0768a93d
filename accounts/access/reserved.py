"""Break-glasses opened while the database takes no writes: they stand in the reserve until it comes back."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from accounts.access.rules import may_break_glass
from accounts.audit.reserve import Follower
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now

KIND: Final = "break_glass"
_follower = Follower(KIND)


def running_in_reserve(actor: Actor, person_id: UUID) -> UUID | None:
    """Return the actor's own break-glass that runs on a person and is in no table yet."""
    return next((UUID(one["id"]) for one in reserved_by(actor) if one["person_id"] == str(person_id)), None)


def reserved_by(actor: Actor) -> list[dict[str, Any]]:
    """Return the actor's own break-glasses in the reserve that still run, oldest first."""
    if actor.id is None or not may_break_glass(actor.role):
        return []
    held = _follower.held()
    if not held:
        return []
    me, place = str(actor.id), str(actor.organisation_id)
    instant = now()
    return [
        one
        for one in held
        if (one["account_id"], one["organisation_id"]) == (me, place)
        and datetime.fromisoformat(one["ends_at"]) > instant
    ]


def opened_in_reserve(actor: Actor) -> frozenset[UUID]:
    """Return the persons whom the actor's own break-glasses of the reserve open: no table knows of them yet."""
    return frozenset(UUID(one["person_id"]) for one in reserved_by(actor))
