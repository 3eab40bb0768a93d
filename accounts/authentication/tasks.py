"""Clocks of sign-in: what ended is removed."""

from datetime import timedelta

from django.contrib.sessions.models import Session

from accounts.authentication.models import AccessToken, UsedAssertion
from accounts.kernel.clock import now
from accounts.outbox.registry import scheduled


@scheduled("sign-in-purge", every=timedelta(minutes=15), label="Jetons et codes périmés effacés")
def purge_ended() -> int:
    """Remove sessions, tokens and used assertions whose time is over; return how many."""
    instant = now()
    return sum(
        rows.delete()[0]
        for rows in (
            Session.objects.filter(expire_date__lt=instant),
            AccessToken.objects.filter(expires_at__lt=instant),
            UsedAssertion.objects.filter(expires_at__lt=instant - timedelta(minutes=1)),
        )
    )
