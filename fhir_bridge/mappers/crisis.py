"""An anticipated crisis as a CarePlan of its own, and each drug prescribed ahead for it as a MedicationRequest.

The plan that holds them points at both. Doses are given when needed: `timing` is the least time between two of them.
Source: interop_fr.md §9.3; SNOMED CT codes of routes (International Edition), UCUM.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from fhir_bridge.mappers.care_plan import said
from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, instant, reference
from fhir_bridge.r4.systems import LOCAL_CARE_PLAN_CATEGORY, SNOMED, UCUM
from ppa.crises.records import CrisisSnapshot, Order, PrescriptionSnapshot
from ppa.crises.rules import home_line, order_line
from ppa.crises.states import ROUTE_LABELS, SYMPTOM_LABELS, UNIT_LABELS, CrisisState, DoseUnit, Route

STATUSES: Final[Mapping[CrisisState, str]] = {CrisisState.ACTIVE: "active", CrisisState.WITHDRAWN: "revoked"}
ROUTES: Final[Mapping[Route, str]] = {
    Route.ORAL: "26643006",
    Route.SUBLINGUAL: "37839007",
    Route.BUCCAL: "54471007",
    Route.SUBCUTANEOUS: "34206005",
    Route.TRANSDERMAL: "45890007",
    Route.NASAL: "46713006",
    Route.RECTAL: "37161004",
    Route.INTRAVENOUS: "47625008",
}
"""Routes with a code; the others are told in words."""
UNITS: Final[Mapping[DoseUnit, str]] = {
    DoseUnit.MILLIGRAM: "mg",
    DoseUnit.MICROGRAM: "ug",
    DoseUnit.GRAM: "g",
    DoseUnit.MILLILITRE: "mL",
    DoseUnit.UNIT: "[iU]",
    DoseUnit.DROP: "[drp]",
}
CATEGORY: Final = (LOCAL_CARE_PLAN_CATEGORY, "anticipated-crisis")


def to_resource(crisis: CrisisSnapshot) -> Json:
    """Return what may happen and what was agreed to do then."""
    return compact(
        resourceType="CarePlan",
        id=str(crisis.id),
        status=STATUSES[crisis.state],
        intent="plan",
        category=[concept(coding(*CATEGORY, code_list("local").display(*CATEGORY)))],
        title=said(crisis.title),
        description=said(crisis.told.response),
        subject=reference(f"Patient/{crisis.person_id}"),
        created=instant(crisis.created_at),
        author=reference(f"Practitioner/{crisis.author_id}") if crisis.author_id else None,
        contributor=[reference(f"Organization/{crisis.organisation_id}")] if crisis.organisation_id else [],
        activity=[
            {"reference": reference(f"MedicationRequest/{one.id}")}
            for one in crisis.prescriptions
            if one.stopped_at is None
        ],
        note=[
            {"text": f"{label} : {said(text)}"}
            for label, text in (("À quoi on le reconnaît", crisis.told.signs), ("Qui appeler", crisis.told.call))
            if said(text)
        ],
    )


def to_medication_request(crisis: CrisisSnapshot, prescription: PrescriptionSnapshot) -> Json:
    """Return one drug prescribed ahead, with its limits, who may give it, where it is kept and what was found there."""
    order = prescription.order
    return compact(
        resourceType="MedicationRequest",
        id=str(prescription.id),
        status="stopped" if prescription.stopped_at else "active",
        intent="proposal",
        medicationCodeableConcept=concept(text=said(order.drug)),
        subject=reference(f"Patient/{crisis.person_id}"),
        supportingInformation=[reference(f"CarePlan/{crisis.id}")],
        authoredOn=instant(prescription.written_at),
        requester=reference(f"Practitioner/{prescription.prescriber_id}") if prescription.prescriber_id else None,
        reasonCode=[concept(text=said(crisis.title))],
        note=[
            {"text": f"Où : {said(order.place)}"},
            _at_home(prescription),
            *([{"text": remark}] if (remark := said(order.remark)) else []),
        ],
        dosageInstruction=[
            compact(
                text=said(order_line(order)),
                patientInstruction=said(crisis.told.signs),
                timing={"repeat": _interval(order)},
                asNeededCodeableConcept=concept(text=SYMPTOM_LABELS[crisis.told.symptom]),
                route=_route(order.route),
                doseAndRate=[{"doseQuantity": _quantity(order.dose, order.unit)}],
                maxDosePerPeriod={
                    "numerator": _quantity(order.max_24h, order.unit),
                    "denominator": {"value": 24, "unit": "heures", "system": UCUM, "code": "h"},
                },
            )
        ],
        dispenseRequest={
            "validityPeriod": {"start": order.starts_on.isoformat(), "end": order.review_by.isoformat()},
        },
    )


def _at_home(prescription: PrescriptionSnapshot) -> Json:
    """Return what was really found at home, by whom and on which day, the last time that somebody looked."""
    home, line = prescription.home, f"Au domicile : {home_line(prescription)}"
    if home is None:
        return {"text": line}
    note = said(home.note)
    return compact(
        authorString=said(home.checker) or None,
        time=home.checked_on.isoformat(),
        text=f"{line}. {note}" if note else line,
    )


def _interval(order: Order) -> Json:
    return {"frequency": 1, "period": _plain(order.interval_hours), "periodUnit": "h"}


def _route(route: Route) -> Json:
    code = ROUTES.get(route)
    return concept(*([coding(SNOMED, code)] if code else []), text=ROUTE_LABELS[route])


def _quantity(value: Decimal, unit: DoseUnit) -> Json:
    code = UNITS.get(unit)
    coded: dict[str, Any] = {"system": UCUM, "code": code} if code else {}
    return {"value": _plain(value), "unit": UNIT_LABELS[unit], **coded}


def _plain(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value
