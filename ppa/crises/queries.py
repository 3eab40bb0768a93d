"""Reading anticipated crises: for their pages, for the plan that holds them, in a constant number of statements."""

from collections import defaultdict
from uuid import UUID

from accounts.access.gate import permit, read_once
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from ppa.crises.models import Crisis, HomeCheck, Prescription
from ppa.crises.records import CrisisSnapshot, HomeSnapshot, PrescriptionSnapshot, Told
from ppa.crises.rules import order_from
from ppa.crises.states import CrisisState, Found, Symptom


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
    return _snapshots([row])[0]


@read_once
def crises_snapshot(person_id: UUID) -> tuple[CrisisSnapshot, ...]:
    """Return the crises that hold for a person, unscoped: for the plan that is written, agreed to and signed."""
    rows = Crisis.objects.select_related("author").filter(person_id=person_id, state=CrisisState.ACTIVE)
    return _snapshots(list(rows.order_by("created_at", "id")))


def crisis_snapshot(crisis_id: UUID) -> CrisisSnapshot:
    """Return one crisis with every prescription ever written for it, unscoped: for the projection."""
    row = Crisis.objects.select_related("author").filter(pk=crisis_id).first()
    if row is None:
        raise NotFound
    return _snapshots([row], stopped_too=True)[0]


def open_crisis_ids(person_id: UUID) -> list[UUID]:
    """Return the crises that hold for a person, unscoped: for what a death ends."""
    return list(
        Crisis.objects.filter(person_id=person_id, state=CrisisState.ACTIVE).order_by("id").values_list("id", flat=True)
    )


def _snapshots(rows: list[Crisis], *, stopped_too: bool = False) -> tuple[CrisisSnapshot, ...]:
    written = Prescription.objects.filter(crisis__in=rows).select_related("prescriber", "last_check__checker")
    written = written.order_by("created_at", "id")
    held = list(written if stopped_too else written.filter(stopped_at=None))
    prescriptions: dict[UUID, list[PrescriptionSnapshot]] = defaultdict(list)
    for row in held:
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
