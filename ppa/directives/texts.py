"""The legal text that applied at the date of a document, and the headings of the official models: dated tables, not code.

Source: CSP L1111-11, R1111-17, R1111-18; `facts/README.md` tells what was verified.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files

from ppa.directives.states import Model


class Verified(StrEnum):
    """How the wording of a text is known."""

    VERIFIED = "verified"
    BILL = "bill"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalText:
    """One state of the law. `means` says in plain French what it changes for a document of that time."""

    code: str
    starts_on: date
    title: str
    means: str
    proof: Verified
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """One heading of the official models, in the words of the file and (`own_`) in those of the person who fills her form."""

    code: str
    models: frozenset[Model]
    title: str
    help: str
    own_title: str
    own_help: str


@cache
def legal_texts() -> tuple[LegalText, ...]:
    """Return every text, oldest first."""
    return tuple(
        LegalText(
            code=row["code"],
            starts_on=date.fromisoformat(row["from"]),
            title=row["title"],
            means=row["means"],
            proof=Verified(row["proof"]),
            source=row["source"],
        )
        for row in _rows("legal_texts.tsv")
    )


def text_on(day: date) -> LegalText:
    """Return the text in force on a day."""
    return next(text for text in reversed(legal_texts()) if text.starts_on <= day)


def text_named(code: str) -> LegalText:
    """Return a text by its code; raises `KeyError`."""
    return {text.code: text for text in legal_texts()}[code]


@cache
def headings() -> tuple[Heading, ...]:
    """Return the headings of both models, in the order of the forms."""
    return tuple(
        Heading(
            code=row["code"],
            models=frozenset(Model(one) for one in row["models"].split(",")),
            title=row["title"],
            help=row["help"],
            own_title=row["own_title"],
            own_help=row["own_help"],
        )
        for row in _rows("headings_2016.tsv")
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files(__package__).joinpath("facts").joinpath(name).read_text("utf-8")
    return csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
