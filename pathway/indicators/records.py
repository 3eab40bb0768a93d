"""Tables before and after their small cells are hidden."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from pathway.indicators.states import Cube, Shown

TOTAL: Final = ""
"""The row and the column of totals."""

Place = tuple[str, str]
"""Row, column; either may be `TOTAL`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A published figure; `value` is `None` when it is hidden."""

    value: int | None
    shown: Shown

    @property
    def text(self) -> str:
        """The figure as people read it."""
        if self.shown == Shown.VALUE:
            return str(self.value)
        return "< 11" if self.shown == Shown.SMALL else "non communiqué"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishMonth:
    """A month that is over, by its first day."""

    month: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A table as somebody may read it: rows in order, each with its name and its figures by column."""

    cube: Cube
    month: date
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, Mapping[str, Cell]], ...]

    def lines(self) -> list[tuple[str, list[tuple[str, Cell]]]]:
        """Return the figures of each row beside the names of their columns, in order."""
        return [(name, [(label, cells[code]) for code, label in self.columns]) for name, cells in self.rows]
