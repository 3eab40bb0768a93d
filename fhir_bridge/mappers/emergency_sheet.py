"""A signed version of the emergency sheet as a DocumentReference: in force, or superseded by the next.

Source: interop_fr.md §2.2 (emergency sheet, LOINC 74207-2, class 11); domain.md §6.1.
"""

from fhir_bridge.mappers import document_reference
from fhir_bridge.mappers.document_reference import EMERGENCY_SHEET_USE
from fhir_bridge.r4.datatypes import Json
from ppa.emergency_sheets.records import SheetVersionSnapshot


def to_resource(version: SheetVersionSnapshot) -> Json:
    """Return the DocumentReference of a version's paper."""
    return document_reference.to_resource(
        version.document,
        use=EMERGENCY_SHEET_USE,
        authors=[f"Practitioner/{version.signer_id}"],
        dated=version.signed_at,
        is_current=version.is_current,
        replaces=version.replaces_document,
        description=f"Fiche Urgence Pallia, version {version.number}",
    )
