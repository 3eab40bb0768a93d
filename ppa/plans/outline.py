"""The topics that a plan may speak of, as versioned files: a new model of plan is a new file, not new code.

Source: domain.md §1.4 (topics); titles, prompts and their plain-words twins are ours.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from accounts.kernel.errors import NotFound
from ppa.plans.states import Domain

PRESENT: Final = "2026-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic. `prompt` is for professionals, `easy` for the person, in easy-to-read French (FALC)."""

    code: str
    domain: Domain
    title: str
    prompt: str
    easy: str


@cache
def outline(version: str = PRESENT) -> tuple[Topic, ...]:
    """Return the topics of one version, in order."""
    text = files(__package__).joinpath("outlines").joinpath(f"{version}.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(
        Topic(
            code=row["code"],
            domain=Domain(row["domain"]),
            title=row["title"],
            prompt=row["prompt"],
            easy=row["easy"],
        )
        for row in rows
    )


def topic(code: str, *, version: str = PRESENT) -> Topic:
    """Return one topic of a version; raises `NotFound`."""
    for found in outline(version):
        if found.code == code:
            return found
    raise NotFound
