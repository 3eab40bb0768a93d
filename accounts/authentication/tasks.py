"""Clocks of sign-in: what ended is removed, what may be a fault is told."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.authentication.models import OpenSession
from accounts.authentication.situations import held_by
from accounts.authentication.states import Way
from accounts.kernel.actor import Role
from accounts.kernel.clock import PARIS, now
from accounts.organisations.directory import addresses_of
from accounts.outbox.registry import scheduled


@scheduled("sign-in-purge", every=timedelta(minutes=15), label="Sessions périmées effacées")
def purge_sessions() -> int:
    """Remove sessions whose time is over, and what was kept of those of yesterday; return how many."""
    over = OpenSession.objects.filter(seen_at__lt=now() - timedelta(days=1)).delete()[0]
    return over + Session.objects.filter(expire_date__lt=now()).delete()[0]


@scheduled("emergency-sign-in-alert", every=timedelta(minutes=1), label="Connexions de secours des régulateurs")
def alert_of_local_sign_ins() -> int:
    """Write to the referents of an emergency service where somebody came in without Pro Santé Connect; return how many did.

    Source: security.md §3.4. Where Pro Santé Connect is not set up, the password is the ordinary way in.
    """
    if not settings.PSC_ISSUER:
        return 0
    told = 0
    for session in OpenSession.objects.filter(way=Way.LOCAL, told_at=None).select_related("user"):
        posts = [one for one in held_by(session.user_id) if one.role == Role.EMERGENCY_DISPATCHER]
        places = {place for one in posts for place in (one.organisation_id, *one.establishment)}
        if recipients := addresses_of(places, Role.PRIVACY_OFFICER):
            at = session.created_at.astimezone(PARIS)
            text = render_to_string("emails/local_sign_in.txt", {"at": at, "address": settings.PUBLIC_URL})
            send_mail("Connexion de secours au poste de régulation", text, None, recipients)
            told += 1
        OpenSession.objects.filter(pk=session.pk).update(told_at=now())
    return told
