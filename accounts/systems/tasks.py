"""Clocks of systems: what ended is removed."""

from datetime import timedelta

from accounts.kernel.clock import now
from accounts.outbox.registry import scheduled
from accounts.systems.models import AccessToken, UsedAssertion


@scheduled("token-purge", every=timedelta(minutes=15), label="Jetons périmés effacés")
def purge_tokens() -> int:
    """Remove tokens and used assertions whose time is over; return how many."""
    instant = now()
    tokens, _ = AccessToken.objects.filter(expires_at__lt=instant).delete()
    assertions, _ = UsedAssertion.objects.filter(expires_at__lt=instant - timedelta(minutes=1)).delete()
    return tokens + assertions
