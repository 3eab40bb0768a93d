"""The kept counters of the worklists: moved inside each command's transaction, recounted only to check them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F

from pathway.cases.models import Case, WorklistCount

Place = tuple[UUID, UUID | None, str]
"""Where a file is counted: organisation, référent, state."""


@contextmanager
def counted(case: Case) -> Iterator[None]:
    """Move a file from where it was counted to where it is when the block ends; a new one is added."""
    before = _place(case) if case.version else None
    yield
    after = _place(case)
    if before == after:
        return
    if before:
        _move(before, -1)
    _move(after, 1)


def recount() -> dict[Place, int]:
    """Return what the counters must say, counted over every file."""
    rows = Case.objects.values_list("organisation_id", "coordinator_id", "state").annotate(number=Count("id"))
    return {(organisation, coordinator, state): number for organisation, coordinator, state, number in rows.order_by()}


def drift() -> dict[Place, int]:
    """Return where the counters differ from the files, and by how much; empty when they agree."""
    kept = Counter({_place_of(row): row.number for row in WorklistCount.objects.order_by("pk")})
    kept.subtract(recount())
    return {place: difference for place, difference in kept.items() if difference}


def rebuild() -> int:
    """Write the counters anew from the files; return how many places were wrong."""
    with transaction.atomic():
        wrong = len(drift())
        WorklistCount.objects.all().delete()
        WorklistCount.objects.bulk_create(
            WorklistCount(organisation_id=organisation, coordinator_id=coordinator, state=state, number=number)
            for (organisation, coordinator, state), number in recount().items()
        )
    return wrong


def _place(case: Case) -> Place:
    return case.organisation_id, case.coordinator_id, str(case.state)


def _place_of(row: WorklistCount) -> Place:
    return row.organisation_id, row.coordinator_id, row.state


def _move(place: Place, by: int) -> None:
    organisation, coordinator, state = place
    row, _ = WorklistCount.objects.get_or_create(organisation_id=organisation, coordinator_id=coordinator, state=state)
    WorklistCount.objects.filter(pk=row.pk).update(number=F("number") + by)
