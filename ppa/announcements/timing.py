"""When the proposal of a plan is due after an announcement: dated rules in a file, not code.

A rule holds for announcements made from its day on, until the next one of its trigger.
Source: domain.md §1.2 to §1.4; each row names its own.
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

from ppa.announcements.states import Trigger


class Duty(StrEnum):
    """How strongly a proposal is asked for."""

    DUE = "due"
    IF_USEFUL = "if_useful"


class Wording(StrEnum):
    """How sure the wording of the rule is."""

    VERIFIED = "verified"
    BILL = "bill"
    ASSUMED = "assumed"


WORDING_LABELS = {
    Wording.VERIFIED: "texte vérifié",
    Wording.BILL: "texte lu dans la proposition de loi, à vérifier",
    Wording.ASSUMED: "hypothèse, à vérifier",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingRule:
    """One row: for announcements from `starts_on` on; `days` is `None` when no delay was ever told."""

    starts_on: date
    trigger: Trigger
    duty: Duty
    days: int | None
    wording: Wording
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a rule says of one announcement: by when to propose a plan, and how sure that is."""

    rule: TimingRule
    by: date | None

    @property
    def is_asked(self) -> bool:
        """Tell whether the proposal is due, and not only useful."""
        return self.rule.duty == Duty.DUE

    @property
    def wording_label(self) -> str:
        """How sure the wording is, in words."""
        return WORDING_LABELS[self.rule.wording]

    def is_late(self, today: date) -> bool:
        """Tell whether a proposal that is asked for has not come in time."""
        return self.is_asked and self.by is not None and self.by < today


@cache
def timing_rules() -> tuple[TimingRule, ...]:
    """Return every rule, the oldest first."""
    text = files(__package__).joinpath("facts").joinpath("when_to_propose.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    rules = (
        TimingRule(
            starts_on=date.fromisoformat(row["from"]),
            trigger=Trigger(row["trigger"]),
            duty=Duty(row["duty"]),
            days=int(row["days"]) if row["days"] else None,
            wording=Wording(row["wording"]),
            source=row["source"],
        )
        for row in rows
    )
    return tuple(sorted(rules, key=lambda rule: rule.starts_on))


def due_after(trigger: Trigger, announced_on: date) -> Due:
    """Return what the rule in force on the day of an announcement says."""
    rule = next(rule for rule in reversed(timing_rules()) if rule.trigger == trigger and rule.starts_on <= announced_on)
    return Due(rule=rule, by=announced_on + timedelta(days=rule.days) if rule.days is not None else None)
