"""Reading collegial decisions."""

from uuid import UUID

from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from ppa.collegial_decisions.models import CollegialDecision
from ppa.collegial_decisions.reading import snapshot_of
from ppa.collegial_decisions.records import DecisionSnapshot


def decisions_of(person_id: UUID, *, actor: Actor) -> list[DecisionSnapshot]:
    """Return the decisions about a person, the latest opened first, to an actor who may read them."""
    facts = Facts(type=CollegialDecision.AGGREGATE, person_id=person_id)
    permit(actor, Permission.COLLEGIAL_DECISION_READ, facts)
    rows = CollegialDecision.objects.filter(person_id=person_id).select_related("decided_by")
    return [snapshot_of(row) for row in rows.order_by("-created_at", "-id")]


def decision_for(decision_id: UUID, *, actor: Actor) -> DecisionSnapshot:
    """Return one decision to an actor who may read it; raises `NotFound` otherwise."""
    row = _row(decision_id)
    permit(actor, Permission.COLLEGIAL_DECISION_READ, row.facts())
    return snapshot_of(row)


def decision_snapshot(decision_id: UUID) -> DecisionSnapshot:
    """Return one decision, unscoped: for the projection; raises `NotFound`."""
    return snapshot_of(_row(decision_id))


def _row(decision_id: UUID) -> CollegialDecision:
    row = CollegialDecision.objects.filter(pk=decision_id).select_related("decided_by").first()
    if row is None:
        raise NotFound
    return row
