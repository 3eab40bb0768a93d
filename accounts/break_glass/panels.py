"""How an emergency access appears to those who follow the person, and the contacts of the emergency view."""

from uuid import UUID

from accounts.access.permissions import Permission
from accounts.access.queries import circle_of
from accounts.access.states import BASIS_LABELS, CIRCLE
from accounts.break_glass.emergency_set import Part, emergency_part
from accounts.break_glass.models import BreakGlass
from accounts.break_glass.states import BREAK_GLASS
from accounts.kernel.actor import Actor
from accounts.organisations.directory import phones_of
from accounts.people.page import TimelineKind, on_timeline
from accounts.people.queries import relatives_of

FOLLOWING = frozenset(BASIS_LABELS[basis] for basis in CIRCLE)


@emergency_part(50, Permission.RELATIVE_READ)
def relatives_part(person_id: UUID, actor: Actor) -> Part:
    """Give the relatives who can be called, with their roles."""
    active = [relative for relative in relatives_of(person_id, actor=actor) if relative.active]
    return Part(
        title="Proches",
        template="accounts/people/_relatives.html",
        context={"relatives": active},
        icon="users",
    )


@emergency_part(60, Permission.CIRCLE_MEMBERSHIP_READ)
def teams_part(person_id: UUID, actor: Actor) -> Part:
    """Give the teams that follow the person, with the number of each."""
    present = {
        member.organisation_id: member
        for member in circle_of(person_id, actor=actor)
        if member.until is None and member.basis in FOLLOWING
    }
    phones = phones_of(set(present))
    return Part(
        title="Équipes qui la suivent",
        template="accounts/break_glass/_teams.html",
        context={"teams": [(member, phones.get(id, "")) for id, member in present.items()]},
        icon="building",
    )


on_timeline(
    TimelineKind(
        aggregate_type=BreakGlass.AGGREGATE,
        lifecycle=BREAK_GLASS,
        permission=Permission.BREAK_GLASS_READ_TRACE,
        icon="key",
        lane="Accès d’urgence",
        tone="warn",
    )
)
