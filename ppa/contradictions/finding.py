"""Finding contradictions from what an actor may read: read alike by their pages and by the command that settles them."""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.access.gate import is_permitted, permit, read_once
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.clock import PARIS
from ppa.contradictions.models import Settlement
from ppa.contradictions.passages import PlanSaid, SheetSaid
from ppa.contradictions.records import Contradiction, Passage, SettlementSnapshot
from ppa.contradictions.rules import ContradictionGone, contradictions_in
from ppa.contradictions.states import Kind, Outcome, SettledWith, SettlementState
from ppa.crises.queries import crises_of
from ppa.crises.records import CrisisSnapshot
from ppa.directives.queries import directive_for, directives_of
from ppa.directives.states import OPEN, State
from ppa.emergency_sheets.queries import current_for, is_readable
from ppa.emergency_sheets.records import SheetVersionSnapshot
from ppa.plans.queries import plan_summary, version_for
from ppa.plans.records import VersionCard, VersionSnapshot
from ppa.plans.states import PlanState

READ_FROM = OPEN | {State.SUPERSEDED}


def contradiction_of(person_id: UUID, key: str, *, actor: Actor) -> Contradiction:
    """Return one of them by its key, settled or not; raises `ContradictionGone` when a passage changed."""
    permit(actor, Permission.CONTRADICTION_READ, facts_of(person_id))
    for one in found_for(person_id, actor):
        if one.key == key:
            return one
    raise ContradictionGone


def is_settled(person_id: UUID, key: str) -> bool:
    """Tell whether a contradiction was settled and not taken up again, unscoped."""
    return key in {one.contradiction.key for one in standing(person_id)}


def as_stored(found: Contradiction, *, outcome: Outcome, settled_with: SettledWith) -> dict[str, Any]:
    """Return the content of a settlement as it is stored."""
    return {"found": asdict(found), "outcome": str(outcome), "with": str(settled_with)}


@read_once
def settlements_snapshot(person_id: UUID) -> list[SettlementSnapshot]:
    """Return every settlement about a person, unscoped, the latest first."""
    return [snapshot_of(row) for row in settlement_rows(person_id)]


@Rows
def settlement_rows() -> QuerySet[Settlement]:
    """Read every settlement about a person, the latest first."""
    return Settlement.objects.filter(person_id=ASKED).select_related("settled_by").order_by("-settled_on", "-id")


def standing(person_id: UUID) -> list[SettlementSnapshot]:
    """Return the settlements of a person that were not taken up again, unscoped."""
    return [one for one in settlements_snapshot(person_id) if one.state == SettlementState.SETTLED]


def found_for(person_id: UUID, actor: Actor) -> tuple[Contradiction, ...]:
    """Return every contradiction in what the actor may read, settled or not."""
    known = [one for one in directives_of(person_id, actor=actor) if one.may_be_read and one.state in READ_FROM]
    directives = [directive_for(one.id, actor=actor) for one in known]
    card = plan_in_force(person_id) if reads_plan(person_id, actor) else None
    plan = version_for(person_id, card.number, actor=actor) if card else None
    return contradictions_in(
        directives,
        said(plan) if plan else None,
        sheet=_sheet_for(person_id, actor),
        crises=_crises_for(person_id, actor),
    )


def reads_plan(person_id: UUID, actor: Actor) -> bool:
    """Tell whether an actor reads the signed versions of a person's plan."""
    return is_permitted(actor, Permission.PPA_READ_VALIDATED, Facts(type="plan", person_id=person_id))


def reads_crises(person_id: UUID, actor: Actor) -> bool:
    """Tell whether an actor reads what is foreseen for a person's crises, drugs included."""
    return is_permitted(
        actor, Permission.ANTICIPATED_CRISIS_READ, Facts(type="anticipated_crisis", person_id=person_id)
    )


def plan_in_force(person_id: UUID) -> VersionCard | None:
    """Return the last signed version of a plan under way, unscoped: a closed one speaks no more."""
    summary = plan_summary(person_id)
    if summary is None or summary.state == PlanState.CLOSED:
        return None
    return next(iter(summary.versions), None)


def said(plan: VersionSnapshot) -> PlanSaid:
    """Return what a signed version says, as the rules look at it."""
    return plan.id, plan.signed_at.astimezone(PARIS).date(), plan.content


def sheet_said(version: SheetVersionSnapshot) -> SheetSaid:
    """Return what a signed emergency sheet says, as the rules look at it."""
    return version.document.id, version.signed_at.astimezone(PARIS).date(), version.content


def facts_of(person_id: UUID) -> Facts:
    """Return what the gate may look at before any settlement."""
    return Facts(type=Settlement.AGGREGATE, person_id=person_id)


def snapshot_of(row: Settlement) -> SettlementSnapshot:
    """Return one settlement as others read it."""
    return SettlementSnapshot(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        state=SettlementState(row.state),
        contradiction=_read(row.content["found"]),
        outcome=Outcome(row.content["outcome"]),
        settled_with=SettledWith(row.content["with"]),
        settled_on=row.settled_on,
        settled_by=row.settled_by.display_name if row.settled_by else "",
        note=row.note,
    )


def _sheet_for(person_id: UUID, actor: Actor) -> SheetSaid | None:
    if not is_readable(person_id, actor=actor):
        return None
    version = current_for(person_id, actor=actor)
    return sheet_said(version) if version else None


def _crises_for(person_id: UUID, actor: Actor) -> tuple[CrisisSnapshot, ...]:
    return crises_of(person_id, actor=actor) if reads_crises(person_id, actor) else ()


def _read(found: dict[str, Any]) -> Contradiction:
    return Contradiction(
        **{**found, "kind": Kind(found["kind"]), "first": _passage(found["first"]), "second": _passage(found["second"])}
    )


def _passage(stored: dict[str, Any]) -> Passage:
    dated = date.fromisoformat(stored["dated"]) if stored["dated"] else None
    return Passage(**{**stored, "source_id": UUID(stored["source_id"]), "dated": dated})
