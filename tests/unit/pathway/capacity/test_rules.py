"""Figures and holds, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from pathway.capacity.rules import (
    CapacityUnknown,
    FewerThanHeld,
    FigureOutOfTime,
    HoldTooLong,
    MoreThanInstalled,
    NoPlaceFree,
    age_words,
    check_declaration,
    check_figure_time,
    check_hold,
    is_stale,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=20), "à l’instant"),
        (timedelta(minutes=5), "il y a 5 min"),
        (26 * HOUR, "il y a 26 h"),
        (48 * HOUR, "il y a 2 jours"),
        (-HOUR, "à l’instant"),
    ],
)
def test_the_age_of_a_figure_is_said_in_words(age, words):
    assert age_words(NOW - age, NOW) == words


def test_a_figure_is_stale_after_a_day_or_when_there_is_none():
    assert not is_stale(NOW - 24 * HOUR, NOW)
    assert is_stale(NOW - 24 * HOUR - timedelta(seconds=1), NOW)
    assert is_stale(None, NOW)
    assert age_words(None, NOW) == "jamais déclarées"


def test_a_hold_never_makes_availability_negative():
    check_hold(available=2, held=1, until=NOW + HOUR, now=NOW)
    for available in (1, 0):
        with pytest.raises(NoPlaceFree):
            check_hold(available=available, held=1, until=NOW + HOUR, now=NOW)
    with pytest.raises(CapacityUnknown):
        check_hold(available=None, held=0, until=NOW + HOUR, now=NOW)


@pytest.mark.parametrize("until", [NOW, NOW - HOUR, NOW + timedelta(days=7, seconds=1)])
def test_a_hold_ends_soon_and_in_the_future(until):
    with pytest.raises(HoldTooLong):
        check_hold(available=3, held=0, until=until, now=NOW)


def test_a_declaration_stays_between_what_is_held_and_what_exists():
    check_declaration(available=2, held=2, installed=10)
    check_declaration(available=30, held=0, installed=0)
    with pytest.raises(FewerThanHeld) as refusal:
        check_declaration(available=1, held=2, installed=10)
    assert refusal.value.field == "available"
    for available in (11, -1):
        with pytest.raises(MoreThanInstalled):
            check_declaration(available=available, held=-1, installed=10)


def test_a_figure_is_neither_of_tomorrow_nor_older_than_the_last():
    check_figure_time(NOW, last=NOW, now=NOW)
    with pytest.raises(FigureOutOfTime):
        check_figure_time(NOW + HOUR, last=None, now=NOW)
    with pytest.raises(FigureOutOfTime):
        check_figure_time(NOW - HOUR, last=NOW, now=NOW)
