"""Who a bearer token speaks for."""

import hashlib
from uuid import UUID

from django.http import HttpRequest

from accounts.kernel.actor import Actor, Channel, Role
from accounts.kernel.clock import now
from accounts.kernel.ids import new_id
from accounts.organisations.directory import units_of
from accounts.systems.models import AccessToken

LONGEST_KEY = 255


def token_digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def actor_from_bearer(request: HttpRequest) -> Actor | None:
    """Return the system behind the request's bearer token; `None` without token, or with one that holds no more.

    The actor carries the token's scopes, `X-Request-Id` when it is a UUID (else a new id)
    and the header `Idempotency-Key`.
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        return None
    held = (
        AccessToken.objects.select_related("client")
        .filter(digest=token_digest(token.strip()), expires_at__gt=now(), client__is_active=True)
        .first()
    )
    if held is None:
        return None
    return Actor(
        role=Role.FHIR_CLIENT,
        channel=Channel.FHIR,
        id=held.client_id,
        organisation_id=held.client.organisation_id,
        stands_for=units_of(held.client.organisation_id),
        display_name=held.client.name,
        session=held.digest[:12],
        scopes=frozenset(held.scopes),
        idempotency_key=request.headers.get("Idempotency-Key", "")[:LONGEST_KEY],
        ip=request.META.get("REMOTE_ADDR", ""),
        correlation_id=_correlation_id(request),
    )


def _correlation_id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.headers.get("X-Request-Id", ""))
    except ValueError:
        return new_id()
