"""The circle of care of a person as a CareTeam: who stands in it, and since when. Source: interop_fr.md §9.3."""

from collections.abc import Sequence
from uuid import UUID

from accounts.access.records import CircleMemberSnapshot
from fhir_bridge.r4.datatypes import Json, compact, period, reference

NAME = "Cercle de soins"


def to_resource(person_id: UUID, members: Sequence[CircleMemberSnapshot]) -> Json:
    """Return the CareTeam of a person, under her own id: everybody who ever stood in it, in the order they came."""
    return compact(
        resourceType="CareTeam",
        id=str(person_id),
        status="active",
        name=NAME,
        subject=reference(f"Patient/{person_id}"),
        participant=[_participant(member) for member in members],
    )


def _participant(member: CircleMemberSnapshot) -> Json:
    organisation = reference(f"Organization/{member.organisation_id}")
    professional = reference(f"Practitioner/{member.professional_id}") if member.professional_id else None
    return compact(
        member=professional or organisation,
        onBehalfOf=organisation if professional else None,
        period=period(member.since, member.until),
    )
