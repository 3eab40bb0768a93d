"""Reading links and their trail."""

from dataclasses import replace
from uuid import UUID

from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now
from accounts.kernel.wall import seeing_as
from accounts.people.queries import person_snapshot, relative_snapshot
from ppa.acceptances.links import found_by, is_waiting
from ppa.acceptances.models import AcceptanceLink, AcceptanceStep
from ppa.acceptances.records import StepTaken, Visit
from ppa.acceptances.rules import ASKED_IN, LinkOver
from ppa.acceptances.states import StepKind
from ppa.trusted_persons.queries import designation_for, designation_snapshot


def link_waits(link: UUID) -> bool:
    """Tell whether a link may still be opened."""
    found = found_by(link)
    return found is not None and is_waiting(found)


def place_of(link: UUID) -> UUID | None:
    """Return the organisation that asked by a link: through it, and no other, the visitor sees the one designation."""
    found = found_by(link)
    return found.organisation_id if found else None


def visit(access_id: UUID, *, actor: Actor) -> Visit:
    """Return an opened link whose time is not over and that was not answered; raises `LinkOver`."""
    found = AcceptanceLink.objects.filter(pk=access_id, until__gt=now(), answered_at=None).first()
    if found is None or found.until is None:
        raise LinkOver
    with seeing_as(_through(found, actor), reading=True):
        designation = designation_snapshot(found.designation_id)
        if designation.state not in ASKED_IN or designation.relative_id is None:
            raise LinkOver
        person, relative = person_snapshot(designation.person_id), relative_snapshot(designation.relative_id)
        if person.died_on:
            raise LinkOver
        return Visit(
            id=found.id,
            designation_id=designation.id,
            organisation_id=found.organisation_id,
            person_name=person.display_name,
            relative_name=f"{relative.given} {relative.family}",
            until=found.until,
        )


def steps_of(designation_id: UUID, *, actor: Actor) -> list[StepTaken]:
    """Return what the designated person was told and answered, oldest first, to an actor who may read the history."""
    designation = designation_for(designation_id, actor=actor)
    permit(actor, Permission.TRUSTED_PERSON_HISTORY, designation.facts())
    rows = AcceptanceStep.objects.filter(designation_id=designation_id).order_by("created_at", "id")
    return [
        StepTaken(kind=StepKind(row.kind), happened_on=row.happened_on, noted_at=row.created_at, words=row.words)
        for row in rows
    ]


def _through(found: AcceptanceLink, actor: Actor) -> Actor:
    return replace(actor, organisation_id=found.organisation_id)
