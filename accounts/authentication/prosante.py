"""Pro Santé Connect as this service speaks with it: what it says is believed once every check holds.

Source: OpenID Connect Core 1.0 §3.1.3.7 (ID token), §5.3.2 (userinfo), §12 (refresh); RFC 7636 (PKCE).
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

import orjson
from django.conf import settings
from django.core.cache import cache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from accounts.authentication.records import ProvenIdentity
from accounts.authentication.rules import (
    ID_TOKEN_KEYS,
    ProSanteRefused,
    ProSanteUnavailable,
    check_id_token_claims,
    declared_places,
    rpps_of,
)
from accounts.kernel.clock import now
from accounts.kernel.outbound import OutboundFailed, OutboundRefused, client_for

KEYS_KEPT = 3600
KEYS_ASKED_AGAIN_AFTER = 60
WAITS = (3.0, 5.0, 5.0, 3.0)
"""Seconds to connect, to read, to write, to wait for a free connection."""

LONGEST_TOKEN = 16 * 1024
SHORTEST_RSA_BITS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class ProSante:
    """The identity provider as it is set up here; its other addresses follow from the issuer's."""

    issuer: str
    authorization_endpoint: str
    client_id: str
    client_secret: str
    acr: str

    @classmethod
    def installed(cls) -> Self | None:
        """Return the provider of this installation; `None` when it has none."""
        if not settings.PSC_ISSUER:
            return None
        return cls(
            issuer=settings.PSC_ISSUER,
            authorization_endpoint=settings.PSC_AUTHORIZATION_ENDPOINT,
            client_id=settings.PSC_CLIENT_ID,
            client_secret=settings.PSC_CLIENT_SECRET,
            acr=settings.PSC_ACR,
        )

    def endpoint(self, name: str) -> str:
        """Return the address of one service of the provider: token, userinfo, certs or logout."""
        return f"{self.issuer}/protocol/openid-connect/{name}"

    def exchange(self, code: str, *, verifier: str, return_address: str) -> dict[str, Any]:
        """Return what the provider gives for a code; raises as `identify` does."""
        answer = self._token(
            grant_type="authorization_code", code=code, code_verifier=verifier, redirect_uri=return_address
        )
        if not isinstance(answer.get("access_token"), str):
            raise ProSanteRefused("answer")
        return answer

    def identify(self, answer: Mapping[str, Any], *, nonce: str, since: datetime | None = None) -> ProvenIdentity:
        """Return who signed in, from the answer of the token endpoint; raise `ProSanteRefused` or `ProSanteUnavailable`.

        `since`: the person must have given her proof again after that instant (a confirmation).
        """
        claims = self._verified(answer.get("id_token"))
        at = now()
        proven_at = check_id_token_claims(
            claims, issuer=self.issuer, client_id=self.client_id, nonce=nonce, acr=self.acr, at=at, since=since
        )
        told = self._userinfo(answer["access_token"])
        if told.get("sub") != claims["sub"]:
            raise ProSanteRefused("userinfo-sub")
        return ProvenIdentity(
            rpps=rpps_of(told.get("SubjectNameID")),
            places=declared_places(told),
            proven_at=min(proven_at, at),
            grant=_grant(answer),
            lasts=_lifetime(answer),
        )

    def renew(self, grant: Mapping[str, Any]) -> tuple[dict[str, str], timedelta]:
        """Return the next grant of a session and how long it holds; raise `ProSanteRefused` when the provider ends it."""
        answer = self._token(grant_type="refresh_token", refresh_token=grant.get("refresh_token", ""))
        return {**grant, **_grant(answer), "id_token": grant.get("id_token", "")}, _lifetime(answer)

    def _token(self, **question: str) -> dict[str, Any]:
        proof = {"client_id": self.client_id, "client_secret": self.client_secret}
        return _json(_ask("POST", self.endpoint("token"), data=question | proof))

    def _userinfo(self, access_token: str) -> dict[str, Any]:
        response = _ask("GET", self.endpoint("userinfo"), headers={"Authorization": f"Bearer {access_token}"})
        if response.headers.get("Content-Type", "").partition(";")[0] != "application/jwt":
            return _json(response)
        told = self._verified(response.text)
        if told.get("iss") != self.issuer or self.client_id not in (told.get("aud"), *_list(told.get("aud"))):
            raise ProSanteRefused("userinfo-issuer")
        return told

    def _verified(self, token: object) -> dict[str, Any]:
        """Return the claims of a token that one of the provider's present keys signed with an algorithm of ours."""
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise ProSanteRefused("no-token")
        header = _header(token)
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ID_TOKEN_KEYS:
            raise ProSanteRefused("algorithm")
        if not isinstance(kid, str):
            raise ProSanteRefused("key")
        try:
            return dict(jwt.decode(token, self._key(kid, algorithm), algorithms=[algorithm]).claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProSanteRefused("signature") from error

    def _key(self, kid: str, algorithm: str) -> RSAKey | ECKey:
        for jwk in (*self._keys(), *self._keys_again(kid)):
            if jwk.get("kid") == kid and jwk.get("use", "sig") == "sig" and jwk.get("alg", algorithm) == algorithm:
                key = import_key(jwk) if jwk.get("kty") == ID_TOKEN_KEYS[algorithm] else None
                if isinstance(key, ECKey) and key.curve_name == "P-256":
                    return key
                if isinstance(key, RSAKey) and key.raw_value.key_size >= SHORTEST_RSA_BITS:
                    return key
        raise ProSanteRefused("key")

    def _keys(self) -> list[dict[str, Any]]:
        kept: list[dict[str, Any]] | None = cache.get(self._place("keys"))
        return self._fetch_keys() if kept is None else kept

    def _keys_again(self, kid: str) -> list[dict[str, Any]]:
        """Return the keys as they are now when none kept has this name: asked for once a minute at most."""
        if any(jwk.get("kid") == kid for jwk in self._keys()):
            return []
        return self._fetch_keys() if cache.add(self._place("asked"), 1, KEYS_ASKED_AGAIN_AFTER) else []

    def _fetch_keys(self) -> list[dict[str, Any]]:
        found = _json(_ask("GET", self.endpoint("certs"))).get("keys")
        keys = [jwk for jwk in _list(found) if isinstance(jwk, dict)]
        cache.set(self._place("keys"), keys, KEYS_KEPT)
        cache.add(self._place("asked"), 1, KEYS_ASKED_AGAIN_AFTER)
        return keys

    def _place(self, name: str) -> str:
        return f"prosante-{name}-{binascii.crc32(self.issuer.encode())}"


def _ask(method: str, url: str, **what: Any) -> Any:
    """Return an answer of the provider; raise `ProSanteUnavailable` for none, or a fault of its own, `ProSanteRefused` for a refusal."""
    try:
        with client_for(url) as client:
            response = client.request(method, url, timeout=WAITS, **what)
    except (OutboundFailed, OutboundRefused) as error:
        raise ProSanteUnavailable from error
    if response.is_redirect or response.is_server_error:
        raise ProSanteUnavailable
    if not response.is_success:
        raise ProSanteRefused("answer")
    return response


def _json(response: Any) -> dict[str, Any]:
    try:
        found = orjson.loads(response.content)
    except ValueError as error:
        raise ProSanteRefused("answer") from error
    if not isinstance(found, dict):
        raise ProSanteRefused("answer")
    return found


def _header(token: str) -> dict[str, Any]:
    try:
        text = token.partition(".")[0]
        header = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError as error:
        raise ProSanteRefused("token") from error
    if not isinstance(header, dict):
        raise ProSanteRefused("token")
    return header


def _grant(answer: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(answer[name]) for name in ("refresh_token", "id_token") if answer.get(name)}


def _lifetime(answer: Mapping[str, Any]) -> timedelta:
    seconds = answer.get("expires_in")
    return timedelta(seconds=min(max(seconds, 30), 3600) if isinstance(seconds, int) else 120)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
