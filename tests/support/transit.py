"""A server that behaves as Vault's transit engine does, over real HTTPS on loopback; it ends with its block.

Its keys have versions and are derived from a context by HKDF, as `derived=true` makes them. It signs a role in, asks each
call for a token whose policy allows it, refuses in Vault's own words and statuses, and can be sealed.
Source: developer.hashicorp.com/vault/api-docs/secret/transit, …/auth/approle, …/api-docs (statuses).
"""

import base64
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.support.tls import Answer, Authority, https_server

MOUNT, KEY = "transit", "coordination-ppa"
NONCE_BYTES = 12


class Refused(Exception):
    """What Vault answers instead: a status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass
class Transit:
    """What the server holds; the tests change it as they go."""

    authority_file: Path
    address: str = ""
    versions: list[bytes] = field(default_factory=lambda: [secrets.token_bytes(32)])
    least_version: int = 1
    tokens: set[str] = field(default_factory=set)
    role: tuple[str, str] = ("role-of-the-tests", "secret-of-the-tests")
    namespace: str = ""
    sealed: bool = False
    status: int = 0
    body: bytes | None = None
    asked: list[str] = field(default_factory=list)

    def rotate(self) -> None:
        """Make a new version of the key, as `vault write -f transit/keys/…/rotate` does."""
        self.versions.append(secrets.token_bytes(32))

    def new_token(self) -> str:
        """Return a token whose policy allows the key."""
        token = f"hvs.{secrets.token_urlsafe(16)}"
        self.tokens.add(token)
        return token

    def answer(self, call: BaseHTTPRequestHandler) -> Answer:
        """Answer one call."""
        self.asked.append(call.path)
        raw = call.rfile.read(int(call.headers.get("Content-Length", "0")))
        try:
            told = self._told(call, raw)
        except Refused as refusal:
            return refusal.status, _JSON, json.dumps({"errors": [refusal.sentence]}).encode()
        return 200, _JSON, json.dumps(told).encode() if self.body is None else self.body

    def _told(self, call: BaseHTTPRequestHandler, raw: bytes) -> dict[str, Any]:
        if self.sealed:
            raise Refused(503, "Vault is sealed")
        if self.status:
            raise Refused(self.status, "as told")
        if call.headers.get("X-Vault-Request") != "true" or not call.path.startswith("/v1/"):
            raise Refused(404, "")
        given = json.loads(raw)
        place = call.path.removeprefix("/v1/").split("/")
        if call.headers.get("X-Vault-Namespace", "") != self.namespace:
            raise Refused(403, "permission denied")
        if place == ["auth", "approle", "login"]:
            return self._signed_in(given)
        if call.headers.get("X-Vault-Token") not in self.tokens:
            raise Refused(403, "permission denied")
        if len(place) != 3 or place[0] != MOUNT:
            raise Refused(404, f"no handler for route {'/'.join(place)!r}")
        return {"data": self._done(place[1], place[2], given)}

    def _signed_in(self, given: dict[str, str]) -> dict[str, Any]:
        if (given.get("role_id"), given.get("secret_id")) != self.role:
            raise Refused(400, "invalid role or secret ID")
        return {"auth": {"client_token": self.new_token(), "lease_duration": 1200, "renewable": True}}

    def _done(self, verb: str, name: str, given: dict[str, str]) -> dict[str, Any]:
        if name != KEY:
            raise Refused(400, "encryption key not found")
        context = _decoded(given.get("context", ""))
        if not context:
            raise Refused(400, "missing 'context' for key derivation; the key was created using a derived key")
        if verb == "encrypt":
            return self._encrypted(_decoded(given["plaintext"]), context)
        if verb == "decrypt":
            return {"plaintext": base64.b64encode(self._decrypted(given["ciphertext"], context)).decode()}
        if verb == "rewrap":
            return self._encrypted(self._decrypted(given["ciphertext"], context), context)
        raise Refused(404, "unsupported path")

    def _encrypted(self, plaintext: bytes, context: bytes) -> dict[str, Any]:
        nonce, version = secrets.token_bytes(NONCE_BYTES), len(self.versions)
        sealed = nonce + AESGCM(self._key(version, context)).encrypt(nonce, plaintext, None)
        return {"ciphertext": f"vault:v{version}:{base64.b64encode(sealed).decode()}", "key_version": version}

    def _decrypted(self, ciphertext: str, context: bytes) -> bytes:
        prefix, _, rest = ciphertext.partition(":v")
        number, _, encoded = rest.partition(":")
        if prefix != "vault" or not number.isdigit() or not 0 < int(number) <= len(self.versions):
            raise Refused(400, "invalid ciphertext: no prefix")
        if int(number) < self.least_version:
            raise Refused(400, "ciphertext or signature version is disallowed by policy (too old)")
        sealed = _decoded(encoded)
        try:
            return AESGCM(self._key(int(number), context)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except (InvalidTag, ValueError):
            raise Refused(400, "invalid ciphertext: unable to decrypt") from None

    def _key(self, version: int, context: bytes) -> bytes:
        return HKDF(hashes.SHA256(), 32, salt=None, info=context).derive(self.versions[version - 1])


_JSON = {"Content-Type": "application/json"}


@contextmanager
def running(directory: Path) -> Iterator[Transit]:
    """Run a server for the time of a block; its authority's certificate lies in `directory`."""
    authority = Authority(directory)
    transit = Transit(authority_file=authority.file)
    with https_server(authority, transit.answer) as port:
        transit.address = f"https://localhost:{port}"
        yield transit


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused(400, "failed to base64-decode") from None
