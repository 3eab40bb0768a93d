"""Sending the link: neutral words, no identity, and not when the invitation has ended or the person has died meanwhile."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.access.circle import present
from accounts.guests.commands import note_guest_link_sent
from accounts.guests.events import GuestInvited
from accounts.guests.links import is_waiting
from accounts.guests.models import GuestAccess
from accounts.guests.records import NoteGuestLinkSent
from accounts.kernel.actor import system_actor
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer

SUBJECT = "Une information professionnelle vous attend"


@consumer("guest-link", GuestInvited, label="Liens envoyés aux professionnels invités")
def send_guest_link(event: StoredEvent) -> None:
    """Write to the invited professional: a link, and that a code will be told apart."""
    access = GuestAccess.objects.get(pk=event.aggregate_id)
    still_invited = present(access.person_id).filter(source_id=access.id).exists()
    if access.sent_at or not is_waiting(access) or not still_invited or access.person.died_on:
        return
    address = f"{settings.PUBLIC_URL}{reverse('guests:open', args=[access.link])}"
    text = render_to_string("emails/guest_link.txt", {"address": address, "before": access.open_before})
    send_mail(SUBJECT, text, None, [access.email])
    note_guest_link_sent(NoteGuestLinkSent(id=access.id), by=system_actor("guest-link"))
