"""From rows to what commands and queries share."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from ppa.after_death.models import BereavementContact
from ppa.after_death.records import ContactSnapshot
from ppa.after_death.states import ContactState


def organisation_following(person_id: UUID) -> UUID | None:
    """Return the organisation that follows the relatives of a person, unscoped; `None` before her death."""
    return next((row.organisation_id for row in contact_rows(person_id) if row.organisation_id), None)


@Rows
def contact_rows() -> QuerySet[BereavementContact]:
    """Read the contacts with the relatives of a person, the latest written first."""
    return BereavementContact.objects.filter(person_id=ASKED).order_by("-created_at", "-id")


def facts_of(person_id: UUID) -> Facts:
    """Return what the gate looks at for the contacts of a person as a whole."""
    return Facts(
        type=BereavementContact.AGGREGATE, person_id=person_id, organisation_id=organisation_following(person_id)
    )


def snapshot_of(row: BereavementContact) -> ContactSnapshot:
    """Return one contact as others read it."""
    return ContactSnapshot(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        organisation_id=row.organisation_id,
        relative_id=row.relative_id,
        step=row.step,
        due_on=row.due_on,
        state=ContactState(row.state),
        happened_on=row.happened_on,
        by_whom=row.by_whom,
        note=row.note,
    )
