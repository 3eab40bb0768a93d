"""Sending the link: neutral words, no identity, and not when the invitation has ended, or the person has died or refuses, meanwhile."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.access.circle import present, still_admits
from accounts.access.states import Category
from accounts.authentication.situations import held_by
from accounts.guests.commands import note_guest_link_sent
from accounts.guests.events import GuestInvited
from accounts.guests.links import is_waiting
from accounts.guests.models import GuestAccess
from accounts.guests.records import NoteGuestLinkSent
from accounts.kernel.actor import system_actor
from accounts.organisations.directory import places_of
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer

SUBJECT = "Une information professionnelle vous attend"


@consumer("guest-link", GuestInvited, label="Liens envoyés aux professionnels invités")
def send_guest_link(event: StoredEvent) -> None:
    """Write to the invited professional: a link, and that a code will be told apart."""
    access = GuestAccess.objects.get(pk=event.aggregate_id)
    if access.sent_at or not is_waiting(access) or access.person.died_on or not _still_invited(access):
        return
    address = f"{settings.PUBLIC_URL}{reverse('guests:open', args=[access.link])}"
    text = render_to_string("emails/guest_link.txt", {"address": address, "before": access.open_before})
    send_mail(SUBJECT, text, None, [access.email])
    note_guest_link_sent(NoteGuestLinkSent(id=access.id), by=system_actor("guest-link"))


def _still_invited(access: GuestAccess) -> bool:
    """Tell whether the invitation stands, and the person refuses neither the guest's place nor each place of who invited him."""
    if not present(access.person_id).filter(source_id=access.id).exists():
        return False
    inviting = [held.establishment | {held.organisation_id} for held in held_by(access.invited_by_id)]
    invited = places_of([access.organisation_id])[access.organisation_id]
    return still_admits(access.person_id, invited, Category.IDENTITY) and any(
        still_admits(access.person_id, places, Category.IDENTITY) for places in inviting
    )
