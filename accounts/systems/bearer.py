"""Who a bearer token speaks for."""

import hashlib
from uuid import UUID

from django.http import HttpRequest

from accounts.kernel.actor import Actor, Channel, Role
from accounts.kernel.clock import now
from accounts.kernel.ids import new_id
from accounts.organisations.directory import units_of
from accounts.systems.certificates import presented_certificate
from accounts.systems.models import AccessToken
from accounts.systems.rules import still_open

LONGEST_KEY = 255


def token_digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def live_token(token: str) -> AccessToken | None:
    """Return the token that a system holds, with its system, while both are open; `None` for any other text."""
    held = AccessToken.objects.select_related("client").filter(
        digest=token_digest(token), expires_at__gt=now(), client__is_active=True
    )
    return held.first()


def actor_from_bearer(request: HttpRequest) -> Actor | None:
    """Return the system behind the request's bearer token; `None` without token, or with one that holds no more.

    A token bound to a certificate holds with that certificate only. The actor carries those
    of the token's scopes that its system may still have, `X-Request-Id` when it is a UUID
    (else a new id) and the header `Idempotency-Key`.
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        return None
    held = live_token(token.strip())
    if held is None or (held.certificate and held.certificate != presented_certificate(request)):
        return None
    return Actor(
        role=Role.FHIR_CLIENT,
        channel=Channel.FHIR,
        id=held.client_id,
        organisation_id=held.client.organisation_id,
        stands_for=units_of(held.client.organisation_id),
        display_name=held.client.name,
        session=held.digest[:12],
        scopes=still_open(tuple(held.scopes), tuple(held.client.scopes)),
        idempotency_key=request.headers.get("Idempotency-Key", "")[:LONGEST_KEY],
        ip=request.META.get("REMOTE_ADDR", ""),
        correlation_id=_correlation_id(request),
    )


def _correlation_id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.headers.get("X-Request-Id", ""))
    except ValueError:
        return new_id()
