"""A relative as RelatedPersons: one a role, with its own period; they share one identifier.

The French code NOK of R260 means the trusted person, not the next of kin.
Source: interop_fr.md §1.5, §1.6, §9.1.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID, uuid5

from accounts.people.records import HeldRole, RelativeSnapshot
from accounts.people.states import RelativeRole
from fhir_bridge.mappers.patient import addresses, telecoms
from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, human_name, identifier, period, reference
from fhir_bridge.r4.systems import LOCAL_CONTACT_ROLE, R216, R260, URI

_NAMESPACE: Final = "RelatedPerson"
_DELEGATE: Final = "ens-delegate"


def role_id(relative_id: UUID, role: RelativeRole) -> UUID:
    """Return the id of the RelatedPerson that shows a relative in one role: always the same."""
    return uuid5(relative_id, f"{_NAMESPACE}/{role}")


def to_resources(relative: RelativeSnapshot) -> Iterator[Json]:
    """Yield one RelatedPerson for each role held now or before; a relative without a role is shown by the kinship alone."""
    if not relative.held:
        yield _related(relative, relative.id, None)
    for held in relative.held:
        yield _related(relative, role_id(relative.id, held.role), held)


def is_trusted_person(resource: Json) -> bool:
    """Tell whether a RelatedPerson shows somebody in the role of trusted person."""
    codes = [one for part in resource.get("relationship", []) for one in part["coding"]]
    return any(one["system"] == R260 and one["code"] == RelativeRole.TRUSTED_PERSON for one in codes)


def _related(relative: RelativeSnapshot, id: UUID, held: HeldRole | None) -> Json:
    return compact(
        resourceType="RelatedPerson",
        id=str(id),
        identifier=[identifier(URI, f"urn:uuid:{relative.id}")],
        active=relative.active and (held is None or held.ends_on is None),
        patient=reference(f"Patient/{relative.person_id}"),
        relationship=_relationship(relative, held),
        name=[human_name(family=relative.family, given=[relative.given] if relative.given else [])],
        telecom=telecoms(relative.contact),
        birthDate=relative.birth_date.isoformat() if relative.birth_date else None,
        address=addresses(relative.contact),
        period=period(held.starts_on, held.ends_on) if held else None,
    )


def _relationship(relative: RelativeSnapshot, held: HeldRole | None) -> list[Json]:
    role = [_role(held.role)] if held else []
    kinship = [coding(R216, relative.relation, relative.relation_label)] if relative.relation else []
    return [concept(one) for one in (*role, *kinship)]


def _role(role: RelativeRole) -> Json:
    if role == RelativeRole.ENS_DELEGATE:
        return code_list("local").get(LOCAL_CONTACT_ROLE, _DELEGATE).coding()
    return coding(R260, role, code_list("contact_roles").display(R260, role))
