"""When relatives are told and called back after a death: dated rules in a file, not code.

A rule holds for deaths from its day on, until the next one of its step. No text fixes these
delays: they are ours, to be confirmed; each row says so.
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Final

NEWS: Final = "news"
"""The first contact: she is told of the death."""
BY_HAND: Final = "by_hand"
"""A contact that somebody planned beside the rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRule:
    """One row: for deaths from `starts_on` on, a contact `days` after the death."""

    starts_on: date
    step: str
    label: str
    days: int
    wording: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """A contact that the rules foresee after one death."""

    step: str
    due_on: date


@cache
def contact_rules() -> tuple[ContactRule, ...]:
    """Return every rule, the oldest first."""
    text = files(__package__).joinpath("facts").joinpath("contacts.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    rules = (
        ContactRule(
            starts_on=date.fromisoformat(row["from"]),
            step=row["step"],
            label=row["label"],
            days=int(row["days"]),
            wording=row["wording"],
            source=row["source"],
        )
        for row in rows
    )
    return tuple(sorted(rules, key=lambda rule: rule.starts_on))


def foreseen_after(died_on: date) -> tuple[Foreseen, ...]:
    """Return the contacts that the rules in force on the day of a death foresee, the earliest first."""
    in_force = {rule.step: rule for rule in contact_rules() if rule.starts_on <= died_on}
    found = (Foreseen(step=rule.step, due_on=died_on + timedelta(days=rule.days)) for rule in in_force.values())
    return tuple(sorted(found, key=lambda one: one.due_on))


def step_label(step: str) -> str:
    """Return a step in words."""
    return next((rule.label for rule in reversed(contact_rules()) if rule.step == step), "Appel convenu avec ce proche")
