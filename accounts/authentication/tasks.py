"""Clocks of sign-in: what ended is removed."""

from datetime import timedelta

from django.contrib.sessions.models import Session

from accounts.authentication.models import OpenSession
from accounts.kernel.clock import now
from accounts.outbox.registry import scheduled


@scheduled("sign-in-purge", every=timedelta(minutes=15), label="Sessions périmées effacées")
def purge_sessions() -> int:
    """Remove sessions whose time is over, and what was kept of those of yesterday; return how many."""
    over = OpenSession.objects.filter(seen_at__lt=now() - timedelta(days=1)).delete()[0]
    return over + Session.objects.filter(expire_date__lt=now()).delete()[0]
