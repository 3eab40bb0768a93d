"""Invented designations, through the command."""

from datetime import date
from uuid import UUID

from accounts.kernel.actor import Actor
from ppa.trusted_persons.commands import designate_trusted_person
from ppa.trusted_persons.records import DesignateTrustedPerson, Signatures

BOTH = Signatures(person_signed_on=date(2026, 4, 1), trusted_signed_on=date(2026, 4, 3))


def designation_of(person_id: UUID, relative_id: UUID, **fields: object) -> DesignateTrustedPerson:
    """Return the input of a designation that both have signed."""
    values: dict[str, object] = {"signatures": BOTH, "knows_wishes": True, **fields}
    return DesignateTrustedPerson(person_id=person_id, relative_id=relative_id, **values)  # type: ignore[arg-type]  # (a factory takes any field)


def designation(person_id: UUID, relative_id: UUID, by: Actor, **fields: object) -> UUID:
    """Return the id of a recorded designation."""
    return designate_trusted_person(designation_of(person_id, relative_id, **fields), by=by).id
