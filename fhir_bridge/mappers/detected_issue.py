"""A contradiction as a DetectedIssue: between which documents, and how it was settled; never what they say.

The words stay in the documents, whose own rights open them. An open one is preliminary, a settled one final.
Source: FHIR R4 DetectedIssue; interop_fr.md §9.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID, uuid5

from fhir_bridge.r4.datatypes import Json, compact, concept, reference
from ppa.contradictions.records import Contradiction, SettlementSnapshot
from ppa.contradictions.states import KIND_LABELS, OUTCOME_LABELS, SETTLED_WITH_LABELS, Kind

SHOWN_AS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.WITHIN: ("Consent", "Consent"),
    Kind.VERSIONS: ("Consent", "Consent"),
    Kind.PLAN: ("Consent", "CarePlan"),
    Kind.SHEET: ("Consent", "DocumentReference"),
    Kind.PRESCRIPTION: ("Consent", "MedicationRequest"),
    Kind.PLAN_SHEET: ("CarePlan", "DocumentReference"),
    Kind.PLAN_PRESCRIPTION: ("CarePlan", "MedicationRequest"),
    Kind.SHEET_PRESCRIPTION: ("DocumentReference", "MedicationRequest"),
}
"""What each passage is of; of a kind that is not here, the documents are not named."""


def to_resource(person_id: UUID, found: Contradiction, settlements: Sequence[SettlementSnapshot]) -> Json:
    """Return one contradiction with the settlements of it that stand, the latest first."""
    named = [
        f"{kind}/{passage.source_id}"
        for kind, passage in zip(SHOWN_AS.get(found.kind, ()), found.passages, strict=False)
    ]
    return compact(
        resourceType="DetectedIssue",
        id=str(uuid5(person_id, found.key)),
        status="final" if settlements else "preliminary",
        code=concept(text=KIND_LABELS[found.kind]),
        patient=reference(f"Patient/{person_id}"),
        identifiedDateTime=settlements[0].settled_on.isoformat() if settlements else None,
        implicated=[reference(address) for address in dict.fromkeys(named)],
        mitigation=[
            compact(
                action=concept(text=f"{OUTCOME_LABELS[one.outcome]}. Avec : {SETTLED_WITH_LABELS[one.settled_with]}"),
                date=one.settled_on.isoformat(),
                author=reference(display=one.settled_by) if one.settled_by else None,
            )
            for one in settlements
        ],
    )
