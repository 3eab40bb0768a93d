"""Reading invitations: whether a link waits, and what an opened one shows now."""

from uuid import UUID

from accounts.access.circle import present
from accounts.access.states import Basis
from accounts.guests.links import digest_of, is_waiting
from accounts.guests.models import GuestAccess
from accounts.guests.records import Visit
from accounts.guests.rules import GuestLinkOver
from accounts.kernel.actor import Actor, Channel, Role
from accounts.kernel.clock import now


def link_waits(link: UUID) -> bool:
    """Tell whether a link may still be opened."""
    found = GuestAccess.objects.filter(link_digest=digest_of(link)).first()
    return found is not None and is_waiting(found)


def visit(access_id: UUID) -> Visit:
    """Return an opened access whose time is not over; raises `GuestLinkOver`."""
    found = GuestAccess.objects.select_related("professional").filter(pk=access_id, until__gt=now()).first()
    if found is None or found.until is None:
        raise GuestLinkOver
    return Visit(
        id=found.id,
        person_id=found.person_id,
        organisation_id=found.organisation_id,
        professional_id=found.professional_id,
        name=found.professional.display_name,
        role=Role(found.role),
        until=found.until,
    )


def guest_actor(shown: Visit, *, session: str, ip: str) -> Actor:
    """Return who reads: the named professional, for his organisation. No door but the guest's own page takes this actor."""
    return Actor(
        role=shown.role,
        channel=Channel.WEB,
        id=shown.id,
        professional_id=shown.professional_id,
        organisation_id=shown.organisation_id,
        display_name=shown.name,
        session=session,
        ip=ip,
    )


def check_still_invited(shown: Visit) -> None:
    """Raise `GuestLinkOver` unless the memberships that the invitation opened still stand."""
    own = present(shown.person_id).filter(
        professional_id=shown.professional_id, basis=Basis.CONSENT, source_id=shown.id
    )
    if not own.exists():
        raise GuestLinkOver
