"""Which record of a person stands, when somebody merged two: read by commands and queries alike."""

from uuid import UUID

from accounts.kernel.wall import Reason, seeing_everything
from accounts.people.models import Person


def standing_record(person_id: UUID) -> UUID:
    """Return the record under which a person stands now: the given one, or that into which it was merged. Unscoped.

    It tells nothing of itself: whoever asks the gate about the answer learns what he may.
    """
    with seeing_everything(Reason.IDENTITY):
        into = Person.objects.filter(pk=person_id).values_list("merged_into_id", flat=True).first()
    return into or person_id


def records_merged_into(person_id: UUID) -> list[Person]:
    """Return the records that were merged into a person's, unscoped: what she is found by, and shown to have replaced."""
    with seeing_everything(Reason.IDENTITY):
        return list(Person.objects.filter(merged_into=person_id).order_by("pk"))
