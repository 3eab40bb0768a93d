"""The clock that everybody sees, and when the relay must be ready."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathway.rapid_response.records import Marks, Pause
from pathway.rapid_response.rules import (
    NotPalliative,
    ReasonMissing,
    StepOutOfTime,
    check_call,
    check_step,
    paused_time,
    relay_deadline,
    relay_is_late,
    response_clock,
)
from pathway.rapid_response.states import AlertState, PauseReason

T0 = datetime(2026, 3, 28, 23, 50, tzinfo=UTC)


def after(minutes):
    return T0 + timedelta(minutes=minutes)


def pause(start, end):
    return Pause(started_at=after(start), ended_at=None if end is None else after(end), reason=PauseReason.FAMILY_ASKED)


@pytest.mark.parametrize(("minutes", "state"), [(5, "ok"), (25, "soon"), (31, "late")])
def test_before_the_answer_half_an_hour_counts(minutes, state):
    clock = response_clock(AlertState.CALLED, Marks(called_at=T0), (), now=after(minutes))
    assert (clock.elapsed, clock.target, clock.state) == (minutes, 30, state)


def test_then_four_hours_to_the_bedside_from_the_call():
    clock = response_clock(AlertState.ANSWERED, Marks(called_at=T0, answered_at=after(10)), (), now=after(60))
    assert (clock.label, clock.elapsed, clock.target, clock.percent) == ("Arrivée au chevet", 60, 240, 25)


def test_pauses_do_not_count_even_an_open_one():
    clock = response_clock(AlertState.CALLED, Marks(called_at=T0), (pause(5, 15), pause(20, None)), now=after(40))
    assert clock.elapsed == 10


def test_the_night_of_the_change_of_hour_counts_real_minutes():
    clock = response_clock(AlertState.DEPARTED, Marks(called_at=T0, answered_at=after(1)), (), now=after(120))
    assert clock.elapsed == 120


def test_after_the_end_the_clock_stands_still():
    ended = Marks(called_at=T0, answered_at=after(10), ended_at=after(50))
    for now in (60, 600):
        clock = response_clock(AlertState.CANCELLED, ended, (), now=after(now))
        assert (clock.elapsed, clock.state) == (50, "stopped")


def test_a_call_cancelled_before_the_answer_stopped_at_its_end():
    clock = response_clock(AlertState.CANCELLED, Marks(called_at=T0, ended_at=after(12)), (), now=after(300))
    assert (clock.elapsed, clock.state) == (12, "stopped")


def test_from_the_bedside_the_relay_has_three_days_and_must_be_booked_in_two():
    marks = Marks(called_at=T0, answered_at=after(5), arrived_at=after(100))
    assert relay_deadline(marks) == after(100) + timedelta(hours=72)
    assert not relay_is_late(marks, relay_at=None, now=after(100) + timedelta(hours=47))
    assert relay_is_late(marks, relay_at=None, now=after(100) + timedelta(hours=49))
    assert not relay_is_late(marks, relay_at=after(5000), now=after(100) + timedelta(hours=49))
    assert relay_deadline(Marks(called_at=T0)) is None


@given(st.lists(st.tuples(st.integers(-50, 500), st.integers(0, 300)), max_size=6))
def test_paused_time_never_exceeds_the_time_when_pauses_do_not_overlap(pairs):
    pauses, at = [], -60
    for gap, length in pairs:
        start = at + max(gap, 0)
        at = start + length
        pauses.append(pause(start, at))
    assert timedelta() <= paused_time(pauses, since=T0, until=after(400)) <= timedelta(minutes=400)


def test_a_call_that_is_not_palliative_or_says_nothing_is_refused():
    with pytest.raises(NotPalliative):
        check_call(is_palliative=False, reason="Douleur", callback_phone="0639980001")
    with pytest.raises(ReasonMissing):
        check_call(is_palliative=None, reason=" ", callback_phone="0639980001")
    check_call(is_palliative=None, reason="Douleur", callback_phone="0639980001")


@pytest.mark.parametrize("minutes", [-1, 61])
def test_a_step_before_the_last_one_or_in_the_future_is_refused(minutes):
    with pytest.raises(StepOutOfTime):
        check_step(after(minutes), previous=T0, now=after(60))
