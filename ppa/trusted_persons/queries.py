"""Reading designations."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from accounts.access.gate import permit, read_once, scope
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from accounts.kernel.errors import NotFound
from accounts.trails.queries import names_of
from ppa.trusted_persons.models import Designation, read_leave, read_witnesses
from ppa.trusted_persons.records import DesignationSnapshot, Mistake, Signatures
from ppa.trusted_persons.states import OPEN, Duration, EndMeans, Scope, State

MOST_TO_PROPOSE = 50


def designations_of(person_id: UUID, *, actor: Actor) -> list[DesignationSnapshot]:
    """Return every designation of a person, newest record first, to an actor who may read them."""
    permit(actor, Permission.TRUSTED_PERSON_READ, Facts(type=Designation.AGGREGATE, person_id=person_id))
    return designations_snapshot(person_id)


def designation_for(designation_id: UUID, *, actor: Actor) -> DesignationSnapshot:
    """Return one designation to an actor who may read it; raises `NotFound` otherwise."""
    row = _row(designation_id)
    permit(actor, Permission.TRUSTED_PERSON_READ, row.facts())
    return _snapshot(row)


def designation_snapshot(designation_id: UUID) -> DesignationSnapshot:
    """Return one designation, unscoped: for the projection and for papers whose gate was asked."""
    return _snapshot(_row(designation_id))


@read_once
def designations_snapshot(person_id: UUID) -> list[DesignationSnapshot]:
    """Return every designation of a person, unscoped, newest record first."""
    return [_snapshot(row) for row in designation_rows(person_id)]


@Rows
def designation_rows() -> QuerySet[Designation]:
    """Read every designation of a person, newest record first."""
    return Designation.objects.filter(person_id=ASKED).order_by("-created_at", "-id")


def active_designation(person_id: UUID) -> DesignationSnapshot | None:
    """Return the designation that counts today, unscoped; `None` when nobody is designated by both signatures."""
    return next((one for one in designations_snapshot(person_id) if one.state == State.ACTIVE), None)


def has_trusted_person(person_id: UUID, *, on: date) -> bool:
    """Tell whether the designation that counts today was signed by both on a day already, unscoped."""
    active = active_designation(person_id)
    return active is not None and all(
        day is not None and day <= on
        for day in (active.signatures.person_signed_on, active.signatures.trusted_signed_on)
    )


def designations_to_propose_again(*, actor: Actor) -> list[DesignationSnapshot]:
    """Return the designations of the actor's circle that were put off to a day which has come, the oldest day first.

    Nothing is proposed again to who has designated somebody since.
    """
    seen = scope(actor, Permission.TRUSTED_PERSON_READ)
    named = Designation.objects.filter(
        person_id=OuterRef("person_id"), state__in=[State.DESIGNATED_UNSIGNED, State.ACTIVE]
    )
    rows = Designation.objects.filter(
        seen, ~Exists(named), state=State.DECLINED_FOR_NOW, come_back_on__lte=today(), person__died_on=None
    )
    return [_snapshot(row) for row in rows.order_by("come_back_on", "id")[:MOST_TO_PROPOSE]]


def open_designations(designations: Sequence[DesignationSnapshot]) -> list[DesignationSnapshot]:
    """Return those that are active, suspended or under way."""
    return [one for one in designations if one.state in OPEN]


def _row(designation_id: UUID) -> Designation:
    row = Designation.objects.filter(pk=designation_id).first()
    if row is None:
        raise NotFound
    return row


def _mistake(row: Designation) -> Mistake | None:
    if row.mistake is None:
        return None
    by = UUID(row.mistake["by"]) if row.mistake["by"] else None
    return Mistake(
        why=row.mistake["why"],
        noted_on=date.fromisoformat(row.mistake["on"]),
        by=names_of([by]).get(by, "") if by else "",
    )


def _snapshot(row: Designation) -> DesignationSnapshot:
    return DesignationSnapshot(
        id=row.id,
        person_id=row.person_id,
        version=row.version,
        state=State(row.state),
        relative_id=row.relative_id,
        proposed_on=row.proposed_on,
        come_back_on=row.come_back_on,
        signatures=Signatures(person_signed_on=row.person_signed_on, trusted_signed_on=row.trusted_signed_on),
        scope=Scope(row.scope),
        limits=row.limits,
        knows_wishes=row.knows_wishes,
        holds_copy=row.holds_copy,
        is_protected=row.is_protected,
        leave=read_leave(row.leave),
        document_id=row.document_id,
        organisation_id=row.organisation_id,
        ended_on=row.ended_on,
        end_means=EndMeans(row.end_means) if row.end_means else None,
        end_received_by=row.end_received_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        duration=Duration(row.duration),
        witnesses=read_witnesses(row.witnesses),
        mistake=_mistake(row),
    )
