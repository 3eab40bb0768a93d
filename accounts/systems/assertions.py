"""Verifying what a system signs to identify itself (SMART Backend Services), pure.

Source: SMART App Launch 2.2.0, client authentication, asymmetric; RFC 7523.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from accounts.systems.records import Assertion
from accounts.systems.rules import AssertionRefused, KeysRefused

ALGORITHMS = ("ES384", "RS384")
CURVE = "P-384"
SHORTEST_RSA_BITS = 2048
LONGEST_RSA_BITS = 8192
MOST_KEYS = 20
LONGEST_ASSERTION = timedelta(minutes=5)
LEEWAY = timedelta(seconds=10)
LONGEST_ID = 200
LONGEST_TEXT = 8192


def claimed_client(assertion: str) -> UUID | None:
    """Return the client that an assertion says it comes from, unverified; `None` when it cannot be read."""
    try:
        return UUID(_unverified(assertion, 1)["iss"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def claimed_key(assertion: str) -> str:
    """Return the name of the key that an assertion says it is signed with, unverified; empty when it cannot be read."""
    kid = _unverified(assertion, 0).get("kid")
    return kid if isinstance(kid, str) else ""


def _unverified(assertion: str, part: int) -> dict[str, Any]:
    try:
        text = assertion[:LONGEST_TEXT].split(".")[part]
        read = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (IndexError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def verify_assertion(
    assertion: str, *, client_id: UUID, jwks: Mapping[str, Any], jwks_url: str, audience: str, at: datetime
) -> Assertion:
    """Return what an assertion says once its signature and every claim hold; raise `AssertionRefused` otherwise.

    The key is the registered one that the header names. A `jku` may only repeat the address
    that is registered (`jwks_url`): no key is ever fetched from an address inside an assertion.
    """
    if len(assertion) > LONGEST_TEXT:
        raise AssertionRefused
    try:
        token = jwt.decode(assertion, KeySet.import_key_set(jwks), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]  # (a JWK set as registered)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise AssertionRefused from error
    header, claims = token.header, token.claims
    if not header.get("kid") or {"jwk", "x5u", "x5c"} & set(header) or header.get("jku", jwks_url) != jwks_url:
        raise AssertionRefused
    issuer, subject = claims.get("iss"), claims.get("sub")
    if issuer != str(client_id) or subject != issuer or claims.get("aud") not in (audience, [audience]):
        raise AssertionRefused
    expires_at, jti = _instant(claims.get("exp")), claims.get("jti")
    if expires_at is None or not at < expires_at <= at + LONGEST_ASSERTION + LEEWAY:
        raise AssertionRefused
    if any(claim in claims and not _is_past(claims[claim], at) for claim in ("nbf", "iat")):
        raise AssertionRefused
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_ID:
        raise AssertionRefused
    return Assertion(jti=jti, expires_at=expires_at)


def check_public_keys(jwks: Mapping[str, Any]) -> None:
    """Raise `KeysRefused` unless a JWK set holds only named public keys of a kind that may sign assertions."""
    try:
        keys = KeySet.import_key_set(jwks).keys  # type: ignore[arg-type]  # (what a file holds)
        named = [key["kid"] for key in jwks["keys"]]
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise KeysRefused from error
    fit = all(not key.is_private and _is_strong(key) for key in keys)
    if not 0 < len(keys) <= MOST_KEYS or not fit or not all(named) or len(set(named)) != len(named):
        raise KeysRefused


def _is_strong(key: object) -> bool:
    if isinstance(key, ECKey):
        return key.curve_name == CURVE
    return isinstance(key, RSAKey) and SHORTEST_RSA_BITS <= key.raw_value.key_size <= LONGEST_RSA_BITS


def _instant(stamp: object) -> datetime | None:
    if isinstance(stamp, bool) or not isinstance(stamp, int | float):
        return None
    try:
        return datetime.fromtimestamp(stamp, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _is_past(stamp: object, at: datetime) -> bool:
    instant = _instant(stamp)
    return instant is not None and instant <= at + LEEWAY
