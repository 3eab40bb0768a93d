"""A professional as a Practitioner. Source: interop_fr.md §1.6.

The national id (IDNPS) is never built from the RPPS number: it is left to who assigns it.
"""

from accounts.organisations.records import ProfessionalSnapshot
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, human_name, identifier, telecom
from fhir_bridge.r4.systems import FR_V2_0203, RPPS, RPPS_TYPE


def to_resource(who: ProfessionalSnapshot) -> Json:
    """Return the Practitioner; an outside contact without a number has none here either."""
    return compact(
        resourceType="Practitioner",
        id=str(who.id),
        identifier=[identifier(RPPS, who.rpps, type_=concept(coding(FR_V2_0203, RPPS_TYPE)))] if who.rpps else [],
        active=True,
        name=[
            human_name(
                family=who.family,
                given=[who.given] if who.given else [],
                prefix=[who.title] if who.title else [],
                text=" ".join(part for part in (who.title, who.given, who.family) if part),
            )
        ],
        telecom=[telecom("phone", who.phone, use="work")] if who.phone else [],
        qualification=[{"code": concept(text=who.profession)}] if who.profession else [],
    )
