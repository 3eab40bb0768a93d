"""What a function opens, read from the rights matrix by the gate's own rules: for giving functions, never for entering them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.access.doors import guarded_routes
from accounts.access.permissions import Permission
from accounts.access.records import Facts, Standing
from accounts.access.rules import MATRIX, Condition, Situation, decide
from accounts.access.states import Basis
from accounts.authentication.context import LINKS
from accounts.kernel.actor import Actor, Channel, Role
from accounts.kernel.clock import now
from accounts.kernel.ids import new_id
from accounts.staff.words import ACTS, CONDITIONS, OBJECTS

GATHERED_IN_THE_ACT = frozenset({"CONSENT", "4EYES", "PATIENTOK", "SIGNEDREQ", "CLEAN", "ATTACHED", "DRAFT", "AUTHOR"})
"""What the decision waits for, and an act or its object brings along."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where an invented person stands towards the organisation. `own`: the element is the organisation's."""

    label: str
    bases: frozenset[Basis] = frozenset()
    own: bool = False
    sender: bool = False
    opposed: bool = False


STANDINGS: Mapping[str, Link] = {
    "cercle": Link("Suivie par l’équipe de l’organisation", frozenset({Basis.SAME_TEAM}), own=True),
    "partage": Link("Dans le cercle, par accord de partage", frozenset({Basis.CONSENT})),
    "coordonnee": Link("Coordonnée par l’organisation (DAC)", frozenset({Basis.COORDINATION}), own=True),
    "demande": Link("Demande reçue, pas encore acceptée", frozenset({Basis.ADDRESSED_REFERRAL})),
    "acceptee": Link("Demande acceptée", frozenset({Basis.ACCEPTED_REFERRAL})),
    "envoyee": Link("Demande envoyée par l’organisation", frozenset({Basis.SAME_TEAM}), sender=True),
    "connue": Link("Connue de l’organisation, hors du cercle", frozenset({Basis.KNOWN}), own=True),
    "urgence": Link("Accès d’urgence ouvert", frozenset({Basis.BREAK_GLASS})),
    "inconnue": Link("Inconnue de l’organisation"),
    "opposition": Link("S’oppose à l’organisation", frozenset({Basis.SAME_TEAM}), own=True, opposed=True),
}


def menu_of(role: Role) -> list[str]:
    """Return the entries of the menu that a function shows."""
    return [link.label for link in LINKS if (role, link.permission) in MATRIX]


def rights_of(role: Role, standing: str) -> list[dict[str, Any]]:
    """Return each object with what the function may do with one whose person stands so, in the order of the matrix.

    `open`: "yes", "asked" (the act itself asks for more) or "no" here, though elsewhere it may.
    Acts that the function never has are left out; objects of which nothing is left, too.
    """
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for permission in Permission:
        condition = MATRIX.get((role, permission))
        if condition is None:
            continue
        subject, _, act = permission.partition(".")
        found[subject].append(
            {"act": ACTS[act], "open": _opens(role, permission, STANDINGS[standing]), "condition": in_words(condition)}
        )
    return [{"label": OBJECTS[subject], "acts": acts} for subject, acts in found.items()]


def screens_of(role: Role) -> list[dict[str, Any]]:
    """Return every screen that asks for a right, and whether the function passes its first door."""
    asked = [(route, door.permission) for route, door in guarded_routes() if door.permission is not None]
    return [
        {"route": f"/{route}", "right": _right(permission), "open": (role, permission) in MATRIX}
        for route, permission in asked
        if not route.startswith(("fhir", "api"))
    ]


def in_words(condition: Condition) -> str:
    """Return a condition in French; empty when there is none."""
    return " ; ".join(" ou ".join(CONDITIONS[atom] for atom in sorted(group)) for group in condition)


def _right(permission: Permission) -> str:
    subject, _, act = permission.partition(".")
    return f"{OBJECTS[subject]} : {ACTS[act]}"


def _opens(role: Role, permission: Permission, link: Link) -> str:
    here, person = new_id(), new_id()
    actor = Actor(role=role, channel=Channel.WEB, id=new_id(), organisation_id=here, authenticated_at=now())
    facts = Facts(
        type="",
        id=person,
        person_id=person,
        organisation_id=here if link.own else None,
        sender_id=here if link.sender else None,
        recipient_ids=frozenset({here})
        if link.bases & {Basis.ADDRESSED_REFERRAL, Basis.ACCEPTED_REFERRAL}
        else frozenset(),
        treating_claim=True,
        found_exactly=True,
        at_emergency=True,
        is_published=True,
    )
    decision = decide(permission, Situation(actor, facts, Standing(bases=link.bases, opposed=link.opposed), now()))
    if decision.allowed:
        return "yes"
    return "asked" if GATHERED_IN_THE_ACT.issuperset(decision.failing) else "no"
