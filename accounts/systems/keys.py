"""The public keys of a system: as registered, or as its registered address gives them.

An address is called at most once a minute, whatever assertions name and however many processes ask; what it no
longer gives no longer signs. Source: SMART App Launch 2.2.0, client registration; RFC 7517.
"""

import logging
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction

from accounts.kernel.clock import now
from accounts.kernel.outbound import OutboundFailed, OutboundRefused, client_for
from accounts.systems.assertions import check_public_keys
from accounts.systems.models import FetchedKeys
from accounts.systems.records import ClientSnapshot
from accounts.systems.rules import KeysRefused

log = logging.getLogger(__name__)
BETWEEN_CALLS = timedelta(minutes=1)
USUAL_LIFE = timedelta(minutes=5)
LONGEST_LIFE = timedelta(hours=1)
MOST_BYTES = 64 * 1024
_MAX_AGE = re.compile(r"max-age=(\d{1,9})")
OK = 200


def keys_of(client: ClientSnapshot, *, kid: str) -> Mapping[str, Any]:
    """Return the JWK set that a system may sign with now; the empty one when its address gives none.

    A key that is not known yet (`kid`) makes a call, when the last one is a minute ago.
    """
    if not client.keys.url:
        return client.keys.jwks
    kept, instant = FetchedKeys.objects.filter(client_id=client.id).first(), now()
    if kept and instant < kept.fresh_until and kid in _names(kept.jwks):
        return dict(kept.jwks)
    if _claim_call(client.id, kept, instant):
        _keep(client, instant)
        kept = FetchedKeys.objects.get(client_id=client.id)
    return dict(kept.jwks) if kept and instant < kept.fresh_until else {}


def _claim_call(client_id: UUID, kept: FetchedKeys | None, instant: datetime) -> bool:
    """Tell whether this process may call now: of all that ask within a minute, one does."""
    if kept:
        rows = FetchedKeys.objects.filter(client_id=client_id, tried_at__lte=instant - BETWEEN_CALLS)
        return rows.update(tried_at=instant) == 1
    try:
        with transaction.atomic():
            FetchedKeys.objects.create(client_id=client_id, tried_at=instant, fresh_until=instant)
    except IntegrityError:
        return False
    return True


def _keep(client: ClientSnapshot, instant: datetime) -> None:
    try:
        jwks, life = _fetch(client.keys.url)
    except (OutboundRefused, OutboundFailed, KeysRefused, ValueError) as error:
        log.warning("keys of a system could not be fetched", extra={"error_code": type(error).__name__})
        return
    FetchedKeys.objects.filter(client_id=client.id).update(jwks=jwks, fresh_until=instant + life)


def _fetch(url: str) -> tuple[dict[str, Any], timedelta]:
    with client_for(url, headers={"Accept": "application/json"}) as http:
        answer = http.get(url)
    if answer.status_code != OK or len(answer.content) > MOST_BYTES:
        raise KeysRefused
    jwks: dict[str, Any] = orjson.loads(answer.content)
    check_public_keys(jwks)
    return jwks, life_of(answer.headers.get("Cache-Control", ""))


def life_of(cache_control: str) -> timedelta:
    """Return how long fetched keys are kept: as told, between the minute between two calls and an hour."""
    if "no-store" in cache_control or "no-cache" in cache_control:
        return BETWEEN_CALLS
    told = _MAX_AGE.search(cache_control)
    life = timedelta(seconds=int(told[1])) if told else USUAL_LIFE
    return min(max(life, BETWEEN_CALLS), LONGEST_LIFE)


def _names(jwks: Mapping[str, Any]) -> set[str]:
    return {key.get("kid", "") for key in jwks.get("keys", [])}
