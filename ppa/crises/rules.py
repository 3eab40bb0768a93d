"""Pure rules of prescriptions written ahead: what makes one impossible, what it is good to know before giving it.

Source: domain.md §6.4; the arithmetic and the horizons are ours.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final

from accounts.kernel.clock import PARIS
from accounts.kernel.errors import DomainError
from ppa.crises.records import (
    CheckHome,
    CrisisSnapshot,
    Order,
    PrescriptionSnapshot,
    Told,
    givers_line,
    interval,
    quantity,
)
from ppa.crises.states import ROUTE_LABELS, DoseUnit, Found, Giver, Route, Symptom

DAY: Final = Decimal(24)
LEAST_INTERVAL, LONGEST_INTERVAL = Decimal("0.25"), Decimal(168)
"""From a quarter of an hour to a week."""
SOON: Final = timedelta(days=7)
STALE_CHECK: Final = timedelta(days=30)


class CrisisUntold(DomainError):
    """A crisis says what may happen and what to do."""

    code = "crisis-untold"
    text = "Écrivez ce qui peut arriver et ce qui est convenu de faire."


class CrisisUnnamed(DomainError):
    """« Other » needs a name."""

    code = "crisis-unnamed"
    text = "Donnez en quelques mots le nom de ce qui peut arriver."


class PersonHasDied(DomainError):
    """Nothing is prescribed for a person who died."""

    code = "crisis-after-death"
    text = "Cette personne est décédée : ses conduites à tenir restent lisibles, elles ne se modifient plus."
    status = 409
    issue = "conflict"


class DrugMissing(DomainError):
    """A prescription names its drug."""

    code = "prescription-drug-missing"
    text = "Écrivez le nom du médicament, avec sa forme et son dosage."


class DoseNotPositive(DomainError):
    """A dose is more than nothing."""

    code = "prescription-dose"
    text = "La dose d’une prise doit être supérieure à zéro."


class IntervalOutOfRange(DomainError):
    """Two doses are some time apart."""

    code = "prescription-interval"
    text = "L’intervalle entre deux prises doit être compris entre un quart d’heure et sept jours."


class MaximumUnderDose(DomainError):
    """The most in 24 hours allows one dose at least."""

    code = "prescription-maximum-under-dose"
    text = "Le maximum sur 24 heures est plus petit qu’une seule prise. Vérifiez la dose et le maximum."


class MaximumOutOfReach(DomainError):
    """The most in 24 hours is no more than what the doses and their interval give: one of the three is wrong."""

    code = "prescription-maximum-out-of-reach"
    text = "Le maximum sur 24 heures ne peut pas être atteint avec cette dose et cet intervalle. Vérifiez les trois."


class GiversMissing(DomainError):
    """A prescription says who may give it."""

    code = "prescription-givers-missing"
    text = "Indiquez qui peut donner ce médicament."


class PlaceMissing(DomainError):
    """A prescription says where the drug is kept."""

    code = "prescription-place-missing"
    text = "Indiquez où se trouve le médicament (pièce, meuble, pharmacie…)."


class ReviewPassed(DomainError):
    """A prescription is not written for a past that is over."""

    code = "prescription-review-passed"
    text = "La date de réévaluation est déjà passée. Choisissez un jour à venir."


class ReviewBeforeStart(DomainError):
    """A prescription begins before it is looked at again."""

    code = "prescription-review-before-start"
    text = "La réévaluation est prévue avant le début de la prescription. Vérifiez les deux dates."


class CheckedInFuture(DomainError):
    """Nobody has looked tomorrow."""

    code = "home-check-in-future"
    text = "Cette date est dans le futur. Indiquez le jour où quelqu’un a regardé."


class PrescriptionStopped(DomainError):
    """A prescription that was stopped or replaced is not acted on any more."""

    code = "prescription-stopped"
    text = "Cette prescription n’est plus en vigueur. Rechargez la page pour voir celle qui l’a remplacée."
    status = 409
    issue = "conflict"


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to know before relying on a prescription; `tone` is one of the look's tones."""

    tone: str
    text: str


def check_alive(died_on: date | None) -> None:
    """Raise `PersonHasDied` once a death is recorded."""
    if died_on is not None:
        raise PersonHasDied


def check_told(told: Told) -> None:
    """Raise unless it says what may happen, under which name, and what to do."""
    if told.symptom == Symptom.OTHER and not told.title.strip():
        raise CrisisUnnamed(field="title")
    for name in ("signs", "response"):
        if not getattr(told, name).strip():
            raise CrisisUntold(field=name)


def check_order(order: Order, *, today: date) -> None:
    """Raise the first rule that a prescription breaks."""
    if not order.drug.strip():
        raise DrugMissing(field="drug")
    if order.dose <= 0:
        raise DoseNotPositive(field="dose")
    if not LEAST_INTERVAL <= order.interval_hours <= LONGEST_INTERVAL:
        raise IntervalOutOfRange(field="interval_hours")
    _check_maximum(order)
    if not order.givers:
        raise GiversMissing(field="givers")
    if not order.place.strip():
        raise PlaceMissing(field="place")
    if order.review_by < today:
        raise ReviewPassed(field="review_by")
    if order.review_by < order.starts_on:
        raise ReviewBeforeStart(field="review_by")


def check_home(record: CheckHome, *, today: date) -> None:
    """Raise unless somebody could have looked that day."""
    if record.checked_on > today:
        raise CheckedInFuture(field="checked_on")


def doses_a_day(order: Order) -> int:
    """Return how many doses 24 hours may hold by the interval alone: the first one at their beginning, one at least."""
    return int((DAY / order.interval_hours).to_integral_value(ROUND_CEILING))


def most_doses(order: Order) -> int:
    """Return how many whole doses may be given in 24 hours, by the interval and by the maximum."""
    return min(doses_a_day(order), int(order.max_24h / order.dose))


def flags_of(prescription: PrescriptionSnapshot, *, today: date) -> tuple[Flag, ...]:
    """Return what to know before relying on a prescription, the gravest first."""
    order, home = prescription.order, prescription.home
    found = []
    if order.review_by < today:
        found.append(Flag("crit", f"À réévaluer depuis le {order.review_by:%d/%m/%Y}"))
    if home is None:
        found.append(Flag("warn", "Personne n’a encore vérifié que le médicament est là"))
    else:
        found += _home_flags(home.found, home.expires_on, home.checked_on, today=today)
    if order.starts_on > today:
        found.append(Flag("info", f"Commence le {order.starts_on:%d/%m/%Y}"))
    if today <= order.review_by <= today + SOON:
        found.append(Flag("warn", f"À réévaluer avant le {order.review_by:%d/%m/%Y}"))
    if order.max_24h % order.dose and most_doses(order) < doses_a_day(order):
        left = quantity(order.max_24h - most_doses(order) * order.dose, order.unit)
        found.append(Flag("info", f"Le maximum n’est pas un nombre entier de prises : il reste {left}"))
    return tuple(sorted(found, key=lambda flag: ("crit", "warn", "info").index(flag.tone)))


def order_line(order: Order) -> str:
    """Return a whole prescription as one sentence."""
    return (
        f"{quantity(order.dose, order.unit)}, {ROUTE_LABELS[order.route].lower()}, au moins {interval(order.interval_hours)}"
        f" entre deux prises, {quantity(order.max_24h, order.unit)} au plus en 24\u00a0heures. Qui peut le donner\u00a0:"
        f" {givers_line(order.givers).lower()}. Où\u00a0: {order.place}. À réévaluer avant le {order.review_by:%d/%m/%Y}."
    )


def home_line(prescription: PrescriptionSnapshot) -> str:
    """Return what was really found at home the last time that somebody looked, as a paper says it."""
    home = prescription.home
    if home is None:
        return "pas encore vérifié"
    expiry = f", périme le {home.expires_on:%d/%m/%Y}" if home.expires_on else ""
    return f"{home.label.lower()}, vu le {home.checked_on:%d/%m/%Y}{expiry}"


def crises_content(crises: Iterable[CrisisSnapshot]) -> list[dict[str, Any]]:
    """Return what the person agrees to of her anticipated crises, in one canonical form.

    What is found at home is left out, so that looking never undoes an agreement.
    """
    return [
        {
            "id": str(crisis.id),
            "symptom": str(crisis.told.symptom),
            "title": crisis.title,
            "signs": crisis.told.signs,
            "response": crisis.told.response,
            "call": crisis.told.call,
            "prescriptions": [
                {
                    "id": str(one.id),
                    "prescriber_id": str(one.prescriber_id) if one.prescriber_id else None,
                    "prescriber": one.prescriber,
                    "written_on": one.written_at.astimezone(PARIS).date().isoformat(),
                    **order_content(one.order),
                }
                for one in crisis.prescriptions
            ],
        }
        for crisis in crises
    ]


def crises_lines(content: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the crises of a content as a page reads them: each prescription as one sentence."""
    return [
        {
            **crisis,
            "drugs": [
                {"drug": one["drug"], "line": order_line(order_from(one)), "remark": one["remark"]}
                for one in crisis["prescriptions"]
            ],
        }
        for crisis in content
    ]


def order_content(order: Order) -> dict[str, Any]:
    """Return a prescription as values that JSON holds; the numbers as texts, without loss."""
    return {
        "drug": order.drug,
        "dose": f"{order.dose.normalize():f}",
        "unit": str(order.unit),
        "route": str(order.route),
        "interval_hours": f"{order.interval_hours.normalize():f}",
        "max_24h": f"{order.max_24h.normalize():f}",
        "givers": sorted(order.givers),
        "starts_on": order.starts_on.isoformat(),
        "review_by": order.review_by.isoformat(),
        "place": order.place,
        "remark": order.remark,
    }


def order_from(content: Mapping[str, Any]) -> Order:
    """Return the prescription that `order_content` wrote."""
    return Order(
        drug=content["drug"],
        dose=Decimal(content["dose"]),
        unit=DoseUnit(content["unit"]),
        route=Route(content["route"]),
        interval_hours=Decimal(content["interval_hours"]),
        max_24h=Decimal(content["max_24h"]),
        givers=frozenset(map(Giver, content["givers"])),
        starts_on=date.fromisoformat(content["starts_on"]),
        review_by=date.fromisoformat(content["review_by"]),
        place=content["place"],
        remark=content["remark"],
    )


def _check_maximum(order: Order) -> None:
    if order.max_24h < order.dose:
        raise MaximumUnderDose(field="max_24h")
    if order.max_24h > order.dose * doses_a_day(order):
        raise MaximumOutOfReach(field="max_24h")


def _home_flags(found: Found, expires_on: date | None, checked_on: date, *, today: date) -> list[Flag]:
    flags = []
    if found == Found.ABSENT:
        flags.append(Flag("crit", "Absent du domicile"))
    elif found == Found.PARTIAL:
        flags.append(Flag("warn", "Il en manque au domicile"))
    if found != Found.ABSENT and expires_on is not None and expires_on < today:
        flags.append(Flag("crit", f"Périmé depuis le {expires_on:%d/%m/%Y}"))
    if checked_on < today - STALE_CHECK:
        flags.append(Flag("warn", f"Pas vérifié depuis le {checked_on:%d/%m/%Y}"))
    return flags
