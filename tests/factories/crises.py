"""Invented crises and the drugs prescribed ahead for them, through the commands."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from ppa.crises.commands import describe_crisis, prescribe_ahead
from ppa.crises.queries import crises_snapshot
from ppa.crises.records import CrisisSnapshot, DescribeCrisis, Order, PrescribeAhead, Told
from ppa.crises.states import DoseUnit, Giver, Route, Symptom

DRUG = "Morphine, ampoule de 10 mg/1 mL"


def told(**fields: object) -> Told:
    """Return what to do about pain."""
    values: dict[str, object] = {
        "symptom": Symptom.PAIN,
        "signs": "Elle serre les dents, ne parle plus.",
        "response": "Donner la dose prévue, rester près d’elle, appeler l’infirmière.",
        "call": "Infirmière, puis HAD, puis le 15",
        **fields,
    }
    return Told(**values)  # type: ignore[arg-type]  # (a factory takes any field)


def order(**fields: object) -> Order:
    """Return 5 mg of morphine every 4 hours, 30 mg a day at most."""
    values: dict[str, object] = {
        "drug": DRUG,
        "dose": Decimal(5),
        "unit": DoseUnit.MILLIGRAM,
        "route": Route.SUBCUTANEOUS,
        "interval_hours": Decimal(4),
        "max_24h": Decimal(30),
        "givers": frozenset({Giver.NURSE, Giver.PHYSICIAN}),
        "starts_on": today(),
        "review_by": today() + timedelta(days=30),
        "place": "Réfrigérateur de la cuisine, boîte bleue",
        **fields,
    }
    return Order(**values)  # type: ignore[arg-type]  # (a factory takes any field)


def crisis(person_id: UUID, by: Actor, **fields: object) -> UUID:
    """Return the id of a crisis that was foreseen, without any drug."""
    return describe_crisis(DescribeCrisis(person_id=person_id, told=told(**fields)), by=by).id


def prescription(crisis_id: UUID, by: Actor, **fields: object) -> UUID:
    """Return the id of a drug prescribed ahead for a crisis."""
    return prescribe_ahead(PrescribeAhead(crisis_id=crisis_id, order=order(**fields)), by=by).id


def foreseen(person_id: UUID, by: Actor, **fields: object) -> CrisisSnapshot:
    """Return a crisis with one drug."""
    crisis_id = crisis(person_id, by, **fields)
    prescription(crisis_id, by)
    return next(one for one in crises_snapshot(person_id) if one.id == crisis_id)
