"""A coordination file as an EpisodeOfCare of its DAC. Source: interop_fr.md §9.5."""

from collections.abc import Mapping
from typing import Final

from fhir_bridge.r4.datatypes import Json, compact, period, reference
from pathway.cases.records import CaseSnapshot
from pathway.cases.states import CaseState

STATUSES: Final[Mapping[CaseState, str]] = {
    CaseState.SIGNALLED: "planned",
    CaseState.INCLUDED: "waitlist",
    CaseState.ASSIGNED: "waitlist",
    CaseState.ACTIVE: "active",
    CaseState.HANDED_OVER: "active",
    CaseState.CLOSED: "finished",
    CaseState.DECLINED: "cancelled",
}


def to_resource(case: CaseSnapshot) -> Json:
    """Return the EpisodeOfCare: who follows the person, from her inclusion to the end of the support."""
    return compact(
        resourceType="EpisodeOfCare",
        id=str(case.id),
        status=STATUSES[case.state],
        patient=reference(f"Patient/{case.person_id}"),
        managingOrganization=reference(f"Organization/{case.organisation_id}"),
        period=period(case.included_at, case.closed_at) if case.included_at else None,
        careManager=reference(f"Practitioner/{case.coordinator_id}") if case.coordinator_id else None,
    )
