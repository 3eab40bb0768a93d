"""A version of a scale as a Questionnaire: its items by code; wordings under licence are numbers, as everywhere.

Source: FHIR R4 Questionnaire; the answers name it by `url|version`.
"""

from fhir_bridge.r4.datatypes import Json, coding, compact
from fhir_bridge.r4.systems import LOCAL_QUESTIONNAIRE, LOCAL_SCALE
from ppa.assessments.scale import Item, Scale


def id_of(scale: Scale) -> str:
    """Return the id of the Questionnaire of one version of a scale."""
    return f"{scale.code}-{scale.version}"


def to_resource(scale: Scale, *, is_present: bool) -> Json:
    """Return the Questionnaire; one that a later version replaced is retired."""
    return compact(
        resourceType="Questionnaire",
        id=id_of(scale),
        url=f"{LOCAL_QUESTIONNAIRE}/{scale.code}",
        version=scale.version,
        title=scale.title,
        status="active" if is_present else "retired",
        subjectType=["Patient"],
        purpose=scale.source,
        code=[coding(LOCAL_SCALE, scale.code, scale.title)],
        item=[_item(item) for item in scale.items],
    )


def _item(item: Item) -> Json:
    whole = all(value == value.to_integral_value() for value in item.values)
    kind = "boolean" if item.is_yes_or_no else "integer" if whole else "decimal"
    return compact(
        linkId=item.code,
        text=item.label,
        type_=kind,
        required=True if item.is_required else None,
        answerOption=[{"valueInteger": int(value)} for value in item.values] if kind == "integer" else [],
    )
