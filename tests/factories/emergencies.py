"""Dispatchers, and break-glasses opened through the command."""

from uuid import UUID

from accounts.access.models import Opposition
from accounts.access.states import Category
from accounts.break_glass.commands import open_break_glass
from accounts.break_glass.finding import sealed
from accounts.break_glass.records import Finding, OpenBreakGlass
from accounts.break_glass.states import FoundBy, Reason
from accounts.kernel.actor import Actor, Role
from accounts.kernel.clock import now, today
from accounts.organisations.models import Organisation
from accounts.organisations.states import OrganisationKind
from tests.factories import people

EXPLANATION = "Sa fille appelle : détresse respiratoire depuis une heure"


def service() -> Organisation:
    """Return an emergency service."""
    return people.organisation(kind=OrganisationKind.EMERGENCY)


def dispatcher(at: Organisation | None = None, **fields: object) -> Actor:
    """Return a regulating physician of a SAMU, both factors just given."""
    return people.actor(Role.EMERGENCY_DISPATCHER, at or service(), **fields)


def finding(person_id: UUID, by: Actor) -> str:
    """Return what a search by phone would have given the actor."""
    return sealed(Finding(person_id=person_id, found_by=FoundBy.PHONE, at=now()), by)


def opening(person_id: UUID, by: Actor, **fields: object) -> OpenBreakGlass:
    """Return the input of an opening."""
    values: dict[str, object] = {
        "finding": finding(person_id, by),
        "reason": Reason.REGULATED_CALL,
        "explanation": EXPLANATION,
        "identity_confirmed": True,
        **fields,
    }
    return OpenBreakGlass(**values)  # type: ignore[arg-type]  # (a factory takes any field)


def opened(person_id: UUID, by: Actor) -> UUID:
    """Return the id of a new break-glass."""
    return open_break_glass(opening(person_id, by), by=by).id


def refuse(person_id: UUID, category: Category) -> None:
    """Keep a refusal of every organisation."""
    Opposition.objects.create(person_id=person_id, stated_on=today(), means="spoken", category=category)
