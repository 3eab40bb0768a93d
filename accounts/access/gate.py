"""The one gate. Every door asks here; every answer is noted on the trail that the door writes to the audit."""

from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access.models import CircleMembership, Opposition
from accounts.access.permissions import Permission
from accounts.access.records import Decision, Facts, FieldSet, Standing
from accounts.access.rules import MATRIX, Situation, bases_for, category_of, closed_by, decide
from accounts.access.standing import read_standing, told_standing
from accounts.access.states import CIRCLE, CLOSED_IN_EMERGENCY, Category
from accounts.audit.records import AuditEntry, Outcome
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now
from accounts.kernel.errors import NotAllowed, NotFound, StepUpNeeded
from accounts.kernel.wall import present_sight

GIVEN_IN_THE_ACT = frozenset({"STEPUP", "CONSENT"})

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class Trail:
    """What was decided while one door was open.

    `kept` holds what was read for the time of one reading request: it is `None` behind a
    door that writes, where a right or a row may change between two questions.
    """

    entries: list[AuditEntry] = field(default_factory=list)
    kept: dict[Hashable, Any] | None = None

    def note(self, entry: AuditEntry) -> None:
        """Keep an entry for the audit; what is only read was decided once, however many parts of a page ask."""
        if self.kept is None or entry not in self.entries:
            self.entries.append(entry)

    def take(self) -> list[AuditEntry]:
        """Return the entries and forget them."""
        taken, self.entries = self.entries, []
        return taken


_trail: ContextVar[Trail | None] = ContextVar("trail", default=None)


@contextmanager
def open_trail(*, reading: bool = False) -> Iterator[Trail]:
    """Open a trail for the time of one door; a trail inside another is its own.

    `reading`: nothing is written behind this door, so what is read is read once.
    """
    trail = Trail(kept={} if reading else None)
    token = _trail.set(trail)
    try:
        yield trail
    finally:
        _trail.reset(token)


def current_trail() -> Trail:
    """Return the open trail; raise `RuntimeError` outside of any door: nothing is read untraced."""
    trail = _trail.get()
    if trail is None:
        raise RuntimeError("No door is open: read through a screen, an interaction, a job or a command.")
    return trail


def read_once(read: Callable[P, R]) -> Callable[P, R]:
    """Let the parts of one page share what a query returns: read once behind a door that only reads, each time elsewhere.

    The query takes hashable values; nobody changes what it returns. What was read above the
    wall is not shared below it.
    """

    @wraps(read)
    def shared(*args: P.args, **kwargs: P.kwargs) -> R:
        trail = _trail.get()
        if trail is None or trail.kept is None:
            return read(*args, **kwargs)
        key = (read, present_sight(), *args, *sorted(kwargs.items()))
        if key not in trail.kept:
            trail.kept[key] = read(*args, **kwargs)
        kept: R = trail.kept[key]
        return kept

    return shared


def permit(actor: Actor, permission: Permission, facts: Facts) -> Decision:
    """Return the decision when it allows; else raise.

    `NotFound` for what the actor may not know of, `NotAllowed` for what he sees but may
    not do, `StepUpNeeded` when only a fresh sign-in is missing.
    """
    standing = standing_of(actor, facts.person_id)
    decision = decide(permission, Situation(actor, facts, standing, now()))
    outcome = Outcome.ALLOWED if decision.allowed else Outcome.DENIED
    rule = decision.rule if decision.allowed else "+".join(decision.failing)
    current_trail().note(
        AuditEntry(
            actor=actor, action=permission, object_type=facts.type, object_id=facts.id, person_id=facts.person_id,
            outcome=outcome, rule=rule[:80],
            break_glass_id=standing.break_glass_id if decision.fields == FieldSet.EMERGENCY else None,
        )
    )  # fmt: skip
    if decision.allowed:
        return decision
    if decision.failing == ("STEPUP",):
        raise StepUpNeeded
    if _already_knows(actor, facts, standing.towards(category_of(permission), closed_by=closed_by(permission))):
        raise NotAllowed
    raise NotFound


def is_permitted(actor: Actor, permission: Permission, facts: Facts) -> bool:
    """Tell whether a right would be given, without a trace: for showing or hiding a button, never for data.

    What the act itself gathers, both factors again and the person's agreement, is not asked yet.
    """
    return permission in permitted_among(actor, {permission}, facts)


def permitted_among(actor: Actor, permissions: Collection[Permission], facts: Facts) -> frozenset[Permission]:
    """Return those of several rights that `is_permitted` would tell of the same facts, reading the standing once."""
    situation = Situation(actor, facts, standing_of(actor, facts.person_id), now())
    would_be_given = [one for one in permissions if GIVEN_IN_THE_ACT.issuperset(decide(one, situation).failing)]
    return frozenset(would_be_given)


def scope(actor: Actor, permission: Permission, *, person: str = "person_id") -> Q:
    """Return the filter that keeps what a right lets the actor list; `person` is the path to the person's id.

    A right that is not about persons gives an empty filter: the query then filters by
    organisation. A right that the role lacks gives a filter that keeps nothing.
    """
    if (actor.role, permission) not in MATRIX:
        current_trail().note(AuditEntry(actor=actor, action=permission, outcome=Outcome.DENIED, rule="no-row"))
        return Q(pk__in=[])
    current_trail().note(AuditEntry(actor=actor, action=permission, rule="scope"))
    bases = bases_for(actor.role, permission)
    if bases is None:
        return Q()
    category = category_of(permission)
    standing = memberships_of(actor, category).filter(person_id=OuterRef(person), basis__in=bases)
    return Q(Exists(standing)) & _unrefused(actor, closed_by(permission), person)


def opened(actor: Actor, category: Category, *, person: str = "person_id") -> Q:
    """Return the filter that keeps what one category of data opens to the circle: for marks on rows that `scope` lists."""
    standing = memberships_of(actor, category).filter(person_id=OuterRef(person), basis__in=CIRCLE)
    return Q(Exists(standing)) & unopposed(actor, category, person=person)


def unopposed(actor: Actor, category: Category = Category.ALL, *, person: str = "person_id") -> Q:
    """Return the filter that leaves out persons who refuse the actor: for lists whose right rests on the organisation."""
    return _unrefused(actor, frozenset({Category.ALL, category}), person)


def _unrefused(actor: Actor, categories: frozenset[Category], person: str) -> Q:
    return ~Q(Exists(oppositions_to(actor, categories).filter(person_id=OuterRef(person))))


def standing_of(actor: Actor, person_id: UUID | None) -> Standing:
    """Return where an actor stands towards a person now."""
    if person_id is None or actor.organisation_id is None:
        return Standing()
    trail = _trail.get()
    if trail is None or trail.kept is None:
        return read_standing(actor, person_id)
    key = (read_standing, id(actor), person_id)
    kept: tuple[Actor, Standing] | None = trail.kept.get(key)
    if kept is None:  # the actor is kept too: while he is, no other has his `id()`
        kept = trail.kept[key] = actor, read_standing(actor, person_id)
    return kept[1]


def keep_standing(actor: Actor, person_id: UUID, told: str | None) -> None:
    """Keep, behind a door that only reads, what `standing_beside` told in the statement that read something of the person."""
    trail = _trail.get()
    if trail is not None and trail.kept is not None:
        trail.kept[read_standing, id(actor), person_id] = actor, told_standing(actor, person_id, told)


def memberships_of(actor: Actor, category: Category | None = None) -> QuerySet[CircleMembership]:
    """Return the memberships by which an actor stands in circles now; those that open a category, when one is given."""
    instant = now()
    whole_team_or_me = Q(professional=None) | Q(professional_id=actor.professional_id)
    return CircleMembership.objects.filter(
        whole_team_or_me,
        Q(ends_at=None) | Q(ends_at__gt=instant),
        _about(category),
        organisation_id__in=actor.organisations,
        starts_at__lte=instant,
    )


def oppositions_to(actor: Actor, categories: frozenset[Category]) -> QuerySet[Opposition]:
    """Oppositions that bar the actor from one of the categories."""
    return _oppositions_of(actor).filter(category__in=categories)


def refusals_of(actor: Actor) -> QuerySet[Opposition]:
    """Oppositions that close the file to the actor in an emergency."""
    return _oppositions_of(actor).filter(category__in=CLOSED_IN_EMERGENCY)


def _oppositions_of(actor: Actor) -> QuerySet[Opposition]:
    """Oppositions to the actor's organisation, or to all but the one where the person said so."""
    kept_here = Q(stated_at_id__in=actor.organisations) & ~Q(category=Category.EMERGENCY)
    everyone = Q(organisation=None) & (Q(stated_at=None) | ~kept_here)
    return Opposition.objects.filter(everyone | Q(organisation_id__in=actor.organisations), lifted_on=None)


def _about(category: Category | None) -> Q:
    return Q() if category is None else Q(category__in={Category.ALL, category})


def _already_knows(actor: Actor, facts: Facts, standing: Standing) -> bool:
    if standing.opposed:
        return False
    exists = facts.id is not None  # what is still to be made tells nothing of the person it is meant for
    own = exists and bool(actor.organisations & {facts.organisation_id, facts.sender_id})
    return bool(standing.bases) or own or facts.person_id is None
