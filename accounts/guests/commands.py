"""Inviting a professional without an account, and opening what he was sent."""

import hmac
from datetime import timedelta

from accounts.access.circle import enter_by_consent, standing_consent
from accounts.access.permissions import Permission
from accounts.access.records import Facts, OpenMembership, Receipt
from accounts.access.states import Basis
from accounts.access.unit import Act, command
from accounts.authentication.models import User
from accounts.guests.events import GuestInvited
from accounts.guests.links import digest_of, is_waiting
from accounts.guests.models import GuestAccess
from accounts.guests.records import InviteGuest, NoteGuestLinkSent, OpenGuestLink
from accounts.guests.rules import (
    VISIT_LASTS,
    GuestHasAccount,
    GuestLinkOver,
    check_offer,
)
from accounts.kernel.clock import now
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.organisations.directory import match_professional
from accounts.organisations.records import OutsideProfessional

WRONG_CODE, OPENED = "wrong_code", "guest_access"


@command(Permission.CIRCLE_MEMBERSHIP_CREATE_OTHER_ORG)
def invite_guest(record: InviteGuest, act: Act) -> Receipt:
    """Let a named professional of an agreement into the circle for some days, and send him a link that opens once."""
    act.ask(Facts(type="circle", person_id=record.person_id, addressed_to=frozenset({record.organisation_id})))
    check_offer(record.role, record.days)
    consent = standing_consent(record.person_id, record.organisation_id)
    inviter = User.objects.filter(pk=act.by.id).first() if act.by.id else None
    if consent is None or inviter is None:
        raise NotAllowed
    who = match_professional(OutsideProfessional(rpps=record.rpps, family=record.family, given=record.given))
    if User.objects.filter(professional=who, is_active=True).exists():
        raise GuestHasAccount
    access = GuestAccess(
        person_id=record.person_id,
        organisation_id=record.organisation_id,
        professional=who,
        consent=consent,
        invited_by=inviter,
        role=record.role,
        link=str(record.link),
        code=record.code,
        link_digest=digest_of(record.link),
        email=record.email,
        open_before=now() + timedelta(days=record.days),
    )
    access.save(force_insert=True)
    membership = OpenMembership(
        person_id=record.person_id,
        organisation_id=record.organisation_id,
        professional_id=who.id,
        basis=Basis.CONSENT,
        source_id=access.id,
        ends_at=access.open_before + VISIT_LASTS,
    )
    enter_by_consent(membership, consent, by=act.by)
    act.tell(GuestInvited, about=OPENED, id=access.id, person_id=record.person_id)
    return Receipt(type=OPENED, id=access.id, version=1)


@command(Permission.GUEST_ACCESS_OPEN)
def open_guest_link(record: OpenGuestLink, act: Act) -> Receipt:
    """Use a link up with its code; a wrong code counts and answers "wrong_code". Raises `GuestLinkOver`."""
    found = GuestAccess.objects.select_for_update(of=("self",)).filter(link_digest=digest_of(record.link)).first()
    act.ask(Facts(type=OPENED, id=found.id if found else None))
    if found is None or not is_waiting(found):
        raise GuestLinkOver
    if not hmac.compare_digest(found.code.encode(), record.code.encode()):
        found.wrong_codes += 1
        found.save(update_fields=["wrong_codes"])
        return Receipt(type=WRONG_CODE, id=found.id, version=1)
    found.opened_at, found.until = now(), now() + VISIT_LASTS
    found.link = found.code = found.email = ""
    found.save(update_fields=["opened_at", "until", "link", "code", "email"])
    return Receipt(type=OPENED, id=found.id, version=1)


@command(Permission.GUEST_ACCESS_NOTE_SENT)
def note_guest_link_sent(record: NoteGuestLinkSent, act: Act) -> Receipt:
    """Note that the e-mail has left."""
    found = GuestAccess.objects.filter(pk=record.id).first()
    if found is None:
        raise NotFound
    act.ask(Facts(type=OPENED, id=found.id))
    found.sent_at = found.sent_at or now()
    found.save(update_fields=["sent_at"])
    return Receipt(type=OPENED, id=found.id, version=1)
