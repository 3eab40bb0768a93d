"""The dated link of an organisation to a person: made inside a command of the feature that gives the reason for it."""

from uuid import UUID

from accounts.people.models import OrganisationLink


def link_organisation(person_id: UUID, organisation_id: UUID) -> OrganisationLink:
    """Return the open link of an organisation to a person, made when there is none."""
    link, _ = OrganisationLink.objects.get_or_create(person_id=person_id, organisation_id=organisation_id, ends_at=None)
    return link
