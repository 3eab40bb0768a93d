"""The result of a scale as an Observation, under the id of the assessment.

Source: interop_fr.md §9 (scores: Observation, category survey, local codes); FHIR R4 Observation.
"""

from decimal import Decimal
from typing import Final

from fhir_bridge.r4.datatypes import Json, coding, compact, concept, reference
from fhir_bridge.r4.systems import LOCAL_SCALE, LOCAL_SCALE_ITEM, OBSERVATION_CATEGORY, UCUM
from ppa.assessments.records import AssessmentSnapshot
from ppa.assessments.states import AssessmentState

STATUSES: Final = {AssessmentState.RECORDED: "final", AssessmentState.CANCELLED: "entered-in-error"}
SCORE: Final = "{score}"


def to_resource(assessment: AssessmentSnapshot) -> Json:
    """Return the score, its words, and the answer to each item as a component."""
    scale, result = assessment.scale, assessment.result
    return compact(
        resourceType="Observation",
        id=str(assessment.id),
        status=STATUSES[assessment.state],
        category=[concept(coding(OBSERVATION_CATEGORY, "survey"))],
        code=concept(coding(LOCAL_SCALE, scale.code, scale.title)),
        subject=reference(f"Patient/{assessment.person_id}"),
        effectiveDateTime=assessment.assessed_on.isoformat(),
        performer=performers(assessment),
        valueQuantity=_score(result.score),
        interpretation=[concept(text=result.label)],
        note=[{"text": assessment.note}] if assessment.note else [],
        derivedFrom=[reference(f"QuestionnaireResponse/{assessment.id}")],
        component=[
            {
                "code": concept(coding(LOCAL_SCALE_ITEM, f"{scale.code}-{item.code}", item.label)),
                "valueQuantity": _score(assessment.answers[item.code]),
            }
            for item in scale.items
            if item.code in assessment.answers
        ],
    )


def performers(assessment: AssessmentSnapshot) -> list[Json]:
    """Return who noted it: the professional, and the organisation for which."""
    named = (("Practitioner", assessment.assessor_id), ("Organization", assessment.organisation_id))
    return [reference(f"{kind}/{id}") for kind, id in named if id is not None]


def _score(value: Decimal) -> Json:
    number: int | Decimal = int(value) if value == value.to_integral_value() else value
    return {"value": number, "unit": "score", "system": UCUM, "code": SCORE}
