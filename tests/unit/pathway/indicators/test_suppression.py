"""No hidden figure of a published table can be computed: an attacker who knows the rules tries on 500 tables."""

import random
from datetime import date
from itertools import islice

import pytest

from pathway.indicators.records import TOTAL
from pathway.indicators.rules import LEAST, csv_safe, months_to_publish, protect, with_totals
from pathway.indicators.states import Shown

CUBES = 500


class Attacker:
    """Searches, by trying values, for another table that would have been shown in the same way.

    It shares nothing with the rules under test: plain narrowing of intervals by each sum,
    then trial of one value after the other.
    """

    def __init__(self, shown, rows, columns):
        most = 10**6
        self.first = {
            place: (cell.value, cell.value)
            if cell.shown == Shown.VALUE
            else (1, LEAST - 1)
            if cell.shown == Shown.SMALL
            else (LEAST, most)
            for place, cell in shown.items()
        }
        lines = [[(row, column) for column in columns] for row in (*rows, TOTAL)]
        self.sums = [(cells, (row, TOTAL)) for row, cells in zip((*rows, TOTAL), lines, strict=True)]
        self.sums += [([(row, column) for row in rows], (TOTAL, column)) for column in (*columns, TOTAL)]

    def finds(self):
        """Return the hidden figures that can have one value only."""
        start = self.narrow(dict(self.first))
        assert start is not None, "the table shown contradicts itself"
        found = []
        for place, (low, high) in start.items():
            if self.first[place][0] == self.first[place][1]:
                continue
            possible = (one for one in range(low, high + 1) if self.solve({**start, place: (one, one)}))
            found += [place] if len(list(islice(possible, 2))) == 1 else []
        return found

    def narrow(self, ranges):
        changed = True
        while changed:
            changed = False
            for cells, total in self.sums:
                low, high = sum(ranges[c][0] for c in cells), sum(ranges[c][1] for c in cells)
                t_low, t_high = max(ranges[total][0], low), min(ranges[total][1], high)
                if t_low > t_high:
                    return None
                changed |= (t_low, t_high) != ranges[total]
                ranges[total] = (t_low, t_high)
                for cell in cells:
                    c_low, c_high = ranges[cell]
                    new = (max(c_low, t_low - high + c_high), min(c_high, t_high - low + c_low))
                    if new[0] > new[1]:
                        return None
                    if new != ranges[cell]:
                        changed, ranges[cell] = True, new
                        low, high = sum(ranges[c][0] for c in cells), sum(ranges[c][1] for c in cells)
        return ranges

    def solve(self, ranges):
        ranges = self.narrow(dict(ranges))
        if ranges is None:
            return False
        loose = [place for place, (low, high) in ranges.items() if low < high]
        if not loose:
            return True
        place = min(loose, key=lambda one: (ranges[one][1] - ranges[one][0], one))
        low, high = ranges[place]
        return any(self.solve({**ranges, place: (one, one)}) for one in range(low, min(high, low + 25) + 1))


def cube(chance):
    rows = [f"r{number}" for number in range(chance.randint(1, 5))]
    columns = [f"c{number}" for number in range(chance.randint(1, 5))]
    style = chance.choice(["tiny", "mixed", "sparse", "large"])
    draw = {
        "tiny": lambda: chance.randint(0, 3),
        "mixed": lambda: chance.choice([0, chance.randint(1, 10), chance.randint(11, 60)]),
        "sparse": lambda: chance.choice([0, 0, 0, chance.randint(1, 14)]),
        "large": lambda: chance.choice([chance.randint(11, 400), chance.randint(11, 400), chance.randint(1, 10)]),
    }[style]
    counts = {(row, column): draw() for row in rows for column in columns}
    return with_totals(counts, rows, columns), rows, columns


def test_an_attacker_finds_no_hidden_figure_of_500_tables():
    chance = random.Random(20261122)
    hidden, found = 0, []
    for number in range(CUBES):
        table, rows, columns = cube(chance)
        shown = protect(table)
        hidden += sum(cell.value is None for cell in shown.values())
        found += [(number, place) for place in Attacker(shown, rows, columns).finds()]
    assert hidden > CUBES
    assert found == []


def test_the_attacker_does_find_what_is_only_hidden_by_its_size():
    """The same attacker on tables whose small figures alone are hidden: it would see a fault."""
    chance, found = random.Random(7), 0
    for _ in range(60):
        table, rows, columns = cube(chance)
        shown = protect(table)
        naive = {
            place: cell if cell.shown != Shown.KEPT_BACK else type(cell)(table[place], Shown.VALUE)
            for place, cell in shown.items()
        }
        found += len(Attacker(naive, rows, columns).finds())
    assert found > 20


def test_every_small_figure_is_hidden_and_every_shown_one_is_right():
    chance = random.Random(3)
    for _ in range(200):
        table, _, _ = cube(chance)
        for place, cell in protect(table).items():
            assert (cell.shown == Shown.SMALL) == (0 < table[place] < LEAST)
            assert cell.value in (None, table[place])


def test_two_single_persons_that_sum_to_two_are_not_given_away_by_their_total():
    shown = protect(with_totals({("a", "x"): 1, ("b", "x"): 1}, ["a", "b"], ["x"]))
    assert Attacker(shown, ["a", "b"], ["x"]).finds() == []


def test_a_month_is_published_once_it_is_over_and_settled():
    assert months_to_publish(today=date(2026, 11, 4), published=[], back=1) == [date(2026, 9, 1)]
    assert months_to_publish(today=date(2026, 11, 6), published=[], back=1) == [date(2026, 10, 1)]
    assert months_to_publish(today=date(2026, 11, 6), published=[date(2026, 10, 1)], back=1) == []


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@SUM(A1)", "\tx"])
def test_no_text_is_taken_for_a_formula(text):
    assert csv_safe(text) == f"'{text}"
    assert csv_safe("Dijon") == "Dijon"
