"""Writing stays, and the acts that end everything else: an admission, a death."""

from dataclasses import replace
from uuid import UUID

from accounts.access.circle import enter, leave
from accounts.access.permissions import Permission
from accounts.access.records import Facts, OpenMembership, Receipt
from accounts.access.states import Basis
from accounts.access.unit import ANY_VERSION, Act, Unit, command, together
from accounts.kernel.actor import Actor, system_actor
from accounts.kernel.clock import instant_of, now
from accounts.kernel.errors import NotFound
from accounts.kernel.ids import new_id
from accounts.people.closing import close_after_death, resume_after_mistake
from accounts.people.commands import mark_deceased, take_death_back
from accounts.people.links import link_organisation
from accounts.people.queries import person_snapshot
from accounts.people.records import CorrectDeath, MarkDeceased
from pathway.capacity.commands import hold_place, use_hold
from pathway.capacity.queries import held_places
from pathway.capacity.records import HoldPlace, UseHold
from pathway.capacity.rules import LONGEST_HOLD
from pathway.referrals.commands import SIGHT_AFTER_END, admit_line, end_line, offer_place, release_holds
from pathway.referrals.queries import line_snapshot, open_line_ids
from pathway.referrals.records import AdmitLine, EndLine, OfferPlace
from pathway.referrals.rules import check_alive
from pathway.referrals.states import ClosingReason, Destination
from pathway.stays.events import StayCancelled, StayFinished, StayPaused, StayPlanned, StayStarted
from pathway.stays.models import Stay
from pathway.stays.records import (
    AdmitPerson,
    CancelStay,
    Discharge,
    FinishForDeath,
    LeaveStay,
    OpenStay,
    PlanStay,
    ProposePlace,
    RecordDeath,
)
from pathway.stays.rules import (
    AlreadyPresent,
    OfferNotYours,
    check_arrival,
    check_discharge,
    end_for_death,
    hold_until,
)
from pathway.stays.states import OPEN, PRESENT, StayAction, StayState, kind_of
from pathway.structures.models import CareOffer
from pathway.structures.states import KINDS, OfferKind


@command(Permission.STAY_OPEN)
def plan_stay(record: PlanStay, act: Act) -> Receipt:
    """Expect somebody from a day on."""
    offer = _offer(record.offer_id)
    act.ask(_facts(record.person_id, offer))
    stay = _new_stay(record.person_id, offer, stay_id=record.stay_id)
    stay.line_id, stay.planned_for = record.line_id, record.on
    return act.add(stay, "plan", StayPlanned)


@together
def propose_place(record: ProposePlace, run: Unit) -> Receipt:
    """Propose a place to the person of a request line: it is held, where places are counted, and the stay is planned."""
    line = line_snapshot(record.line_id)
    stay_id = new_id()
    receipt = run(offer_place, OfferPlace(line_id=line.id, version=record.version, on=record.on, stay_id=stay_id))
    if KINDS[OfferKind(_offer(line.offer_id).kind)].nature is not None:
        until = hold_until(on=instant_of(record.on), now=now(), longest=LONGEST_HOLD)
        run(hold_place, HoldPlace(offer_id=line.offer_id, line_id=line.id, until=until))
    run(
        plan_stay,
        PlanStay(stay_id=stay_id, person_id=line.person_id, offer_id=line.offer_id, line_id=line.id, on=record.on),
    )
    return receipt


@command(Permission.STAY_OPEN)
def open_stay(record: OpenStay, act: Act) -> Receipt:
    """Begin a stay: the planned one, or one that nobody asked for. The structure's team enters the circle."""
    offer = _offer(record.offer_id)
    act.ask(_facts(record.person_id, offer))
    check_arrival(record.admitted_at, now=now())
    check_alive(person_snapshot(record.person_id).died_on)
    stay = _planned(record, act)
    if stay is None:
        stay = _new_stay(record.person_id, offer, stay_id=record.stay_id or new_id())
        stay.line_id, stay.admitted_at, stay.state = record.line_id, record.admitted_at, StayState.IN_PROGRESS
        receipt = act.add(stay, "admit", StayStarted, at=record.admitted_at)
    else:
        stay.admitted_at = record.admitted_at
        receipt = act.advance(stay, StayAction.START, StayStarted, at=record.admitted_at)
    link_organisation(stay.person_id, stay.organisation_id)
    enter(
        OpenMembership(
            person_id=stay.person_id, organisation_id=stay.organisation_id, basis=Basis.SAME_TEAM, source_id=stay.pk
        ),
        by=act.by,
    )
    return receipt


@together
def admit_person(record: AdmitPerson, run: Unit) -> Receipt:
    """Note that the person of a request line has come: the first admission wins, every other line closes.

    The place held is used, those that others held are given back, all in one transaction.
    """
    line = line_snapshot(record.line_id)
    others = [other for other in open_line_ids(line.request_id) if other != line.id]
    stay_id = line.stay_id or new_id()
    run(
        admit_line,
        AdmitLine(line_id=line.id, version=record.version, at=record.admitted_at, stay_id=stay_id),
    )
    own = held_places([line.id]).get(line.id)
    if own is not None:
        run(use_hold, UseHold(hold_id=own.id))
    release_holds(others, reason=ClosingReason.ADMITTED_ELSEWHERE, run=run)
    for planned in planned_stay_ids(others):
        run(cancel_stay, CancelStay(stay_id=planned), by=_clerk(run.by))
    return run(
        open_stay,
        OpenStay(
            person_id=line.person_id,
            offer_id=line.offer_id,
            admitted_at=record.admitted_at,
            stay_id=stay_id,
            line_id=line.id,
        ),
    )


@command(Permission.STAY_LEAVE)
def start_leave(record: LeaveStay, act: Act) -> Receipt:
    """The person goes home for some days; her place stays hers."""
    stay = act.open(Stay, record.stay_id, version=record.version)
    return act.advance(stay, StayAction.LEAVE, StayPaused)


@command(Permission.STAY_LEAVE)
def end_leave(record: LeaveStay, act: Act) -> Receipt:
    """The person is back."""
    stay = act.open(Stay, record.stay_id, version=record.version)
    return act.advance(stay, StayAction.RETURN, StayPaused)


@command(Permission.STAY_DISCHARGE)
def finish_stay(record: Discharge, act: Act) -> Receipt:
    """End a stay; use `discharge`, which ends its request line too."""
    stay = act.open(Stay, record.stay_id, version=record.version)
    check_discharge(admitted_at=stay.admitted_at, ended_at=record.ended_at, destination=record.destination, now=now())
    stay.ended_at, stay.destination, stay.note = record.ended_at, record.destination, record.note.strip()
    receipt = act.advance(stay, StayAction.FINISH, StayFinished, at=record.ended_at, reason=record.destination)
    leave(source_ids=[stay.pk], at=now() + SIGHT_AFTER_END)
    return receipt


@together
def discharge(record: Discharge, run: Unit) -> Receipt:
    """End a stay, and the request line that led to it."""
    receipt = run(finish_stay, record)
    line_id = Stay.objects.filter(pk=record.stay_id).values_list("line_id", flat=True).first()
    if line_id is not None:
        run(end_line, EndLine(line_id=line_id, at=record.ended_at, destination=record.destination))
    return receipt


@command(Permission.STAY_OPEN)
def cancel_stay(record: CancelStay, act: Act) -> Receipt:
    """Note that a planned stay will not take place."""
    stay = act.open(Stay, record.stay_id, version=ANY_VERSION)
    return act.advance(stay, StayAction.CANCEL, StayCancelled)


@command(Permission.PATIENT_IDENTITY_MARK_DECEASED)
def finish_for_death(record: FinishForDeath, act: Act) -> Receipt:
    """End every open stay of a person who died: those under way are finished, those planned are cancelled."""
    act.ask(Facts(type="person", id=record.person_id, person_id=record.person_id))
    found = Stay.objects.filter(person_id=record.person_id, state__in=OPEN).order_by("id")
    for stay_id in list(found.values_list("id", flat=True)):
        _finish_for_death(act.lock(Stay, stay_id), record, act)
    return Receipt(type="person", id=record.person_id, version=0)


@together
def record_death(record: RecordDeath, run: Unit) -> Receipt:
    """Record a death, and stop with it all that is under way, in one transaction: nothing is sent about her any more.

    What stops is what features registered with `accounts.people.closing.on_death`.
    """
    receipt = run(mark_deceased, MarkDeceased(person_id=record.person_id, died_on=record.died_on))
    close_after_death(record.person_id, record.died_on, run)
    return receipt


@together
def correct_death(record: CorrectDeath, run: Unit) -> Receipt:
    """Take back a death recorded by mistake, and begin again what it stopped, in one transaction.

    What begins again is what features registered with `accounts.people.closing.on_death_undone`.
    """
    receipt = run(take_death_back, record)
    resume_after_mistake(record.person_id, run)
    return receipt


def planned_stay_ids(line_ids: list[UUID]) -> list[UUID]:
    """Return the planned stays of request lines, unscoped: for what ends them."""
    rows = Stay.objects.filter(line_id__in=line_ids, state=StayState.PLANNED).order_by("id")
    return list(rows.values_list("id", flat=True))


def _finish_for_death(stay: Stay, record: FinishForDeath, act: Act) -> None:
    if stay.state not in PRESENT:
        act.advance(stay, StayAction.CANCEL, StayCancelled)
        return
    stay.ended_at = end_for_death(admitted_at=stay.admitted_at, died_at=instant_of(record.died_on))
    stay.destination = Destination.DIED
    act.advance(stay, StayAction.FINISH, StayFinished, at=stay.ended_at, reason=Destination.DIED)
    leave(source_ids=[stay.pk], at=now() + SIGHT_AFTER_END)


def _offer(offer_id: UUID) -> CareOffer:
    offer = CareOffer.objects.filter(pk=offer_id).first()
    if offer is None:
        raise OfferNotYours(field="offer")
    return offer


def _facts(person_id: UUID, offer: CareOffer) -> Facts:
    return Facts(
        type="stay",
        person_id=person_id,
        organisation_id=offer.organisation_id,
        recipient_ids=frozenset({offer.organisation_id}),
    )


def _new_stay(person_id: UUID, offer: CareOffer, *, stay_id: UUID) -> Stay:
    if Stay.objects.filter(person_id=person_id, offer=offer, state__in=OPEN).exists():
        raise AlreadyPresent
    return Stay(
        id=stay_id,
        person_id=person_id,
        organisation_id=offer.organisation_id,
        offer=offer,
        kind=kind_of(OfferKind(offer.kind)),
    )


def _planned(record: OpenStay, act: Act) -> Stay | None:
    if record.stay_id is None or not Stay.objects.filter(pk=record.stay_id).exists():
        return None
    stay = act.lock(Stay, record.stay_id)
    if stay.person_id != record.person_id or stay.offer_id != record.offer_id:
        raise NotFound
    return stay


def _clerk(by: Actor) -> Actor:
    return replace(system_actor("stays"), correlation_id=by.correlation_id)
