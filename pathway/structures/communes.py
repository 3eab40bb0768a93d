"""Communes by INSEE code, read once from `data/communes.csv` (its source and licence are in `data/README.md`)."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Commune:
    """One commune: INSEE code, name, first postal code, département."""

    code: str
    name: str
    postal_code: str
    departement: str


@cache
def communes() -> Mapping[str, Commune]:
    """Return every known commune by INSEE code."""
    text = files("pathway.structures").joinpath("data/communes.csv").read_text("utf-8")
    rows = csv.reader(text.splitlines()[1:], delimiter=";")
    return {code: Commune(code, name, postal, departement) for code, name, postal, departement in rows}
