"""Reading contradictions: found anew each time from what the actor may read, and those that were settled."""

from uuid import UUID

from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from ppa.contradictions.finding import (
    facts_of,
    found_for,
    plan_in_force,
    reads_crises,
    reads_plan,
    said,
    settlements_snapshot,
    sheet_said,
    snapshot_of,
    standing,
)
from ppa.contradictions.models import Settlement
from ppa.contradictions.records import Contradiction, SettlementSnapshot
from ppa.contradictions.rules import contradictions_in
from ppa.contradictions.states import BETWEEN_DIRECTIVES, WITHOUT_DIRECTIVES, Kind
from ppa.crises.queries import crises_snapshot
from ppa.directives.queries import directives_of, directives_snapshot
from ppa.directives.records import DirectiveSnapshot, ToSettle
from ppa.emergency_sheets.queries import current_version, is_readable
from ppa.plans.queries import version_snapshot


def contradictions_of(person_id: UUID, *, actor: Actor) -> list[Contradiction]:
    """Return what is still to be settled, from the documents that the actor may read; each reading of one is traced."""
    permit(actor, Permission.CONTRADICTION_READ, facts_of(person_id))
    settled = {one.contradiction.key for one in standing(person_id)}
    return [one for one in found_for(person_id, actor) if one.key not in settled]


def settlements_of(person_id: UUID, *, actor: Actor) -> list[SettlementSnapshot]:
    """Return how contradictions were settled, the latest first, those taken up again included."""
    permit(actor, Permission.CONTRADICTION_READ, facts_of(person_id))
    documents = {one.id for one in directives_of(person_id, actor=actor) if one.may_be_read}
    reads_sheet = is_readable(person_id, actor=actor)
    reads_plan_and_drugs = reads_plan(person_id, actor) and reads_crises(person_id, actor)

    def is_open(one: Contradiction) -> bool:
        if one.kind == Kind.PLAN_PRESCRIPTION:
            return reads_plan_and_drugs
        if one.kind in WITHOUT_DIRECTIVES:
            return reads_sheet
        return one.first.source_id in documents and (
            one.kind not in BETWEEN_DIRECTIVES or one.second.source_id in documents
        )

    return [one for one in settlements_snapshot(person_id) if is_open(one.contradiction)]


def open_count(person_id: UUID) -> int:
    """Return how many contradictions wait, unscoped and untraced: a number, never what they say."""
    settled = {one.contradiction.key for one in standing(person_id)}
    return sum(one.key not in settled for one in contradictions_snapshot(person_id))


def contradictions_snapshot(person_id: UUID) -> tuple[Contradiction, ...]:
    """Return every contradiction in what stands about a person, settled or not, unscoped and untraced."""
    card = plan_in_force(person_id)
    plan = version_snapshot(card.id) if card else None
    sheet = current_version(person_id)
    return contradictions_in(
        directives_snapshot(person_id),
        said(plan) if plan else None,
        sheet=sheet_said(sheet) if sheet else None,
        crises=crises_snapshot(person_id),
    )


def about_document(document: DirectiveSnapshot, actor: Actor) -> ToSettle:
    """Return what waits about a document that an actor reads: what it says both ways, ticked or in her words.

    Between it and other writings, how many questions wait, to who may read them: a number, never what they say.
    """
    settled = {one.contradiction.key for one in standing(document.person_id)}
    inside = [one for one in contradictions_in([document], None) if one.key not in settled]
    beside = 0
    if is_permitted(actor, Permission.CONTRADICTION_READ, facts_of(document.person_id)):
        waiting = (one for one in contradictions_snapshot(document.person_id) if one.key not in settled)
        beside = sum({each.source_id for each in one.passages} > {document.id} for one in waiting)
    return ToSettle(inside=tuple(dict.fromkeys(one.sentence for one in inside)), beside=beside)


def settlement_for(settlement_id: UUID, *, actor: Actor) -> SettlementSnapshot:
    """Return one settlement to an actor who may read it; raises `NotFound` otherwise."""
    row = Settlement.objects.filter(pk=settlement_id).select_related("settled_by").first()
    if row is None:
        raise NotFound
    permit(actor, Permission.CONTRADICTION_READ, row.facts())
    return snapshot_of(row)
