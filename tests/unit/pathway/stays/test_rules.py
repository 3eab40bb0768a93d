"""When a stay may begin and end, how long a place is held, and what each kind of stay is."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.kernel.errors import TransitionRefused
from pathway.referrals.states import Destination
from pathway.stays.rules import (
    ArrivalInFuture,
    DeathIsRecordedApart,
    EndBeforeArrival,
    check_arrival,
    check_discharge,
    end_for_death,
    hold_until,
    recent_since,
)
from pathway.stays.states import LANES, OPEN, PRESENT, STAY, STAY_KIND_LABELS, StayAction, StayKind, StayState, kind_of
from pathway.structures.states import REFERRAL_KINDS, OfferKind

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_an_arrival_is_a_fact():
    check_arrival(AT, now=AT)
    with pytest.raises(ArrivalInFuture):
        check_arrival(AT + HOUR, now=AT)


@pytest.mark.parametrize(
    ("ended_at", "destination", "refusal"),
    [
        (AT - HOUR, Destination.CARE_HOME, EndBeforeArrival),
        (AT + 2 * DAY, Destination.CARE_HOME, EndBeforeArrival),
        (AT + HOUR, Destination.DIED, DeathIsRecordedApart),
    ],
)
def test_a_discharge_follows_the_arrival_and_is_no_death(ended_at, destination, refusal):
    with pytest.raises(refusal):
        check_discharge(admitted_at=AT, ended_at=ended_at, destination=destination, now=AT + DAY)
    check_discharge(admitted_at=AT, ended_at=AT + HOUR, destination=Destination.CARE_HOME, now=AT + DAY)


def test_a_stay_never_ends_before_it_began_even_on_the_day_of_a_death():
    assert end_for_death(admitted_at=AT, died_at=AT - HOUR) == AT
    assert end_for_death(admitted_at=AT, died_at=AT + HOUR) == AT + HOUR
    assert end_for_death(admitted_at=None, died_at=AT) == AT


@pytest.mark.parametrize(
    ("on", "until"), [(AT - HOUR, AT + DAY), (AT + 2 * DAY, AT + 3 * DAY), (AT + 30 * DAY, AT + 7 * DAY)]
)
def test_a_place_is_held_until_the_day_after_within_what_may_be(on, until):
    assert hold_until(on=on, now=AT, longest=7 * DAY) == until


def test_recent_means_thirty_days():
    assert recent_since(date(2026, 11, 30)) == date(2026, 10, 31)


@pytest.mark.parametrize(
    ("offer", "kind"),
    [
        (OfferKind.USP, StayKind.HOSPITAL),
        (OfferKind.HOME_HOSPITAL, StayKind.HOME_HOSPITAL),
        (OfferKind.SUPPORT_HOUSE, StayKind.HOUSE),
        (OfferKind.EMSP, StayKind.HOME),
    ],
)
def test_each_offer_gives_a_kind_of_stay(offer, kind):
    assert kind_of(offer) == kind


def test_every_kind_has_words_and_a_lane():
    assert {kind_of(offer) for offer in REFERRAL_KINDS} == set(StayKind) == set(LANES) == set(STAY_KIND_LABELS)


def test_a_stay_goes_on_leave_and_back_and_ends_from_both():
    assert STAY.target(StayAction.LEAVE, StayState.IN_PROGRESS) == StayState.ON_LEAVE
    assert STAY.target(StayAction.RETURN, StayState.ON_LEAVE) == StayState.IN_PROGRESS
    assert all(STAY.may(StayAction.FINISH, state) for state in PRESENT)
    assert {state for state in StayState if not STAY.is_terminal(state)} == set(OPEN)
    with pytest.raises(TransitionRefused):
        STAY.target(StayAction.CANCEL, StayState.IN_PROGRESS)
