"""A stay as an Encounter.

Source: interop_fr.md §9.5 (class of J142, identifier VN); the French profile is not claimed.
"""

from typing import Final

from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, identifier, period, reference
from fhir_bridge.r4.systems import LOCAL, URI, V2_0203, V3_ACT_CODE, VISIT_TYPE
from pathway.referrals.states import DESTINATION_LABELS, Destination
from pathway.stays.records import StaySnapshot
from pathway.stays.states import STAY_KIND_LABELS, StayKind, StayState

DISCHARGE: Final = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
LOCAL_DESTINATION: Final = f"{LOCAL}/destination"

_STATUS = {
    StayState.PLANNED: "planned",
    StayState.IN_PROGRESS: "in-progress",
    StayState.ON_LEAVE: "onleave",
    StayState.FINISHED: "finished",
    StayState.CANCELLED: "cancelled",
}
_CLASS = {
    StayKind.HOSPITAL: "IMP",
    StayKind.HOME_HOSPITAL: "IMP",
    StayKind.HOUSE: "HH",
    StayKind.HOME: "HH",
}
_DISPOSITION = {
    Destination.HOME_WITHOUT_HAD: "home",
    Destination.HOME_WITH_HAD: "home",
    Destination.OTHER_STRUCTURE: "other-hcf",
    Destination.CARE_HOME: "long",
    Destination.DIED: "exp",
    Destination.OTHER: "oth",
}


def to_resource(stay: StaySnapshot) -> Json:
    """Return the Encounter of a stay; a cancelled one keeps its place, so that a partner learns of it."""
    code = _CLASS[stay.kind]
    return compact(
        resourceType="Encounter",
        id=str(stay.id),
        identifier=[identifier(URI, f"urn:uuid:{stay.id}", type_=concept(coding(V2_0203, VISIT_TYPE)))],
        status=_STATUS[stay.state],
        class_=coding(V3_ACT_CODE, code, code_list("encounter_classes").display(V3_ACT_CODE, code)),
        type_=[concept(text=STAY_KIND_LABELS[stay.kind])],
        subject=reference(f"Patient/{stay.person_id}"),
        basedOn=[reference(f"ServiceRequest/{stay.request_id}")] if stay.request_id else None,
        period=_period(stay),
        hospitalization=_hospitalization(stay),
        serviceProvider=reference(f"Organization/{stay.organisation_id}"),
    )


def _period(stay: StaySnapshot) -> Json:
    if stay.admitted_at is None:
        return period(start=stay.planned_for)
    return period(start=stay.admitted_at, end=stay.ended_at)


def _hospitalization(stay: StaySnapshot) -> Json | None:
    if stay.destination is None:
        return None
    label = DESTINATION_LABELS[stay.destination]
    return compact(
        dischargeDisposition=concept(
            coding(DISCHARGE, _DISPOSITION[stay.destination]),
            coding(LOCAL_DESTINATION, str(stay.destination), label),
            text=label,
        )
    )
