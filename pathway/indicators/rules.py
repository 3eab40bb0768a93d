"""Hiding small cells of a table so that nobody can compute them from what is shown.

A figure of 1 to 10 persons is hidden, total or not. Others are then kept back until no
hidden figure is determined by the sums, even knowing that a small one lies between 1 and
10 and that one kept back is at least 11.
Source: CASD rule of eleven; security.md §5.9; secondary suppression as network flow
(D. Gusfield, 1988): a hidden cell of a two-way table can move if and only if it lies on an
alternating cycle of hidden cells that still have room.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from pathway.indicators.records import TOTAL, Cell, Place
from pathway.indicators.states import Shown

LEAST = 11
SETTLED_AFTER = timedelta(days=5)
"""Deeds of a month are still written down a few days later; a published month never changes."""


def with_totals(counts: Mapping[Place, int], rows: Iterable[str], columns: Iterable[str]) -> dict[Place, int]:
    """Return the whole table: every cell, zero where nothing was counted, and the sums of rows and columns."""
    table = {(row, column): counts.get((row, column), 0) for row in rows for column in columns}
    for (row, column), value in list(table.items()):
        for place in ((row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
            table[place] = table.get(place, 0) + value
    return table


def protect(table: Mapping[Place, int]) -> dict[Place, Cell]:
    """Return a whole table as it may be published."""
    small = {place for place, value in table.items() if 0 < value < LEAST}
    kept_back: set[Place] = set()
    while (found := _first_determined(table, small, kept_back)) is not None:
        kept_back.add(_companion(table, found, small | kept_back))
    return {
        place: _cell(value, is_small=place in small, is_kept_back=place in kept_back) for place, value in table.items()
    }


def hide_small(counts: Mapping[Place, int]) -> dict[Place, Cell]:
    """Return figures of a table without totals: nothing but their own size needs hiding."""
    return {place: _cell(value, is_small=0 < value < LEAST, is_kept_back=False) for place, value in counts.items()}


def _cell(value: int, *, is_small: bool, is_kept_back: bool) -> Cell:
    if is_small:
        return Cell(None, Shown.SMALL)
    return Cell(None, Shown.KEPT_BACK) if is_kept_back else Cell(value, Shown.VALUE)


def _companion(table: Mapping[Place, int], place: Place, hidden: set[Place]) -> Place:
    """Return the smallest shown figure of the same row or column: what is lost by keeping it back is least."""
    row, column = place
    beside = [one for one in table if one not in hidden and table[one] >= LEAST and (one[0] == row or one[1] == column)]
    everywhere = [one for one in table if one not in hidden and table[one] >= LEAST]
    return min(beside or everywhere, key=lambda one: (table[one], one))


def _first_determined(table: Mapping[Place, int], small: set[Place], kept_back: set[Place]) -> Place | None:
    """Return a hidden figure that the sums give away, one that nobody can vary by one up or down."""
    more, less = _room(table, small, kept_back)
    for place in sorted(small | kept_back):
        if not _moves(place, more, less) and not _moves(place, less, more):
            return place
    return None


def _room(table: Mapping[Place, int], small: set[Place], kept_back: set[Place]) -> tuple[set[Place], set[Place]]:
    """Return the hidden figures that may grow, and those that may shrink, in the signed table whose lines sum to zero."""
    grow, shrink = set(), set()
    for place in small | kept_back:
        up = place in kept_back or table[place] < LEAST - 1
        down = table[place] > (1 if place in small else LEAST)
        if (place[0] == TOTAL) != (place[1] == TOTAL):  # a sum of one line counts against it
            up, down = down, up
        grow |= {place} if up else set()
        shrink |= {place} if down else set()
    return grow, shrink


def _moves(place: Place, grow: set[Place], shrink: set[Place]) -> bool:
    """Tell whether a figure may grow by one while others make up for it: is there a way back from its column to its row."""
    if place not in grow:
        return False
    row, column = place
    rows_of: dict[str, list[str]] = defaultdict(list)
    columns_of: dict[str, list[str]] = defaultdict(list)
    for one in shrink - {place}:
        rows_of[one[1]].append(one[0])
    for one in grow - {place}:
        columns_of[one[0]].append(one[1])
    seen, waiting = {column}, deque([column])
    while waiting:
        for through in rows_of[waiting.popleft()]:
            if through == row:
                return True
            fresh = [other for other in columns_of[through] if other not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
    return False


def months_to_publish(*, today: date, published: Iterable[date], back: int = 12) -> list[date]:
    """Return the first days of the months that are over, settled and not yet published, oldest first."""
    last = (today - SETTLED_AFTER).replace(day=1)
    wanted = []
    for _ in range(back):
        last = (last - timedelta(days=1)).replace(day=1)
        wanted.append(last)
    return sorted(set(wanted) - set(published))


def csv_safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula. Source: OWASP ASVS V1.2.10."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
