"""When a structure asks about directives and proposes a trusted person after an arrival: dated rules in a file, not code.

A rule holds for arrivals from its day on, until the next one of its kind of stay. The question is put to the
professional; the person answers if and when she wishes. A minor has neither: nothing is asked of her.
Source: CSP L1111-6, R1111-19; CASF L311-5-1; domain.md §2.4, §3; each row names its own.
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from accounts.kernel.clock import day_of
from pathway.stays.records import StaySnapshot
from pathway.stays.states import PRESENT, StayKind
from ppa.directives.rules import is_adult


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingRule:
    """One row: for arrivals from `starts_on` on, asked within `days`; `None` when nothing asks for it."""

    starts_on: date
    kind: StayKind
    days: int | None
    wording: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Where the question of one stay stands: due by a day, put on one, to be put again on another; each may be `None`."""

    due_by: date | None
    asked_on: date | None
    again_on: date | None
    today: date

    @property
    def waits(self) -> bool:
        """Tell whether somebody has to put it now."""
        if self.asked_on is None:
            return self.due_by is not None
        return self.again_on is not None and self.again_on <= self.today

    @property
    def by(self) -> date | None:
        """By when somebody has to put it; `None` when nothing waits."""
        if not self.waits:
            return None
        return self.due_by if self.asked_on is None else self.again_on

    @property
    def is_late(self) -> bool:
        """Tell whether it was to be put before today, and was not."""
        return self.by is not None and self.by < self.today


@cache
def asking_rules() -> tuple[AskingRule, ...]:
    """Return every rule, the oldest first."""
    text = files(__package__).joinpath("facts").joinpath("when_to_ask.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    rules = (
        AskingRule(
            starts_on=date.fromisoformat(row["from"]),
            kind=StayKind(row["kind"]),
            days=int(row["days"]) if row["days"] else None,
            wording=row["wording"],
            source=row["source"],
        )
        for row in rows
    )
    return tuple(sorted(rules, key=lambda rule: rule.starts_on))


def due_after(kind: StayKind, arrived_on: date) -> date | None:
    """Return by when the rule in force on the day of an arrival wants the question put; `None` when it does not."""
    rule = next(rule for rule in reversed(asking_rules()) if rule.kind == kind and rule.starts_on <= arrived_on)
    return arrived_on + timedelta(days=rule.days) if rule.days is not None else None


ASKING_KINDS = tuple(
    kind for kind in StayKind if any(rule.kind == kind and rule.days is not None for rule in asking_rules())
)
"""Kinds of stay in which some rule wants the question put."""


def question_of(stay: StaySnapshot, *, born: date, today: date) -> Question:
    """Return where the question of a stay stands: due while the person is there, and is of age."""
    asks = stay.state in PRESENT and stay.admitted_at is not None and is_adult(born, on=today)
    arrived_on = day_of(stay.admitted_at) if stay.admitted_at else today
    return Question(
        due_by=due_after(stay.kind, arrived_on) if asks else None,
        asked_on=stay.asked_on,
        again_on=stay.ask_again_on if asks else None,
        today=today,
    )
