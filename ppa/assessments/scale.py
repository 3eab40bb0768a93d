"""The scales as versioned files: a new version of a scale is new rows, not new code.

Wordings under licence are not there: items whose text is not ours are numbered, and read on the printed scale.
"""

import csv
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from accounts.kernel.errors import NotFound
from ppa.assessments.states import Advice, Respondent, Subject

NUMBERED: Final = "none"


class Measure(StrEnum):
    """How answers make a result: their sum, the only answer, or a sum beside which each answer counts by itself."""

    SUM = "sum"
    SINGLE = "single"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question: the values it takes, and whether the scale says nothing without it."""

    code: str
    label: str
    values: tuple[Decimal, ...]
    is_required: bool

    @property
    def is_yes_or_no(self) -> bool:
        """Tell whether the answer is yes (1) or no (0)."""
        return self.values == (Decimal(0), Decimal(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What a result of at least `least` is called; `advice` is what it suggests, if anything."""

    least: Decimal
    label: str
    advice: Advice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One version of a scale. `lower_is_better` tells which way a trend improves; `source` where it comes from."""

    code: str
    version: str
    subject: Subject
    title: str
    measure: Measure
    low: Decimal
    high: Decimal
    lower_is_better: bool
    respondents: tuple[Respondent, ...]
    source: str
    is_numbered: bool
    items: tuple[Item, ...]
    bands: tuple[Band, ...]

    def item(self, code: str) -> Item:
        """Return one item; raises `NotFound`."""
        for found in self.items:
            if found.code == code:
                return found
        raise NotFound

    def band(self, score: Decimal) -> Band:
        """Return the highest band that a score reaches."""
        return max((band for band in self.bands if band.least <= score), key=lambda band: band.least)


@cache
def scales() -> tuple[Scale, ...]:
    """Return every version of every scale, in the order in which pages show them."""
    return tuple(_scale(row) for row in _rows("scales"))


@cache
def present_scales() -> tuple[Scale, ...]:
    """Return the scales that can be filled in today: the last version of each."""
    return tuple({scale.code: scale for scale in scales()}.values())


def scale(code: str, *, version: str = "") -> Scale:
    """Return one version of a scale, the present one when none is named; raises `NotFound`."""
    known = present_scales() if not version else scales()
    for found in known:
        if found.code == code and version in ("", found.version):
            return found
    raise NotFound


def _scale(row: dict[str, str]) -> Scale:
    own = {"scale": row["code"], "version": row["version"]}
    return Scale(
        code=row["code"],
        version=row["version"],
        subject=Subject(row["subject"]),
        title=row["title"],
        measure=Measure(row["measure"]),
        low=Decimal(row["low"]),
        high=Decimal(row["high"]),
        lower_is_better=row["better"] == "low",
        respondents=tuple(Respondent(one) for one in row["respondents"].split()),
        source=row["source"],
        is_numbered=row["wording"] == NUMBERED,
        items=tuple(_item(one) for one in _rows("items") if own.items() <= one.items()),
        bands=tuple(_band(one) for one in _rows("bands") if own.items() <= one.items()),
    )


def _item(row: dict[str, str]) -> Item:
    return Item(
        code=row["code"],
        label=row["label"],
        values=tuple(Decimal(value) for value in row["values"].split()),
        is_required=row["need"] == "required",
    )


def _band(row: dict[str, str]) -> Band:
    advice = Advice(row["advice"]) if row["advice"] else None
    return Band(least=Decimal(row["least"]), label=row["label"], advice=advice)


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath("scales").joinpath(f"{name}.tsv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
