"""What the privacy referents are written about circles and searches: neutral words, no identity."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.access.circle import present
from accounts.access.events import TreatingDeclared
from accounts.access.models import TreatingClaim
from accounts.access.states import Basis
from accounts.kernel.actor import Role
from accounts.kernel.clock import PARIS
from accounts.organisations.directory import addresses_of, establishment_of, places_of
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer
from accounts.people.events import ExactSearchesStopped

DECLARED = "Une relation de soin vient d’être déclarée"
STOPPED = "Recherches par identité exacte à vérifier"


@consumer("treating-alert", TreatingDeclared, label="Déclarations de relation de soin dites aux référents")
def tell_of_declaration(event: StoredEvent) -> None:
    """Write to the referents of the declarer's establishment and of the DAC that follows the person."""
    claim = TreatingClaim.objects.select_related("membership__organisation__part_of__part_of").get(
        pk=event.aggregate_id
    )
    declarer = claim.membership.organisation
    following = present(claim.person_id).filter(basis=Basis.COORDINATION).values_list("organisation_id", flat=True)
    recipients = addresses_of({declarer.id, *establishment_of(declarer), *following}, Role.PRIVACY_OFFICER)
    if recipients:
        told = {"at": claim.created_at.astimezone(PARIS), "address": settings.PUBLIC_URL}
        send_mail(DECLARED, render_to_string("emails/treating_declared.txt", told), None, recipients)


@consumer("exact-search-alert", ExactSearchesStopped, label="Recherches par identité exacte dites aux référents")
def tell_of_searches(event: StoredEvent) -> None:
    """Write to the referents of the establishment where somebody searched."""
    place = event.aggregate_id
    recipients = addresses_of(places_of([place])[place], Role.PRIVACY_OFFICER)
    if recipients:
        told = {"at": event.at.astimezone(PARIS), "address": settings.PUBLIC_URL}
        send_mail(STOPPED, render_to_string("emails/exact_searches_stopped.txt", told), None, recipients)
