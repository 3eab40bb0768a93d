"""A small OpenID provider over real HTTPS on loopback, in the manner of Pro Santé Connect; it ends with its block.

It signs in `person` without asking, keeps each code for one use, checks PKCE, the client's
secret and the return address, and can be told to lie in what it signs (`forge`) or says.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.support.tls import Answer, Authority, https_server

CLIENT, SECRET = "coordination-ppa", "secret-of-the-tests"
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig", "alg": "RS256"})
ELLIPTIC = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig", "alg": "ES256"})

Forge = Callable[[dict[str, Any], dict[str, Any]], str | None]


def encoded(part: Any) -> str:
    """Return a part of a token: JSON in base64url without padding."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@dataclass
class Provider:
    """What the provider answers; the tests change it as they go."""

    authority_file: Path
    base: str = ""
    issuer: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    forge: Forge | None = None
    userinfo: dict[str, Any] | None = None
    refreshes: bool = True
    down: bool = False
    keys: list[Any] = field(default_factory=lambda: [RSA, ELLIPTIC])
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    auth_time: int | None = None

    def calls(self, path: str) -> list[dict[str, str]]:
        """Return what one address was asked with, in order."""
        return [values for where, values in self.asked if where.endswith(path)]

    def id_token(self, *, nonce: str) -> str:
        """Return the token of the person, true unless the test forges it."""
        present = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "azp": CLIENT,
            "sub": self.person["sub"],
            "exp": present + 60,
            "iat": present,
            "auth_time": self.auth_time or present,
            "nonce": nonce,
            "acr": "eidas1",
        }
        header = {"alg": "RS256", "kid": "rsa-1", "typ": "JWT"}
        forged = self.forge(claims, header) if self.forge else None
        return forged or signed(claims, header)

    def answer(self, where: str, values: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer one of the addresses that our service asks."""
        if self.down:
            return 503, {}
        if where == "token":
            return self.answer_token(values)
        if where == "userinfo":
            return 200, self.userinfo or self.person
        if where == "certs":
            return 200, {"keys": [key.as_dict(private=False) for key in self.keys]}
        return 404, {}

    def answer_token(self, values: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer the token endpoint: a code, once, or a refresh token."""
        if (values.get("client_id"), values.get("client_secret")) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        if values.get("grant_type") == "refresh_token":
            if not self.refreshes:
                return 400, {"error": "invalid_grant"}
            return 200, {"access_token": "next", "refresh_token": secrets.token_urlsafe(8), "expires_in": 120}
        kept = self.codes.pop(values.get("code", ""), None)
        if kept is None or kept["redirect_uri"] != values.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(values.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != kept["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        token = self.id_token(nonce=kept["nonce"])
        return 200, {"access_token": "access", "refresh_token": "refresh", "expires_in": 120, "id_token": token}

    def answer_authorization(self, values: dict[str, str]) -> str:
        """Return where the browser goes back to, the person signed in."""
        assert values["response_type"] == "code"
        assert values["client_id"] == CLIENT
        assert values["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = values
        return f"{values['redirect_uri']}?{urlencode({'code': code, 'state': values['state'], 'iss': self.issuer})}"


def signed(claims: dict[str, Any], header: dict[str, Any], key: Any = None) -> str:
    """Return a token with a true signature."""
    key = key or (ELLIPTIC if header["alg"] == "ES256" else RSA)
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


@contextmanager
def running(directory: Path) -> Iterator[Provider]:
    """Run a provider for the time of a block; its authority's certificate lies in `directory`."""
    authority = Authority(directory)
    provider = Provider(authority_file=authority.file)

    def answer(call: BaseHTTPRequestHandler) -> Answer:
        address = urlsplit(call.path)
        body = _single(call.rfile.read(int(call.headers.get("Content-Length", "0"))).decode())
        query = _single(address.query)
        provider.asked.append((address.path, query | body))
        where = address.path.rpartition("/")[2]
        if where == "auth":
            return 302, {"Location": provider.answer_authorization(query)}, b""
        if where == "logout":
            return 302, {"Location": body["post_logout_redirect_uri"]}, b""
        status, told = provider.answer(where, body)
        return status, {"Content-Type": "application/json"}, json.dumps(told).encode()

    with https_server(authority, answer) as port:
        provider.base = f"https://localhost:{port}"
        provider.issuer = f"{provider.base}/realms/esante"
        yield provider


def _single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
