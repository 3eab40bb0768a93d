"""Writing anticipated crises: what to do, the drugs prescribed ahead, what is really at home."""

from uuid import UUID

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import ANY_VERSION, Act, command
from accounts.kernel.actor import Role
from accounts.kernel.clock import instant_of, now, today
from accounts.kernel.errors import NotFound
from accounts.kernel.models import Transition
from accounts.people.queries import death_noted_at, person_snapshot
from accounts.people.records import ResumeAfterMistake
from ppa.crises.events import CrisisDescribed, CrisisWithdrawn, DrugsPrescribed, HomeChecked
from ppa.crises.models import Crisis, HomeCheck, Prescription
from ppa.crises.records import (
    CheckHome,
    DescribeCrisis,
    PrescribeAhead,
    RewordCrisis,
    StopPrescription,
    Told,
    WithdrawCrisis,
)
from ppa.crises.rules import (
    PrescriptionStopped,
    check_alive,
    check_home,
    check_order,
    check_told,
    order_content,
)
from ppa.crises.states import CrisisAction, CrisisState


@command(Permission.ANTICIPATED_CRISIS_WRITE)
def describe_crisis(record: DescribeCrisis, act: Act) -> Receipt:
    """Keep what may happen to a person and what was agreed to do then."""
    act.ask(Facts(type=Crisis.AGGREGATE, person_id=record.person_id, organisation_id=act.by.organisation_id))
    check_alive(person_snapshot(record.person_id).died_on)
    check_told(record.told)
    crisis = Crisis(
        person_id=record.person_id,
        organisation_id=act.by.organisation_id,
        author_id=act.by.professional_id,
        content=_content(record.told),
    )
    return act.add(crisis, "describe", CrisisDescribed)


@command(Permission.ANTICIPATED_CRISIS_WRITE)
def reword_crisis(record: RewordCrisis, act: Act) -> Receipt:
    """Say otherwise what may happen or what to do then."""
    crisis = _active(record.crisis_id, act, version=record.version)
    check_told(record.told)
    crisis.content, crisis.author_id = _content(record.told), act.by.professional_id
    return act.amend(crisis, "reword", CrisisDescribed)


@command(Permission.ANTICIPATED_CRISIS_WITHDRAW)
def withdraw_crisis(record: WithdrawCrisis, act: Act) -> Receipt:
    """Keep that a crisis is feared no more: its prescriptions stop with it."""
    crisis = act.open(Crisis, record.crisis_id, version=record.version)
    Prescription.objects.filter(crisis=crisis, stopped_at=None).update(stopped_at=now())
    return act.advance(crisis, CrisisAction.WITHDRAW, CrisisWithdrawn)


@command(Permission.PATIENT_IDENTITY_RESUME_CARE)
def resume_crises(record: ResumeAfterMistake, act: Act) -> Receipt:
    """Put back what a death had withdrawn by mistake, with the prescriptions that it had stopped."""
    act.ask(Facts(type=Crisis.AGGREGATE, person_id=record.person_id))
    died_at = death_noted_at(record.person_id) or now()
    withdrawn = Transition.objects.filter(
        person_id=record.person_id,
        aggregate_type=Crisis.AGGREGATE,
        deed=CrisisAction.WITHDRAW,
        actor_role=Role.SYSTEM,
        recorded_at__gte=died_at,
    )
    for crisis_id in withdrawn.order_by("aggregate_id").values_list("aggregate_id", flat=True):
        crisis = act.lock(Crisis, crisis_id)
        if crisis.state == CrisisState.WITHDRAWN:
            Prescription.objects.filter(crisis=crisis, stopped_at__gte=died_at).update(stopped_at=None)
            act.take_back(crisis, CrisisAction.WITHDRAW, CrisisDescribed)
    return Receipt(type="person", id=record.person_id, version=0)


@command(Permission.ANTICIPATED_CRISIS_WRITE)
def prescribe_ahead(record: PrescribeAhead, act: Act) -> Receipt:
    """Prescribe a drug ahead, in the place of another when it takes it over; the receipt names the prescription."""
    crisis = _active(record.crisis_id, act)
    check_order(record.order, today=today())
    if record.replaces_id is not None:
        _stop(record.replaces_id, crisis)
    made = Prescription.objects.create(
        crisis=crisis,
        content=order_content(record.order),
        review_by=record.order.review_by,
        prescriber_id=act.by.professional_id,
        organisation_id=act.by.organisation_id,
    )
    receipt = act.amend(crisis, "prescribe", DrugsPrescribed)
    return Receipt(type="prescription", id=made.id, version=receipt.version)


@command(Permission.ANTICIPATED_CRISIS_WRITE)
def stop_prescription(record: StopPrescription, act: Act) -> Receipt:
    """Stop a prescription; `version` is that of its crisis."""
    crisis = _active(_crisis_of(record.prescription_id), act, version=record.version)
    _stop(record.prescription_id, crisis)
    return act.amend(crisis, "stop", DrugsPrescribed)


@command(Permission.ANTICIPATED_CRISIS_CHECK_HOME)
def check_drugs_at_home(record: CheckHome, act: Act) -> Receipt:
    """Keep what was found where a drug should be; each look stays, the last one counts."""
    crisis = _active(_crisis_of(record.prescription_id), act)
    check_home(record, today=today())
    held = _holding(record.prescription_id, crisis)
    check = HomeCheck.objects.create(
        prescription_id=record.prescription_id,
        checked_on=record.checked_on,
        found=record.found,
        expires_on=record.expires_on,
        note=record.note.strip(),
        checker_id=act.by.professional_id,
    )
    if held.last_check is None or held.last_check.checked_on <= check.checked_on:
        held.last_check = check
        held.save(update_fields=["last_check"])
    return act.amend(crisis, "check_home", HomeChecked, at=instant_of(record.checked_on))


def _active(crisis_id: UUID, act: Act, *, version: int | None = ANY_VERSION) -> Crisis:
    crisis = act.open(Crisis, crisis_id, version=version)
    check_alive(person_snapshot(crisis.person_id).died_on)
    if crisis.state != CrisisState.ACTIVE:
        raise PrescriptionStopped
    return crisis


def _content(told: Told) -> dict[str, str]:
    return {
        "symptom": str(told.symptom),
        "title": told.title.strip(),
        "signs": told.signs.strip(),
        "response": told.response.strip(),
        "call": told.call.strip(),
    }


def _crisis_of(prescription_id: UUID) -> UUID:
    found = Prescription.objects.filter(pk=prescription_id).values_list("crisis_id", flat=True).first()
    if found is None:
        raise NotFound
    return found


def _holding(prescription_id: UUID, crisis: Crisis) -> Prescription:
    held = (
        Prescription.objects.filter(pk=prescription_id, crisis=crisis, stopped_at=None)
        .select_related("last_check")
        .first()
    )
    if held is None:
        raise PrescriptionStopped
    return held


def _stop(prescription_id: UUID, crisis: Crisis) -> None:
    held = _holding(prescription_id, crisis)
    held.stopped_at = now()
    held.save(update_fields=["stopped_at"])
