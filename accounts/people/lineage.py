"""Which record of a person stands, when somebody merged two: read by commands and queries alike."""

from collections.abc import Sequence
from uuid import UUID

from accounts.kernel.wall import Reason, seeing_everything
from accounts.people.models import Person


def standing_record(person_id: UUID) -> UUID:
    """Return the record under which a person stands now: the given one, or that into which it was merged. Unscoped.

    It tells nothing of itself: whoever asks the gate about the answer learns what he may.
    """
    return standing_records([person_id])[0]


def standing_records(person_ids: Sequence[UUID]) -> list[UUID]:
    """Return the record under which each of several persons stands now, in their order. Unscoped, in one statement."""
    with seeing_everything(Reason.IDENTITY):
        merged = Person.objects.filter(pk__in=person_ids, merged_into__isnull=False)
        into = dict(merged.order_by("pk").values_list("pk", "merged_into_id"))
    return [into.get(one, one) for one in person_ids]


def records_merged_into(person_id: UUID) -> list[Person]:
    """Return the records that were merged into a person's, unscoped: what she is found by, and shown to have replaced."""
    with seeing_everything(Reason.IDENTITY):
        return list(Person.objects.filter(merged_into=person_id).order_by("pk"))
