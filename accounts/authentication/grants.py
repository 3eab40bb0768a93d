"""A session opened by Pro Santé Connect lasts no longer than the one over there."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.authentication.models import OpenSession
from accounts.authentication.open_sessions import own
from accounts.authentication.prosante import ProSante
from accounts.authentication.rules import ProSanteRefused, ProSanteUnavailable
from accounts.authentication.sessions import GRANT_DUE_AT
from accounts.kernel.clock import now
from accounts.kernel.crypto import Unreadable

ASKED_AGAIN_AFTER = timedelta(minutes=1)


def provider_ended(request: HttpRequest) -> bool:
    """Ask Pro Santé Connect, when what it gave is due, whether its session still holds; tell when it does not.

    One request asks for all that come at once. While Pro Santé Connect does not answer, the
    session lives on to its own limits.
    """
    due: float | None = request.session.get(GRANT_DUE_AT)
    if due is None or due > now().timestamp():
        return False
    provider = ProSante.installed()
    row = own(request).first()
    if provider is None or row is None or row.grant_due_at is None:
        return True
    instant = now()
    if row.grant_due_at <= instant:
        mine = OpenSession.objects.filter(pk=row.pk, grant_due_at=row.grant_due_at)
        row.grant_due_at = instant + ASKED_AGAIN_AFTER
        if mine.update(grant_due_at=row.grant_due_at) and not _renewed(row, provider):
            return True
    request.session[GRANT_DUE_AT] = row.grant_due_at.timestamp()
    return False


def _renewed(row: OpenSession, provider: ProSante) -> bool:
    try:
        row.provider_grant, lasts = provider.renew(row.provider_grant or {})
    except (ProSanteRefused, Unreadable):
        return False
    except ProSanteUnavailable:
        return True
    row.grant_due_at = now() + lasts
    row.save(update_fields=["provider_grant", "grant_due_at"])
    return True


def farewell(request: HttpRequest) -> dict[str, Any] | None:
    """Return what the browser sends to Pro Santé Connect to end the session there too; `None` when there is none."""
    provider = ProSante.installed()
    row = own(request).filter(provider_grant__isnull=False).first()
    if provider is None or row is None:
        return None
    try:
        hint = (row.provider_grant or {}).get("id_token", "")
    except Unreadable:
        hint = ""
    return {
        "action": provider.endpoint("logout"),
        "hint": hint,
        "client_id": provider.client_id,
        "onward": f"{settings.PUBLIC_URL}{reverse('account_login')}",
    }
