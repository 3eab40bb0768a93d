"""What is shown under a break-glass: each feature gives its part, as short as an emergency needs it.

Features register from their `panels.py`, in the order in which a regulating physician
reads. A part asks the gate for what it shows, so nothing outside of the emergency set can
be in one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.access.gate import permitted_among
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.access.rules import EMERGENCY_SET
from accounts.kernel.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One block of the emergency view: `template` is drawn with `context`. `tone` is one of the look's tones.

    The template also gets `leads_on`: whether the pages behind its links open to the reader, who may be a guest.
    """

    title: str
    template: str
    context: Mapping[str, Any]
    icon: str = ""
    tone: str = ""


PartOf = Callable[[UUID, Actor], Part]
_parts: list[tuple[int, Permission, PartOf]] = []


def emergency_part(order: int, permission: Permission) -> Callable[[PartOf], PartOf]:
    """Register a part under a right of the emergency set; raises `ValueError` for any other right."""
    if permission not in EMERGENCY_SET:
        raise ValueError(f"{permission} is outside of the emergency set.")

    def register(made: PartOf) -> PartOf:
        _parts.append((order, permission, made))
        return made

    return register


def parts_of(person_id: UUID, *, actor: Actor) -> list[Part]:
    """Return the parts that are open to the actor, in order."""
    rows = sorted(_parts, key=lambda row: row[0])
    given = permitted_among(actor, {row[1] for row in rows}, Facts(type="person", person_id=person_id))
    return [made(person_id, actor) for _, permission, made in rows if permission in given]
