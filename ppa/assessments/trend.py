"""The course of a score, drawn on the server: pure geometry, no library, read by people as a picture and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

WIDTH: Final = 320
HEIGHT: Final = 88
MARGIN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One result in the picture, in units of its view box; `y` grows downwards."""

    x: float
    y: float
    day: date
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A picture of `WIDTH` by `HEIGHT` units: its points from the oldest to the newest, and the line through them."""

    points: tuple[Point, ...]
    low: Decimal
    high: Decimal

    @property
    def line(self) -> str:
        """Return the `points` of an SVG polyline."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


def trend_of(values: Sequence[tuple[date, Decimal]], *, low: Decimal, high: Decimal) -> Trend:
    """Return the picture of values given from the oldest to the newest, on a scale from `low` to `high`.

    Days lie at their true distance; a single day lies in the middle.
    """
    days = [day for day, _ in values]
    span = (days[-1] - days[0]).days if days else 0
    return Trend(
        points=tuple(
            Point(
                x=_across((day - days[0]).days / span if span else 0.5),
                y=_down(float((value - low) / (high - low))),
                day=day,
                value=value,
            )
            for day, value in values
        ),
        low=low,
        high=high,
    )


def _across(share: float) -> float:
    return MARGIN + share * (WIDTH - 2 * MARGIN)


def _down(share: float) -> float:
    return HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN)
