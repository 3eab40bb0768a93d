"""The topics that a plan may speak of, as versioned files: a new model of plan is a new file and its line in the index, not new code.

A code means the same topic in every outline, so that it has one domain. A plan keeps the outline that it was begun with.
Source: domain.md §1.3 (a model for adults, one for children capable of discernment), §1.4 (topics); the titles,
prompts and their plain-words twins are ours.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from accounts.kernel.errors import NotFound
from ppa.plans.states import Domain

FOLDER = files(__package__).joinpath("outlines")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic. `prompt` is for professionals, `easy` for the person, in easy-to-read French (FALC), with its `picture`."""

    code: str
    domain: Domain
    title: str
    prompt: str
    easy: str
    picture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One model of plan, for the ages in years from `from_age` to `to_age`, both included; `None` for no end.

    `address` is how its plain words speak to the person: vous or tu. What is no longer offered is kept for its plans.
    """

    version: str
    title: str
    from_age: int
    to_age: int | None
    address: str
    is_offered: bool


@cache
def outlines() -> tuple[Outline, ...]:
    """Return every outline, those that are no longer offered included."""
    return tuple(
        Outline(
            version=row["version"],
            title=row["title"],
            from_age=int(row["from_age"]),
            to_age=int(row["to_age"]) if row["to_age"] else None,
            address=row["address"],
            is_offered=row["offered"] == "yes",
        )
        for row in _rows("index")
    )


def offered() -> tuple[Outline, ...]:
    """Return the outlines that a plan may begin with."""
    return tuple(one for one in outlines() if one.is_offered)


def outline_named(version: str) -> Outline:
    """Return one outline; raises `NotFound`."""
    for one in outlines():
        if one.version == version:
            return one
    raise NotFound


def outline_for(age: int) -> Outline:
    """Return the outline that is offered to a person of that age; raises `NotFound`."""
    for one in offered():
        if one.from_age <= age and (one.to_age is None or age <= one.to_age):
            return one
    raise NotFound


@cache
def outline(version: str = "2026-1") -> tuple[Topic, ...]:
    """Return the topics of one version, in order."""
    return tuple(
        Topic(
            code=row["code"],
            domain=Domain(row["domain"]),
            title=row["title"],
            prompt=row["prompt"],
            easy=row["easy"],
            picture=row["picture"],
        )
        for row in _rows(version)
    )


def topic(code: str, *, version: str = "2026-1") -> Topic:
    """Return one topic of a version; raises `NotFound`."""
    for found in outline(version):
        if found.code == code:
            return found
    raise NotFound


@cache
def domains() -> dict[str, Domain]:
    """Return the domain of each code of every outline; raises `ValueError` when two outlines disagree."""
    found: dict[str, Domain] = {}
    for one in outlines():
        for each in outline(one.version):
            if found.setdefault(each.code, each.domain) != each.domain:
                raise ValueError(f"Topic {each.code} has two domains.")
    return found


def domain_of(code: str) -> Domain:
    """Return whose part a topic is, in whatever outline; raises `NotFound`."""
    if code not in domains():
        raise NotFound
    return domains()[code]


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = FOLDER.joinpath(f"{name}.tsv").read_text("utf-8")
    yield from csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
