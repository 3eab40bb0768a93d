"""Rectifications, shown to who may read what they stand beside."""

from collections.abc import Iterator
from uuid import UUID

from accounts.rights.queries import addendum_snapshot
from accounts.rights.records import AddendumSnapshot
from accounts.rights.states import TARGETS
from fhir_bridge.mappers import communication_addendum
from fhir_bridge.projection.registry import projects
from fhir_bridge.repository.records import Access, Projected
from ppa.plans.queries import versions_snapshot

_SHOWN_AS = {
    "person": "Patient",
    "announcement": "Condition",
    "directive": "Consent",
    "designation": "Consent",
    "assessment": "Observation",
    "anticipated_crisis": "CarePlan",
    "collegial_decision": "Procedure",
    "case": "EpisodeOfCare",
    "stay": "Encounter",
}


@projects("addendum")
def _addendum(id: UUID) -> Iterator[Projected]:
    addendum = addendum_snapshot(id)
    access = Access(right=TARGETS[addendum.target_type].permission, person_id=addendum.person_id)
    yield Projected(resource=communication_addendum.to_resource(addendum, about=_about(addendum)), access=access)


def _about(addendum: AddendumSnapshot) -> str:
    """Return the address of what is rectified; of a plan, the version that was in force, or the person while there was none."""
    if addendum.target_type in _SHOWN_AS:
        return f"{_SHOWN_AS[addendum.target_type]}/{addendum.target_id}"
    signed = [version for version in versions_snapshot(addendum.target_id) if version.signed_at <= addendum.added_at]
    return f"CarePlan/{signed[-1].id}" if signed else f"Patient/{addendum.person_id}"
