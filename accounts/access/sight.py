"""The gate as an SQL filter over rows that carry their own facts: it keeps what `decide` allows, and nothing else.

For stores that hold objects of many features, such as the FHIR repository. A test holds
this filter and `accounts.access.rules.decide` equal on every row of the matrix.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access.gate import current_trail, memberships_of, oppositions_to
from accounts.access.permissions import Permission
from accounts.access.records import Facts, Standing
from accounts.access.rules import ATOMS, ELSEWHERE, MATRIX, Situation, category_of, closed_by
from accounts.access.states import ACCEPTED, ADDRESSED, CIRCLE, TEAM, VISIBLE, Basis, Category
from accounts.audit.records import AuditEntry, Outcome
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now

NOTHING = Q(pk__in=[])
EVERYTHING = ~NOTHING
_STANDINGS = {"VISIBLE": VISIBLE, "CIRCLE": CIRCLE, "TEAM": TEAM, "REFACC": ACCEPTED}
_ABOUT_THE_ACTOR = frozenset({"SCOPE", "STEPUP"})


def sight(actor: Actor, permission: Permission, *, recipients: QuerySet[Any]) -> Q:
    """Return the filter that keeps the rows which one right opens to an actor, and note the question on the trail.

    Rows have `person_id`, `organisation_id` and `sender_id`; `recipients` are the rows with
    an `organisation_id` that name the recipients of `OuterRef("pk")`. A condition on a fact
    that rows do not carry keeps nothing.
    """
    condition = MATRIX.get((actor.role, permission))
    if condition is None:
        current_trail().note(AuditEntry(actor=actor, action=permission, outcome=Outcome.DENIED, rule="no-row"))
        return NOTHING
    current_trail().note(AuditEntry(actor=actor, action=permission, rule="sight"))
    category = category_of(permission)
    refused = oppositions_to(actor, closed_by(permission)).filter(person_id=OuterRef("person_id"))
    kept = Q(person_id=None) | ~Q(Exists(refused))
    for group in condition:
        anyone = NOTHING
        for atom in sorted(group):
            anyone |= _holds(atom, actor, category, recipients)
        kept &= anyone
    return kept


def in_circle(actor: Actor) -> Exists:
    """Return whether the actor stands in the circle of a row's person: he then reads the whole of it."""
    return _standing(actor, Category.IDENTITY, CIRCLE)


def _holds(atom: str, actor: Actor, category: Category, recipients: QuerySet[Any]) -> Q:
    if atom in ELSEWHERE or atom == "NOOPP":
        return EVERYTHING  # an opposition bars every row, whatever its condition: see `sight`
    if atom in _ABOUT_THE_ACTOR:
        situation = Situation(actor, Facts(type=""), Standing(), now())
        return EVERYTHING if ATOMS[atom](situation) else NOTHING
    if atom in _STANDINGS:
        return Q(_standing(actor, category, _STANDINGS[atom]))
    if atom == "ORG":
        return Q(organisation_id__in=actor.organisations)
    if atom == "REFSEND":
        return Q(sender_id__in=actor.organisations)
    if atom in {"REFRECV", "REFSTUDY"}:
        named = Exists(recipients.filter(organisation_id__in=actor.organisations)) | ~Exists(recipients)
        return Q(_standing(actor, category, ADDRESSED)) & Q(named)
    return NOTHING


def _standing(actor: Actor, category: Category, bases: frozenset[Basis]) -> Exists:
    return Exists(memberships_of(actor, category).filter(person_id=OuterRef("person_id"), basis__in=bases))
