"""What follows a break-glass without a hand: the alert, and the end of its four hours."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.access.models import CircleMembership
from accounts.access.reserved import KIND
from accounts.access.states import Basis
from accounts.audit.reingest import ingests
from accounts.break_glass.commands import expire_break_glass, note_alert, record_reserved
from accounts.break_glass.events import BreakGlassOpened
from accounts.break_glass.models import BreakGlass
from accounts.break_glass.queries import due_to_expire, read_reserved
from accounts.break_glass.records import FollowBreakGlass
from accounts.kernel.actor import Role, system_actor
from accounts.kernel.errors import TransitionRefused
from accounts.organisations.directory import addresses_of, establishment_of
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer, scheduled


@consumer("break-glass-alert", BreakGlassOpened, label="Alertes d’accès d’urgence")
def alert_referents(event: StoredEvent) -> None:
    """Write to the referents of the opener's organisation and of the DAC: the reference, and nothing else."""
    _alert(event.aggregate_id)


@scheduled(
    "break-glass-alert-late", every=timedelta(minutes=1), label="Alertes d’accès d’urgence que personne n’a reçues"
)
def alert_late() -> int:
    """Write to the referents of what nobody could be told of before: none had an address; return how many are told now."""
    return sum(map(_alert, BreakGlass.objects.filter(alerted_at=None, verdict="").values_list("id", flat=True)))


def _alert(break_glass_id: UUID) -> bool:
    opened = BreakGlass.objects.select_related("organisation__part_of__part_of").get(pk=break_glass_id)
    if opened.alerted_at:
        return False
    following = CircleMembership.objects.filter(
        person_id=opened.person_id, basis=Basis.COORDINATION, ends_at=None
    ).values_list("organisation_id", flat=True)
    places = {opened.organisation_id, *establishment_of(opened.organisation), *following}
    recipients = addresses_of(places, Role.PRIVACY_OFFICER)
    if not recipients:
        return False
    told = {"reference": opened.reference, "address": settings.PUBLIC_URL}
    text = render_to_string("emails/break_glass_opened.txt", told)
    send_mail(f"Accès d’urgence à revoir : {opened.reference}", text, None, recipients)
    note_alert(FollowBreakGlass(id=opened.id), by=system_actor("break-glass-alert"))
    return True


@ingests(KIND)
def write_reserved(held: dict[str, Any]) -> None:
    """Write a break-glass that the reserve kept: its notice and its alert follow as for any other."""
    record_reserved(read_reserved(held), by=system_actor("audit_reingest"))


@scheduled("break-glass-clock", every=timedelta(minutes=1), label="Fin des accès d’urgence")
def end_those_over() -> int:
    """Note the end of each break-glass whose four hours are over; return how many."""
    ended = 0
    for id in due_to_expire():
        try:
            expire_break_glass(FollowBreakGlass(id=id), by=system_actor("break-glass-clock"))
            ended += 1
        except TransitionRefused:
            continue  # its opener ended it meanwhile
    return ended
