"""The answers to a scale as a QuestionnaireResponse, under the id of the assessment.

Items whose wording is under licence carry their number only. Source: FHIR R4 QuestionnaireResponse.
"""

from decimal import Decimal
from typing import Final

from fhir_bridge.r4.datatypes import Json, compact, reference
from fhir_bridge.r4.systems import LOCAL_QUESTIONNAIRE
from ppa.assessments.records import AssessmentSnapshot
from ppa.assessments.scale import Item
from ppa.assessments.states import RESPONDENT_LABELS, AssessmentState, Respondent

STATUSES: Final = {AssessmentState.RECORDED: "completed", AssessmentState.CANCELLED: "entered-in-error"}


def to_resource(assessment: AssessmentSnapshot) -> Json:
    """Return the answers, by the codes of the items."""
    scale = assessment.scale
    return compact(
        resourceType="QuestionnaireResponse",
        id=str(assessment.id),
        questionnaire=f"{LOCAL_QUESTIONNAIRE}/{scale.code}|{scale.version}",
        status=STATUSES[assessment.state],
        subject=reference(f"Patient/{assessment.person_id}"),
        authored=assessment.assessed_on.isoformat(),
        author=reference(f"Practitioner/{assessment.assessor_id}") if assessment.assessor_id else None,
        source=_source(assessment),
        item=[
            {"linkId": item.code, "text": item.label, "answer": [_answer(item, assessment.answers[item.code])]}
            for item in scale.items
            if item.code in assessment.answers
        ],
    )


def _source(assessment: AssessmentSnapshot) -> Json | None:
    """Return who answered: the person, a relative whom nobody names, or the professional who observed her."""
    if assessment.respondent == Respondent.PERSON:
        return reference(f"Patient/{assessment.person_id}")
    if assessment.respondent == Respondent.RELATIVE:
        return reference(type_="RelatedPerson", display=RESPONDENT_LABELS[Respondent.RELATIVE])
    return reference(f"Practitioner/{assessment.assessor_id}") if assessment.assessor_id else None


def _answer(item: Item, value: Decimal) -> Json:
    if item.is_yes_or_no:
        return {"valueBoolean": bool(value)}
    if all(one == one.to_integral_value() for one in item.values):
        return {"valueInteger": int(value)}
    return {"valueDecimal": value}
