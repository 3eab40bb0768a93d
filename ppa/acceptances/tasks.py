"""Sending the link: neutral words, no identity, and not when the designation has ended or the person has died meanwhile."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.kernel.actor import system_actor
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer
from ppa.acceptances.commands import note_acceptance_link_sent
from ppa.acceptances.events import TrustedPersonInvited
from ppa.acceptances.links import is_waiting
from ppa.acceptances.models import AcceptanceLink
from ppa.acceptances.records import NoteAcceptanceLinkSent
from ppa.acceptances.rules import ASKED_IN

SUBJECT = "Une demande vous attend"


@consumer("acceptance-link", TrustedPersonInvited, label="Liens envoyés aux personnes de confiance")
def send_acceptance_link(event: StoredEvent) -> None:
    """Write to the designated person: a link, and that a code will be told apart."""
    for access in AcceptanceLink.objects.filter(designation_id=event.aggregate_id, sent_at=None).order_by("id"):
        if not is_waiting(access) or access.designation.state not in ASKED_IN or access.designation.person.died_on:
            continue
        address = f"{settings.PUBLIC_URL}{reverse('acceptances:open', args=[access.link])}"
        text = render_to_string("emails/acceptance_link.txt", {"address": address, "before": access.open_before})
        send_mail(SUBJECT, text, None, [access.email])
        note_acceptance_link_sent(NoteAcceptanceLinkSent(id=access.id), by=system_actor("acceptance-link"))
