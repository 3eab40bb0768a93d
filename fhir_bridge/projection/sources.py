"""Each kind of aggregate, with the mapper that shows it and what the gate is told of it."""

from collections.abc import Iterator
from uuid import UUID

from accounts.access.permissions import Permission
from accounts.access.queries import circle_snapshot
from accounts.people.lineage import records_merged_into, standing_record
from accounts.people.queries import every_person, person_snapshot, relatives_snapshot
from accounts.vigilance.queries import records_of_merge
from fhir_bridge.mappers import (
    care_plan,
    care_team,
    communication,
    condition,
    crisis,
    emergency_sheet,
    episode_of_care,
    goal,
    gradation,
    observation,
    patient,
    questionnaire_response,
    task_action,
    task_proposal,
)
from fhir_bridge.projection.registry import projects
from fhir_bridge.repository.records import Access, Projected, Source
from fhir_bridge.repository.store import sources_about
from pathway.cases.queries import case_snapshot
from ppa.announcements.queries import announcement_snapshot, proposal_snapshot
from ppa.assessments.queries import assessment_snapshot
from ppa.crises.queries import crisis_snapshot
from ppa.emergency_sheets.queries import versions_snapshot as sheet_versions_snapshot
from ppa.entrusted_actions.queries import entrusted_snapshot
from ppa.entrusted_actions.states import EntrustedState
from ppa.plans.queries import open_plan_ids, versions_snapshot

_CIRCLE = "circle"
_SHOWN_IN_PATIENT = frozenset({"relative", "designation"})


def shown_of_person(person_id: UUID) -> list[Source]:
    """Return what any event about a person may change: her circle, which commands open and close beside their deed."""
    return [Source(type=_CIRCLE, id=person_id)]


def shown_with_merge(merge_id: UUID) -> list[Source]:
    """Return what a merge of two records, or its end, changes: all that is shown of either."""
    persons = records_of_merge(merge_id)
    both = [Source(type=name, id=one) for one in persons for name in ("person", _CIRCLE, "contradictions")]
    return [*both, *sources_about(persons)]


def shown_with_relatives(aggregate: str, person_id: UUID) -> list[Source]:
    """Return what a change of those round a person, or of a designation, changes: her contacts, their roles."""
    if aggregate not in _SHOWN_IN_PATIENT:
        return []
    relatives = [Source(type="relative", id=relative.id) for relative in relatives_snapshot(person_id)]
    return [Source(type="person", id=person_id), *relatives]


def shown_with_plan(aggregate: str, person_id: UUID) -> list[Source]:
    """Return what a change of her directives changes besides: the plan in force, which is read beside them."""
    ids = open_plan_ids(person_id) if aggregate == "directive" else []
    return [Source(type="plan", id=id) for id in ids]


@projects("person", every=every_person)
def _person(id: UUID) -> Iterator[Projected]:
    person = person_snapshot(id)
    if person.merged_into is not None:
        resource = patient.to_replaced(id, by=person.merged_into)
    else:
        replaced = [one.pk for one in records_merged_into(id)]
        resource = patient.to_resource(person, relatives=relatives_snapshot(id), replaces=replaced)
    access = Access(right=Permission.PATIENT_IDENTITY_READ, person_id=person.merged_into or id)
    yield Projected(resource=resource, access=access)


@projects(_CIRCLE, every=every_person)
def _circle(id: UUID) -> Iterator[Projected]:
    members = circle_snapshot(id)
    if members:
        resource = care_team.to_resource(id, members)
        yield Projected(resource=resource, access=Access(right=Permission.CIRCLE_MEMBERSHIP_READ, person_id=id))


@projects("announcement")
def _announcement(id: UUID) -> Iterator[Projected]:
    announced = announcement_snapshot(id)
    access = Access(
        right=Permission.ANNOUNCEMENT_READ, person_id=announced.person_id, organisation_id=announced.organisation_id
    )
    yield Projected(resource=condition.to_resource(announced), access=access)
    yield Projected(resource=communication.to_resource(announced), access=access)


@projects("assessment")
def _assessment(id: UUID) -> Iterator[Projected]:
    noted = assessment_snapshot(id)
    access = Access(right=Permission.ASSESSMENT_READ, person_id=noted.person_id, organisation_id=noted.organisation_id)
    yield Projected(resource=observation.to_resource(noted), access=access)
    yield Projected(resource=questionnaire_response.to_resource(noted), access=access)


@projects("anticipated_crisis")
def _crisis(id: UUID) -> Iterator[Projected]:
    foreseen = crisis_snapshot(id)
    access = Access(
        right=Permission.ANTICIPATED_CRISIS_READ,
        person_id=foreseen.person_id,
        organisation_id=foreseen.organisation_id,
    )
    yield Projected(resource=crisis.to_resource(foreseen), access=access)
    for prescription in foreseen.prescriptions:
        yield Projected(resource=crisis.to_medication_request(foreseen, prescription), access=access)


@projects("emergency_sheet")
def _emergency_sheet(id: UUID) -> Iterator[Projected]:
    for version in sheet_versions_snapshot(id):
        access = Access(right=Permission.EMERGENCY_SHEET_READ, person_id=version.person_id)
        yield Projected(resource=emergency_sheet.to_resource(version), access=access)


@projects("entrusted_action")
def _entrusted(id: UUID) -> Iterator[Projected]:
    entrusted = entrusted_snapshot(id)
    held_by = entrusted.sender_id if entrusted.state == EntrustedState.WITHDRAWN else entrusted.organisation_id
    access = Access(
        right=Permission.ENTRUSTED_ACTION_READ,
        person_id=entrusted.person_id,
        organisation_id=held_by,
        sender_id=held_by,  # the wall round the store knows an organisation outside of the circle by this column
    )
    yield Projected(resource=task_action.to_resource(entrusted), access=access)


@projects("plan_proposal")
def _proposal(id: UUID) -> Iterator[Projected]:
    proposed = proposal_snapshot(id)
    if not proposed.announcement_ids or standing_record(proposed.person_id) != proposed.person_id:
        return
    access = Access(
        right=Permission.PLAN_PROPOSAL_READ, person_id=proposed.person_id, organisation_id=proposed.owner_id
    )
    yield Projected(resource=task_proposal.to_resource(proposed), access=access)


@projects("case")
def _case(id: UUID) -> Iterator[Projected]:
    file = case_snapshot(id)
    access = Access(
        right=Permission.COORDINATION_FILE_READ, person_id=file.person_id, organisation_id=file.organisation_id
    )
    for resource in (episode_of_care.to_resource(file), *gradation.to_resources(file)):
        yield Projected(resource=resource, access=access)


@projects("plan")
def _plan(id: UUID) -> Iterator[Projected]:
    versions = versions_snapshot(id)
    for version in versions:
        access = Access(right=Permission.PPA_READ_VALIDATED, person_id=version.person_id)
        yield Projected(resource=care_plan.to_resource(version), access=access)
        yield Projected(
            resource=care_plan.to_paper(version),
            access=Access(right=Permission.DOCUMENT_LIST, person_id=version.person_id),
        )
    for resource in goal.to_resources(versions):
        access = Access(right=Permission.PPA_READ_VALIDATED, person_id=versions[0].person_id)
        yield Projected(resource=resource, access=access)
