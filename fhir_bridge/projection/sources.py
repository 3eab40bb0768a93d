"""Each kind of aggregate, with the mapper that shows it and what the gate is told of it."""

from collections.abc import Iterator
from uuid import UUID

from accounts.access.permissions import Permission
from accounts.access.queries import circle_snapshot
from accounts.people.queries import every_person, person_snapshot, relatives_snapshot
from fhir_bridge.mappers import care_team, patient
from fhir_bridge.projection.registry import projects
from fhir_bridge.repository.records import Access, Projected, Source

_CIRCLE = "circle"
_SHOWN_IN_PATIENT = frozenset({"relative", "designation"})


def followed_by(aggregate: str, person_id: UUID) -> list[Source]:
    """Return what an event about one aggregate of a person may change besides: her circle, her contacts."""
    also = [Source(type="person", id=person_id)] if aggregate in _SHOWN_IN_PATIENT else []
    return [*also, Source(type=_CIRCLE, id=person_id)]


@projects("person", every=every_person)
def _person(id: UUID) -> Iterator[Projected]:
    resource = patient.to_resource(person_snapshot(id), relatives=relatives_snapshot(id))
    yield Projected(resource=resource, access=Access(right=Permission.PATIENT_IDENTITY_READ, person_id=id))


@projects(_CIRCLE, every=every_person)
def _circle(id: UUID) -> Iterator[Projected]:
    members = circle_snapshot(id)
    if members:
        resource = care_team.to_resource(id, members)
        yield Projected(resource=resource, access=Access(right=Permission.CIRCLE_MEMBERSHIP_READ, person_id=id))
