"""Requests with their lines, and stays with what was asked on admission: a recipient sees a line only while it is open to it."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from accounts.access.permissions import Permission
from accounts.access.records import Facts
from fhir_bridge.mappers import admission_talk, encounter, service_request, task_line
from fhir_bridge.projection.registry import projects
from fhir_bridge.repository.records import Access, Projected, Source
from pathway.admission_talks.queries import talks_snapshot
from pathway.referrals.queries import facts_of_line, facts_of_request, line_snapshot, request_snapshot
from pathway.stays.queries import stay_snapshot


def shown_with_line(line_id: UUID) -> list[Source]:
    """Return what a change of one line changes besides: its request, which tells who may read it."""
    return [Source(type="referral", id=line_snapshot(line_id).request_id)]


def shown_with_stay(stay_id: UUID) -> list[Source]:
    """Return what a change of a stay changes besides: the line that led to it."""
    line_id = stay_snapshot(stay_id).line_id
    return [Source(type="referral_line", id=line_id)] if line_id else []


@projects("referral")
def _request(id: UUID) -> Iterator[Projected]:
    access = access_of(facts_of_request(id), Permission.REFERRAL_READ_MINIMUM_DATASET)
    yield Projected(resource=service_request.to_resource(request_snapshot(id)), access=access)


@projects("referral_line")
def _line(id: UUID) -> Iterator[Projected]:
    access = access_of(facts_of_line(id), Permission.REFERRAL_READ_MINIMUM_DATASET)
    yield Projected(resource=task_line.to_resource(line_snapshot(id)), access=access)


@projects("stay")
def _stay(id: UUID) -> Iterator[Projected]:
    stay = stay_snapshot(id)
    access = Access(right=Permission.STAY_READ, person_id=stay.person_id, organisation_id=stay.organisation_id)
    yield Projected(resource=encounter.to_resource(stay), access=access)
    asked = replace(access, right=Permission.ADMISSION_TALK_READ)
    for talk in talks_snapshot(stay):
        yield Projected(resource=admission_talk.to_resource(talk), access=asked)


def access_of(facts: Facts, right: Permission) -> Access:
    """Return the guard of a resource from what the gate is told of its aggregate."""
    return Access(
        right=right,
        person_id=facts.person_id,
        organisation_id=facts.organisation_id,
        sender_id=facts.sender_id,
        recipient_ids=facts.recipient_ids,
    )
