"""The dated link of an organisation to a person: made inside a command of the feature that gives the reason for it."""

from uuid import UUID

from accounts.kernel.errors import NotFound
from accounts.people.models import OrganisationLink, Person


def lock_person(person_id: UUID) -> None:
    """Make commands about one person run one after the other, where two at once would both find nothing yet."""
    if not Person.objects.select_for_update(of=("self",), no_key=True).filter(pk=person_id).exists():
        raise NotFound


def link_organisation(person_id: UUID, organisation_id: UUID) -> OrganisationLink:
    """Return the open link of an organisation to a person, made when there is none."""
    link, _ = OrganisationLink.objects.get_or_create(person_id=person_id, organisation_id=organisation_id, ends_at=None)
    return link
