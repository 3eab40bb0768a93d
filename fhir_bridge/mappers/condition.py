"""The diagnosis of an announcement as a Condition, under the id of the announcement.

Source: states.md (announcement: about a Condition with recordedDate and recorder).
"""

from fhir_bridge.r4.datatypes import Json, coding, compact, concept, reference
from fhir_bridge.r4.systems import CONDITION_CLINICAL, CONDITION_VERIFICATION, ICD10
from ppa.announcements.records import AnnouncementSnapshot


def to_resource(announcement: AnnouncementSnapshot) -> Json:
    """Return the Condition that was announced: coded in CIM-10 when a code was given, else in words only."""
    code = announcement.diagnosis_code
    return compact(
        resourceType="Condition",
        id=str(announcement.id),
        clinicalStatus=concept(coding(CONDITION_CLINICAL, "active")),
        verificationStatus=concept(coding(CONDITION_VERIFICATION, "confirmed")),
        code=concept(*([coding(ICD10, code)] if code else []), text=announcement.diagnosis_label),
        subject=reference(f"Patient/{announcement.person_id}"),
        recordedDate=announcement.announced_on.isoformat(),
        recorder=reference(f"Practitioner/{announcement.recorder_id}") if announcement.recorder_id else None,
    )
