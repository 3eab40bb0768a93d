"""Each assessment of the level of gradation as an Observation: EpisodeOfCare has no element for it.

Source: domain.md §5.1 (three levels); FHIR R4 Observation.
"""

from typing import Final

from fhir_bridge.mappers.care_plan import said
from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, reference
from fhir_bridge.r4.systems import LOCAL_GRADATION, OBSERVATION_CATEGORY
from pathway.cases.records import AssessedLevel, CaseSnapshot

LEVEL: Final = (LOCAL_GRADATION, "level")


def to_resources(case: CaseSnapshot) -> list[Json]:
    """Return every assessment of the level in one coordination file, with its reason; the latest day is the level now."""
    return [_observation(case, one) for one in case.levels]


def _observation(case: CaseSnapshot, assessed: AssessedLevel) -> Json:
    code = (LOCAL_GRADATION, str(assessed.level))
    assessor = [reference(f"Practitioner/{assessed.assessor_id}")] if assessed.assessor_id else []
    return compact(
        resourceType="Observation",
        id=str(assessed.id),
        status="final",
        category=[concept(coding(OBSERVATION_CATEGORY, "survey"))],
        code=concept(coding(*LEVEL, code_list("local").display(*LEVEL))),
        subject=reference(f"Patient/{case.person_id}"),
        focus=[reference(f"EpisodeOfCare/{case.id}")],
        effectiveDateTime=assessed.assessed_on.isoformat(),
        performer=[*assessor, reference(f"Organization/{case.organisation_id}")],
        valueCodeableConcept=concept(coding(*code, code_list("local").display(*code))),
        note=[{"text": said(assessed.reason)}] if said(assessed.reason) else [],
    )
