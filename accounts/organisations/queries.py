"""Reading organisations and professionals."""

from uuid import UUID

from accounts.access.gate import scope
from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from accounts.organisations.models import Organisation, Professional
from accounts.organisations.records import OrganisationSnapshot, ProfessionalSnapshot
from accounts.organisations.states import OrganisationKind


def organisation_snapshot(organisation_id: UUID) -> OrganisationSnapshot:
    """Return an organisation for the FHIR projection."""
    row = Organisation.objects.filter(pk=organisation_id).first()
    if row is None:
        raise NotFound
    return OrganisationSnapshot(
        id=row.id,
        version=row.version,
        finess=row.finess or "",
        name=row.name,
        kind=OrganisationKind(row.kind),
        part_of_id=row.part_of_id,
        commune=row.commune,
        city=row.city,
        departement=row.departement,
        phone=row.phone,
        email=row.email,
        verified=row.verified,
    )


def professional_snapshot(professional_id: UUID) -> ProfessionalSnapshot:
    """Return a professional for the FHIR projection."""
    row = Professional.objects.filter(pk=professional_id).first()
    if row is None:
        raise NotFound
    return ProfessionalSnapshot(
        id=row.id,
        version=row.version,
        rpps=row.rpps or "",
        title=row.title,
        family=row.family,
        given=row.given,
        profession=row.profession,
        phone=row.phone,
        verified=row.verified,
    )


def known_structures(*, actor: Actor) -> list[tuple[UUID, str]]:
    """Return the verified structures of the directory, by name, as (id, name)."""
    rows = Organisation.objects.filter(scope(actor, Permission.STRUCTURE_DIRECTORY_READ), verified=True)
    return list(rows.order_by("name", "id").values_list("id", "name"))
