"""Sending the link: neutral words, no identity, and not when the designation has ended, or the person has died or refuses, meanwhile."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.access.circle import still_admits
from accounts.access.states import Category
from accounts.kernel.actor import system_actor
from accounts.organisations.directory import places_of
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
        if not is_waiting(access) or not _still_asked(access):
            continue
        address = f"{settings.PUBLIC_URL}{reverse('acceptances:open', args=[access.link])}"
        text = render_to_string("emails/acceptance_link.txt", {"address": address, "before": access.open_before})
        send_mail(SUBJECT, text, None, [access.email])
        note_acceptance_link_sent(NoteAcceptanceLinkSent(id=access.id), by=system_actor("acceptance-link"))


def _still_asked(access: AcceptanceLink) -> bool:
    """Tell whether she still chooses somebody, and lets the structure that asks know of it."""
    designation = access.designation
    if designation.state not in ASKED_IN or designation.person.died_on:
        return False
    asking = places_of([access.organisation_id])[access.organisation_id]
    return still_admits(designation.person_id, asking, Category.DIRECTIVES)
