"""Coordination files in each state, made through the commands."""

from uuid import UUID

from accounts.kernel.actor import Actor
from pathway.cases import commands
from pathway.cases.queries import case_snapshot
from pathway.cases.records import AssignCase, CaseSnapshot, IncludeCase, SignalCase, StartCase
from tests.support.past import shown_at_its_end


def signalled(person_id: UUID, by: Actor, **fields: object) -> CaseSnapshot:
    """Ask the DAC of the person's territory for its support."""
    values: dict[str, object] = {"person_id": person_id, "reason": "Retour à domicile difficile", **fields}
    receipt = commands.signal_case(SignalCase(**values), by=by)  # type: ignore[arg-type]  # (a factory takes any field)
    return case_snapshot(receipt.id)


@shown_at_its_end()
def included(person_id: UUID, by: Actor, coordinator: Actor) -> CaseSnapshot:
    """Signal a person, then include her."""
    case = signalled(person_id, by)
    commands.include_case(IncludeCase(case_id=case.id, version=case.version), by=coordinator)
    return case_snapshot(case.id)


@shown_at_its_end()
def active(person_id: UUID, by: Actor, coordinator: Actor) -> CaseSnapshot:
    """Signal, include, assign to the coordinator and begin."""
    case = included(person_id, by, coordinator)
    assert coordinator.professional_id is not None
    commands.assign_case(
        AssignCase(case_id=case.id, version=case.version, coordinator_id=coordinator.professional_id), by=coordinator
    )
    commands.start_case(StartCase(case_id=case.id, version=case.version + 1), by=coordinator)
    return case_snapshot(case.id)
