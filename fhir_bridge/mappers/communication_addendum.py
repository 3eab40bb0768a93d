"""A rectification as a Communication from the person about what was written: who wrote it down, when, why; the original stays as it is."""

from typing import Final

from accounts.rights.records import AddendumSnapshot
from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, instant, reference
from fhir_bridge.r4.systems import LOCAL_COMMUNICATION_CATEGORY

RECTIFICATION: Final = "rectification"


def to_resource(addendum: AddendumSnapshot, *, about: str) -> Json:
    """Return the Communication; `about` is the address of what is rectified."""
    display = code_list("local").display(LOCAL_COMMUNICATION_CATEGORY, RECTIFICATION)
    return compact(
        resourceType="Communication",
        id=str(addendum.id),
        status="completed",
        category=[concept(coding(LOCAL_COMMUNICATION_CATEGORY, RECTIFICATION, display))],
        subject=reference(f"Patient/{addendum.person_id}"),
        about=[reference(about)],
        sent=instant(addendum.added_at),
        sender=reference(f"Practitioner/{addendum.author_id}"),
        recipient=[reference(f"Organization/{addendum.organisation_id}")],
        payload=[{"contentString": addendum.text}],
        note=[{"text": f"Motif : {addendum.reason}"}],
    )
