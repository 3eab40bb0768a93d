"""Anticipated crises as commands take them and as pages, plans, papers and the bridge read them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from ppa.crises.states import (
    FOUND_LABELS,
    GIVER_LABELS,
    ROUTE_LABELS,
    SYMPTOM_LABELS,
    UNIT_LABELS,
    CrisisState,
    DoseUnit,
    Found,
    Giver,
    Route,
    Symptom,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What may happen and what was agreed: `title` names it when it is another than the listed ones, `call` is whom to call."""

    symptom: Symptom
    signs: str
    response: str
    title: str = ""
    call: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeCrisis:
    """A crisis was foreseen with the person."""

    person_id: UUID
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class RewordCrisis:
    """What may happen, or what to do then, is said otherwise."""

    crisis_id: UUID
    version: int | None
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawCrisis:
    """A crisis is feared no more, or was noted by mistake; it stays in the history."""

    crisis_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A drug prescribed ahead, to be given when needed.

    `dose` and `max_24h` are in `unit`; `interval_hours` is the least time between two
    doses; the prescription is to be looked at again by `review_by`, that day included.
    """

    drug: str
    dose: Decimal
    unit: DoseUnit
    route: Route
    interval_hours: Decimal
    max_24h: Decimal
    givers: frozenset[Giver]
    starts_on: date
    review_by: date
    place: str
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderToReview:
    """A drug prescribed ahead whose day of review is past, for a desk."""

    person_id: UUID
    drug: str
    review_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PrescribeAhead:
    """A physician prescribes a drug for an anticipated crisis; `replaces_id` is the prescription that this one takes over."""

    crisis_id: UUID
    order: Order
    replaces_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPrescription:
    """A prescription written ahead holds no more."""

    prescription_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckHome:
    """Somebody looked whether the drug is really where it should be; `expires_on` is what its box says."""

    prescription_id: UUID
    checked_on: date
    found: Found
    expires_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSnapshot:
    """What was found the last time that somebody looked."""

    checked_on: date
    found: Found
    expires_on: date | None
    note: str
    checker: str

    @property
    def label(self) -> str:
        """What was found, in words."""
        return FOUND_LABELS[self.found]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrescriptionSnapshot:
    """A prescription written ahead; `home` is `None` before anybody looked, `stopped_at` while it holds."""

    id: UUID
    order: Order
    prescriber_id: UUID | None
    prescriber: str
    written_at: datetime
    home: HomeSnapshot | None = None
    stopped_at: datetime | None = None

    @property
    def dose_label(self) -> str:
        """One dose, « 5 mg »."""
        return quantity(self.order.dose, self.order.unit)

    @property
    def max_label(self) -> str:
        """The most that may be given in 24 hours."""
        return quantity(self.order.max_24h, self.order.unit)

    @property
    def interval_label(self) -> str:
        """The least time between two doses."""
        return interval(self.order.interval_hours)

    @property
    def route_label(self) -> str:
        """How it is given."""
        return ROUTE_LABELS[self.order.route]

    @property
    def givers_label(self) -> str:
        """Who may give it."""
        return givers_line(self.order.givers)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrisisSnapshot:
    """An anticipated crisis with its prescriptions, in the order they were written: those that hold now, or all of them."""

    id: UUID
    version: int
    person_id: UUID
    state: CrisisState
    told: Told
    author_id: UUID | None
    author: str
    organisation_id: UUID | None
    created_at: datetime
    updated_at: datetime
    prescriptions: tuple[PrescriptionSnapshot, ...]

    @property
    def title(self) -> str:
        """What is feared, in a few words."""
        return self.told.title or SYMPTOM_LABELS[self.told.symptom]


def number(value: Decimal) -> str:
    """Return a number as it is written in French: « 2,5 »."""
    return f"{value.normalize():f}".replace(".", ",")


def quantity(value: Decimal, unit: DoseUnit) -> str:
    """Return a quantity with its unit, the space between them unbreakable."""
    return f"{number(value)}\u00a0{UNIT_LABELS[unit]}"


def givers_line(givers: Collection[Giver]) -> str:
    """Return who may give a drug, in the order of the list: « Un infirmier, un médecin »."""
    labels = [label for giver, label in GIVER_LABELS.items() if giver in givers]
    return ", ".join([*labels[:1], *(f"{label[:1].lower()}{label[1:]}" for label in labels[1:])])


def interval(hours: Decimal) -> str:
    """Return the least time between two doses, in minutes under one hour."""
    return f"{number(hours * 60)}\u00a0min" if hours < 1 else f"{number(hours)}\u00a0h"
