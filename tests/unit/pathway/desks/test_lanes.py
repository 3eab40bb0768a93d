"""The geometry of the journey's lanes."""

from datetime import UTC, datetime, timedelta

from pathway.desks.lanes import AXIS_X, WIDTH, Span, draw, short_day, when

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def span(start, end, lane="Hôpital"):
    ends = None if end is None else NOW - timedelta(days=end)
    return Span(lane, "USP", NOW - timedelta(days=start), ends, "info")


def test_nothing_to_draw_draws_nothing():
    assert draw([], now=NOW) is None


def test_bars_lie_in_order_inside_the_drawing_and_a_running_stay_ends_today():
    lanes = draw([span(30, 20), span(20, 5, "Domicile"), span(5, None)], now=NOW)
    assert lanes is not None
    hospital, home = lanes["rows"]
    assert [row["label"] for row in (hospital, home)] == ["Hôpital", "Domicile"]
    first, second = hospital["spans"]
    assert first["x"] == AXIS_X
    assert first["x"] + first["width"] <= home["spans"][0]["x"] + 1
    assert second["x"] + second["width"] == lanes["today_x"] == WIDTH


def test_a_stay_of_an_hour_is_still_seen():
    lanes = draw([span(0.04, 0)], now=NOW)
    assert lanes is not None
    assert lanes["rows"][0]["spans"][0]["width"] >= 6


def test_days_are_said_in_french():
    assert short_day(datetime(2026, 8, 1, 23, tzinfo=UTC)) == "2 août"
    assert when(span(10, 5)) == "du 12/11/2026 au 17/11/2026"
    assert when(span(10, None)) == "depuis le 12/11/2026"
