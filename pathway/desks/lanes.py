"""The journey drawn in lanes: pure geometry, in units of the drawing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.kernel.clock import PARIS

WIDTH, AXIS_X, TOP, ROW = 900, 170, 52, 40
TICKS = 5
SHORTEST_SPAN = timedelta(days=7)
MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


@dataclass(frozen=True, slots=True)
class Span:
    """One stay to draw; `end` is `None` while it lasts."""

    lane: str
    label: str
    start: datetime
    end: datetime | None
    tone: str


def draw(spans: Sequence[Span], *, now: datetime) -> dict[str, object] | None:
    """Return what `c-lanes` draws, its table included; `None` when there is nothing to draw."""
    if not spans:
        return None
    first = min(span.start for span in spans)
    last = max(now, *(span.end or now for span in spans), first + SHORTEST_SPAN)
    scale = (WIDTH - AXIS_X) / (last - first).total_seconds()

    def x(instant: datetime) -> int:
        return AXIS_X + round((instant - first).total_seconds() * scale)

    lanes = list(dict.fromkeys(span.lane for span in spans))
    return {
        "width": WIDTH,
        "height": TOP + ROW * len(lanes),
        "axis_x": AXIS_X,
        "today_x": x(now),
        "ticks": [{"x": x(at), "label": short_day(at)} for at in _ticks(first, last)],
        "rows": [
            {
                "y": TOP + ROW * number,
                "label": lane,
                "spans": [_bar(span, x, now) for span in spans if span.lane == lane],
                "points": [],
            }
            for number, lane in enumerate(lanes)
        ],
        "table": [{"lane": span.lane, "when": when(span), "label": span.label} for span in spans],
    }


def short_day(instant: datetime) -> str:
    """Return a day of the axis as French writes it: « 12 oct. »."""
    day = instant.astimezone(PARIS)
    return f"{day.day} {MONTHS[day.month - 1]}"


def when(span: Span) -> str:
    """Return when a stay was: « du 12/10/2026 au 15/10/2026 », « depuis le 12/10/2026 »."""
    start = f"{span.start.astimezone(PARIS):%d/%m/%Y}"
    return f"du {start} au {span.end.astimezone(PARIS):%d/%m/%Y}" if span.end else f"depuis le {start}"


def _bar(span: Span, x: Callable[[datetime], int], now: datetime) -> dict[str, object]:
    start, end = x(span.start), x(span.end or now)
    return {"x": start, "width": max(end - start, 6), "label": span.label, "tone": span.tone}


def _ticks(first: datetime, last: datetime) -> list[datetime]:
    step = (last - first) / TICKS
    return [first + step * number for number in range(TICKS)]
