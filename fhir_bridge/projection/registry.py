"""What each aggregate of the domain is shown as: one function a kind, from its id to its resources and their guards."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from accounts.kernel.models import Transition
from fhir_bridge.repository.records import Projected

Build = Callable[[UUID], Iterable[Projected]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """One kind of aggregate. `build` raises `NotFound` when it is gone; `every` lists all ids, for a rebuild."""

    aggregate: str
    build: Build
    every: Callable[[], Iterator[UUID]]


projections: dict[str, Projection] = {}


def projects(aggregate: str, *, every: Callable[[], Iterator[UUID]] | None = None) -> Callable[[Build], Build]:
    """Register the function that makes the resources of one kind of aggregate.

    Without `every`, the ids are those that the first transition row of each aggregate names.
    """

    def register(build: Build) -> Build:
        projections[aggregate] = Projection(
            aggregate=aggregate, build=build, every=every or (lambda: _recorded(aggregate))
        )
        return build

    return register


def _recorded(aggregate: str) -> Iterator[UUID]:
    rows = Transition.objects.filter(aggregate_type=aggregate, aggregate_version=1).order_by("aggregate_id")
    return rows.values_list("aggregate_id", flat=True).iterator(chunk_size=2000)
