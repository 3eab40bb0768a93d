"""Arrivals, leaves, discharges and deaths, and all that they end."""

from datetime import timedelta

import pytest

from accounts.access.models import CircleMembership
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, TransitionRefused
from accounts.kernel.models import Transition
from accounts.outbox.models import StoredEvent
from accounts.people.models import Person
from accounts.people.rules import AlreadyDeceased, DeathBeforeBirth
from pathway.capacity.models import Hold, Places
from pathway.capacity.rules import NoPlaceFree
from pathway.rapid_response.models import Alert
from pathway.rapid_response.states import AlertState
from pathway.referrals.commands import decline_line
from pathway.referrals.models import Request, RequestLine
from pathway.referrals.records import DeclineLine
from pathway.referrals.rules import OfferDateWrong, PersonHasDied
from pathway.referrals.states import DeclineReason, Destination, LineState, RequestState
from pathway.stays.commands import discharge, end_leave, open_stay, propose_place, record_death, start_leave
from pathway.stays.models import Stay
from pathway.stays.records import Discharge, LeaveStay, OpenStay, ProposePlace, RecordDeath
from pathway.stays.rules import AlreadyPresent, ArrivalInFuture, DeathIsRecordedApart, EndBeforeArrival
from pathway.stays.states import StayState
from pathway.structures.states import OfferKind
from tests.factories import alerts, people, referrals

pytestmark = pytest.mark.django_db


def leaving(stay, **fields):
    values = {"ended_at": now(), "destination": Destination.HOME_WITH_HAD, **fields}
    return Discharge(stay_id=stay.id, version=stay.version, **values)


def present(structure=None):
    """A request that led to an admission: (asked, stay)."""
    asked = referrals.sent(structure or referrals.structure())
    referrals.proposed(asked)
    return asked, Stay.objects.get(pk=referrals.admitted(asked))


def test_a_proposal_holds_a_place_and_plans_the_stay():
    asked = referrals.sent()
    referrals.proposed(asked)
    stay = Stay.objects.get()
    assert (stay.state, stay.planned_for) == (StayState.PLANNED, today() + timedelta(days=1))
    assert asked.line().stay_id == stay.id
    assert Hold.objects.get().line_id == asked.line().id


def test_a_proposal_without_a_free_place_is_refused_and_leaves_nothing_half_done():
    asked = referrals.sent(referrals.structure(places=0))
    referrals.studied(asked)
    line = asked.line()
    record = ProposePlace(line_id=line.id, version=line.version, on=today())
    with pytest.raises(NoPlaceFree):
        propose_place(record, by=asked.structures[0].manager)
    assert asked.line().state == LineState.UNDER_REVIEW
    assert not Stay.objects.exists()


def test_a_proposal_for_yesterday_is_refused():
    asked = referrals.sent()
    referrals.studied(asked)
    line = asked.line()
    record = ProposePlace(line_id=line.id, version=line.version, on=today() - timedelta(days=1))
    with pytest.raises(OfferDateWrong):
        propose_place(record, by=asked.structures[0].manager)


def test_a_team_without_places_proposes_without_holding_one():
    asked = referrals.sent(referrals.structure(OfferKind.EMSP, places=None))
    referrals.proposed(asked)
    assert asked.line().state == LineState.OFFERED
    assert not Hold.objects.exists()


def test_declining_after_a_proposal_gives_the_place_back_and_cancels_the_stay():
    asked = referrals.sent()
    referrals.proposed(asked)
    line = asked.line()
    record = DeclineLine(line_id=line.id, version=line.version, reason=DeclineReason.OTHER)
    decline_line(record, by=asked.structures[0].manager)
    assert Stay.objects.get().state == StayState.CANCELLED
    assert Places.objects.get().held == 0


def test_an_arrival_uses_the_place_held_and_opens_the_whole_circle():
    asked, stay = present()
    assert stay.state == StayState.IN_PROGRESS
    places = Places.objects.get()
    assert (places.available, places.held) == (2, 0)
    assert CircleMembership.objects.filter(basis="same_team", source_id=stay.id, ends_at=None).exists()
    assert asked.request.admitted_line_id == asked.line().id


def test_an_arrival_without_any_request():
    structure = referrals.structure()
    person_id = people.person(structure.physician)
    record = OpenStay(person_id=person_id, offer_id=structure.offer.id, admitted_at=now())
    open_stay(record, by=structure.physician)
    assert Stay.objects.get().state == StayState.IN_PROGRESS
    with pytest.raises(AlreadyPresent):
        open_stay(record, by=structure.physician)


def test_an_arrival_tomorrow_or_of_a_stranger_is_refused():
    structure = referrals.structure()
    person_id = people.person(structure.physician)
    late = OpenStay(person_id=person_id, offer_id=structure.offer.id, admitted_at=now() + timedelta(hours=2))
    with pytest.raises(ArrivalInFuture):
        open_stay(late, by=structure.physician)
    other = referrals.structure()
    elsewhere = OpenStay(person_id=person_id, offer_id=other.offer.id, admitted_at=now())
    with pytest.raises(NotFound):
        open_stay(elsewhere, by=other.physician)
    with pytest.raises(NotAllowed):
        open_stay(elsewhere, by=structure.physician)


def test_a_leave_and_the_return():
    _, stay = present()
    by = people.actor(Role.NURSE, stay.organisation)
    start_leave(LeaveStay(stay_id=stay.id, version=stay.version), by=by)
    with pytest.raises(StaleVersion):
        end_leave(LeaveStay(stay_id=stay.id, version=stay.version), by=by)
    with pytest.raises(TransitionRefused):
        start_leave(LeaveStay(stay_id=stay.id, version=stay.version + 1), by=by)
    end_leave(LeaveStay(stay_id=stay.id, version=stay.version + 1), by=by)
    assert Stay.objects.get().state == StayState.IN_PROGRESS


def test_a_discharge_ends_the_line_and_completes_the_request():
    asked, stay = present()
    discharge(leaving(stay, note="HAD prévenue"), by=asked.structures[0].nurse)
    stay = Stay.objects.get()
    assert (stay.state, stay.destination) == (StayState.FINISHED, "home_with_had")
    assert asked.line().state == LineState.ENDED
    assert asked.request.state == RequestState.COMPLETED
    ends = CircleMembership.objects.get(basis="same_team", source_id=stay.id).ends_at
    assert ends is not None
    assert timedelta(days=29) < ends - now() < timedelta(days=31)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"destination": Destination.DIED}, DeathIsRecordedApart),
        ({"ended_at": now() - timedelta(days=3)}, EndBeforeArrival),
        ({"ended_at": now() + timedelta(days=1)}, EndBeforeArrival),
    ],
)
def test_a_discharge_that_cannot_be_is_refused(fields, refusal):
    asked, stay = present()
    with pytest.raises(refusal):
        discharge(leaving(stay, **fields), by=asked.structures[0].nurse)
    assert asked.line().state == LineState.ADMITTED


def test_another_structure_neither_discharges_nor_knows():
    _, stay = present()
    with pytest.raises(NotFound):
        discharge(leaving(stay), by=referrals.structure().nurse)


def test_a_death_stops_everything_in_one_transaction():
    by = people.actor(Role.PHYSICIAN)
    first = referrals.sent(referrals.structure(), referrals.structure(), sender=by)
    referrals.proposed(first, 0)
    structure = referrals.structure()
    stay = open_stay(
        OpenStay(person_id=people_of(first, structure), offer_id=structure.offer.id, admitted_at=now()),
        by=structure.physician,
    )
    record_death(RecordDeath(person_id=first.person_id, died_on=today()), by=by)
    assert Person.objects.get(pk=first.person_id).died_on == today()
    assert {(line.state, line.reason) for line in RequestLine.objects.all()} == {(LineState.CLOSED_ELSEWHERE, "died")}
    assert Request.objects.get().state == RequestState.REVOKED
    assert not Hold.objects.filter(state="held").exists()
    assert Stay.objects.get(pk=stay.id).state == StayState.FINISHED
    assert Stay.objects.get(pk=stay.id).destination == Destination.DIED
    assert set(Stay.objects.exclude(pk=stay.id).values_list("state", flat=True)) == {StayState.CANCELLED}
    written = StoredEvent.objects.filter(type__in=["person.died", "referral.revoked", "stay.finished"])
    assert len(set(written.values_list("correlation_id", flat=True))) == 1


def people_of(asked, structure):
    """Let a structure's team know the person, as her own identity desk would."""
    from accounts.access.circle import enter
    from accounts.access.records import OpenMembership
    from accounts.access.states import Basis

    enter(OpenMembership(person_id=asked.person_id, organisation_id=structure.organisation.id, basis=Basis.SAME_TEAM))
    return asked.person_id


def test_a_death_during_a_stay_ends_its_line_and_completes_its_request():
    asked, stay = present()
    record_death(RecordDeath(person_id=asked.person_id, died_on=today()), by=asked.structures[0].physician)
    assert (asked.line().state, asked.line().destination) == (LineState.ENDED, "died")
    assert asked.request.state == RequestState.COMPLETED
    assert Transition.objects.get(aggregate_id=stay.id, deed="finish").reason == "died"


def test_a_death_is_recorded_once_and_not_before_birth():
    by = people.actor(Role.NURSE)
    person_id = people.person(by)
    with pytest.raises(DeathBeforeBirth):
        record_death(RecordDeath(person_id=person_id, died_on=today() + timedelta(days=1)), by=by)
    record_death(RecordDeath(person_id=person_id, died_on=today()), by=by)
    with pytest.raises(AlreadyDeceased):
        record_death(RecordDeath(person_id=person_id, died_on=today()), by=by)


def test_nobody_arrives_after_death():
    structure = referrals.structure()
    person_id = people.person(structure.physician)
    record_death(RecordDeath(person_id=person_id, died_on=today()), by=structure.physician)
    with pytest.raises(PersonHasDied):
        open_stay(OpenStay(person_id=person_id, offer_id=structure.offer.id, admitted_at=now()), by=structure.physician)


def test_a_death_ends_the_call_to_a_rapid_team():
    by = people.actor(Role.PHYSICIAN)
    person_id = people.person(by)
    alert_id = alerts.alert(person_id, alerts.rapid_team(), by)
    record_death(RecordDeath(person_id=person_id, died_on=today()), by=by)
    alert = Alert.objects.get(pk=alert_id)
    assert alert.state == AlertState.CLOSED
    assert Transition.objects.get(aggregate_id=alert_id, deed="close").reason == "died"
    assert not CircleMembership.objects.filter(source_id=alert_id, ends_at=None).exists()
