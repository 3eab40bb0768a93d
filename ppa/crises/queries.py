"""Reading anticipated crises: for their pages, for the plan that holds them, in a constant number of statements."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.access.gate import permit, read_once, scope
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows, read_together
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from accounts.kernel.errors import NotFound
from ppa.crises.models import Crisis, HomeCheck, Prescription
from ppa.crises.records import CrisisSnapshot, HomeSnapshot, OrderToReview, PrescriptionSnapshot, Told
from ppa.crises.rules import home_line, order_from
from ppa.crises.states import CrisisState, Found, Symptom

MOST_TO_REVIEW = 50


def crises_of(person_id: UUID, *, actor: Actor) -> tuple[CrisisSnapshot, ...]:
    """Return the crises foreseen for a person, the oldest first; raises `NotFound` for an actor outside of her circle."""
    permit(actor, Permission.ANTICIPATED_CRISIS_READ, Facts(type=Crisis.AGGREGATE, person_id=person_id))
    return crises_snapshot(person_id)


def crisis_for(crisis_id: UUID, *, actor: Actor) -> CrisisSnapshot:
    """Return one crisis, a withdrawn one too, with what its prescriptions are now; raises `NotFound`."""
    row = Crisis.objects.select_related("author").filter(pk=crisis_id).first()
    if row is None:
        raise NotFound
    permit(actor, Permission.ANTICIPATED_CRISIS_READ, row.facts())
    return _snapshots([row], _written(Q(crisis=row, stopped_at=None)))[0]


@read_once
def crises_snapshot(person_id: UUID) -> tuple[CrisisSnapshot, ...]:
    """Return the crises that hold for a person, unscoped: for the plan that is written, agreed to and signed."""
    crises, prescriptions = read_together((crisis_rows, person_id), (prescription_rows, person_id))
    return _snapshots(crises, prescriptions)


def at_home(person_id: UUID) -> dict[str, str]:
    """Return what was really found of each drug prescribed ahead, in words, by the id of its prescription; unscoped, for papers."""
    drugs = (one for crisis in crises_snapshot(person_id) for one in crisis.prescriptions)
    return {str(one.id): home_line(one) for one in drugs}


@Rows
def crisis_rows() -> QuerySet[Crisis]:
    """Read the crises that hold for a person, oldest first."""
    rows = Crisis.objects.filter(person_id=ASKED, state=CrisisState.ACTIVE).select_related("author")
    return rows.order_by("created_at", "id")


@Rows
def prescription_rows() -> QuerySet[Prescription]:
    """Read the prescriptions for these crises that were not stopped, oldest first."""
    return _written(Q(crisis__person_id=ASKED, crisis__state=CrisisState.ACTIVE, stopped_at=None))


def orders_to_review(*, actor: Actor) -> list[OrderToReview]:
    """Return the drugs prescribed ahead in the actor's circle whose day of review is past, the oldest day first."""
    seen = scope(actor, Permission.ANTICIPATED_CRISIS_READ, person="crisis__person_id")
    rows = Prescription.objects.filter(
        seen, crisis__state=CrisisState.ACTIVE, stopped_at=None, review_by__lt=today()
    ).select_related("crisis")
    return [
        OrderToReview(person_id=row.crisis.person_id, drug=order_from(row.content).drug, review_by=row.review_by)
        for row in rows.order_by("review_by", "id")[:MOST_TO_REVIEW]
        if row.review_by
    ]


def crisis_snapshot(crisis_id: UUID) -> CrisisSnapshot:
    """Return one crisis with every prescription ever written for it, unscoped: for the projection."""
    row = Crisis.objects.select_related("author").filter(pk=crisis_id).first()
    if row is None:
        raise NotFound
    return _snapshots([row], _written(Q(crisis=row)))[0]


def open_crisis_ids(person_id: UUID) -> list[UUID]:
    """Return the crises that hold for a person, unscoped: for what a death ends."""
    return list(
        Crisis.objects.filter(person_id=person_id, state=CrisisState.ACTIVE).order_by("id").values_list("id", flat=True)
    )


def _written(which: Q) -> QuerySet[Prescription]:
    rows = Prescription.objects.filter(which).select_related("prescriber", "last_check__checker")
    return rows.order_by("created_at", "id")


def _snapshots(rows: list[Crisis], written: Iterable[Prescription]) -> tuple[CrisisSnapshot, ...]:
    prescriptions: dict[UUID, list[PrescriptionSnapshot]] = defaultdict(list)
    for row in written:
        prescriptions[row.crisis_id].append(_prescription(row))
    return tuple(_crisis(row, tuple(prescriptions[row.id])) for row in rows)


def _crisis(row: Crisis, prescriptions: tuple[PrescriptionSnapshot, ...]) -> CrisisSnapshot:
    content = row.content
    return CrisisSnapshot(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        state=CrisisState(row.state),
        told=Told(**{**content, "symptom": Symptom(content["symptom"])}),
        author_id=row.author_id,
        author=row.author.display_name if row.author else "",
        organisation_id=row.organisation_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        prescriptions=prescriptions,
    )


def _prescription(row: Prescription) -> PrescriptionSnapshot:
    return PrescriptionSnapshot(
        id=row.id,
        order=order_from(row.content),
        prescriber_id=row.prescriber_id,
        prescriber=row.prescriber.display_name if row.prescriber else "",
        written_at=row.created_at,
        home=_home(row.last_check) if row.last_check else None,
        stopped_at=row.stopped_at,
    )


def _home(row: HomeCheck) -> HomeSnapshot:
    return HomeSnapshot(
        checked_on=row.checked_on,
        found=Found(row.found),
        expires_on=row.expires_on,
        note=row.note,
        checker=row.checker.display_name if row.checker else "",
    )
