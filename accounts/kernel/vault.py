"""The master key in Vault's transit engine: it wraps and unwraps the data keys there, and never leaves it.

What is stored is `vault:v<version>:…`. The key is a derived one: each call carries the same context, so that whatever
else is wrapped by the same key does not open here. (Associated data would bind as well, but `rewrap` does not take any.)
Source: developer.hashicorp.com/vault/api-docs/secret/transit, …/auth/approle.
"""

import base64
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings

from accounts.kernel.crypto import KEY_BYTES, Unreadable
from accounts.kernel.custody import CustodyFailed
from accounts.kernel.keys import read_secret
from accounts.kernel.outbound import OutboundFailed, OutboundRefused, client_for

CONTEXT: Final = base64.b64encode(b"coordination-ppa|data-key").decode()
HINTS: Final[dict[int, str]] = {
    HTTPStatus.BAD_REQUEST: "VAULT_TRANSIT_KEY must name a derived key of type aes256-gcm96",
    HTTPStatus.FORBIDDEN: "the token, or what its policy allows",
    HTTPStatus.NOT_FOUND: "VAULT_TRANSIT_MOUNT names no engine",
    HTTPStatus.SERVICE_UNAVAILABLE: "sealed, or without a leader",
}


class TransitCustody:
    """The key `VAULT_TRANSIT_KEY` of the transit engine at `VAULT_ADDR`, through one signed-in client.

    Every call raises `CustodyFailed` when Vault refuses, cannot be reached or answers nonsense.
    """

    def wrap(self, key: bytes) -> bytes:
        """Wrap by the newest version of the key."""
        return self._ciphertext("encrypt", plaintext=base64.b64encode(key).decode())

    def unwrap(self, wrapped: bytes) -> bytes:
        """Unwrap; raises `Unreadable` for what another key, or another holder, wrapped."""
        try:
            opened = base64.b64decode(self._told("decrypt", ciphertext=_text(wrapped))["plaintext"], validate=True)
        except (KeyError, TypeError, ValueError):
            raise CustodyFailed("The key service answered what is no key.") from None
        if len(opened) != KEY_BYTES:
            raise CustodyFailed("The key service answered what is no key.")
        return opened

    def rewrap(self, wrapped: bytes) -> bytes:
        """Wrap by the newest version what an older one wrapped, inside Vault; raises `Unreadable` as `unwrap` does."""
        return self._ciphertext("rewrap", ciphertext=_text(wrapped))

    def _ciphertext(self, verb: str, **given: str) -> bytes:
        told = self._told(verb, **given).get("ciphertext")
        if not isinstance(told, str) or not told.startswith("vault:v"):
            raise CustodyFailed("The key service answered what is no wrapped key.")
        return told.encode()

    def _told(self, verb: str, **given: str) -> dict[str, Any]:
        place = "/".join(quote(part, safe="") for part in (verb, settings.VAULT_TRANSIT_KEY))
        status, told = _post(f"{settings.VAULT_TRANSIT_MOUNT}/{place}", {**given, "context": CONTEXT}, self._token)
        if status == HTTPStatus.BAD_REQUEST and "ciphertext" in given:
            raise Unreadable("the master key does not open this key")
        if status != HTTPStatus.OK:
            raise _refused(status)
        data = told.get("data")
        return data if isinstance(data, dict) else {}

    @cached_property
    def _token(self) -> str:
        """The token of the file, which an agent may renew, or one that the role is given now."""
        if settings.VAULT_TOKEN_FILE:
            return _secret(settings.VAULT_TOKEN_FILE)
        role = {"role_id": settings.VAULT_ROLE_ID, "secret_id": _secret(settings.VAULT_SECRET_ID_FILE)}
        status, told = _post("auth/approle/login", role)
        if status != HTTPStatus.OK:
            raise CustodyFailed(f"Vault refuses VAULT_ROLE_ID or VAULT_SECRET_ID_FILE ({status}).")
        try:
            return str(told["auth"]["client_token"])
        except (KeyError, TypeError):
            raise CustodyFailed("The key service answered what is no token.") from None


def _post(place: str, given: dict[str, str], token: str = "") -> tuple[int, dict[str, Any]]:
    """Ask Vault and return its status and what it says; nothing of it is ever quoted in an error."""
    headers = {"X-Vault-Request": "true"}
    headers |= {"X-Vault-Token": token} if token else {}
    headers |= {"X-Vault-Namespace": settings.VAULT_NAMESPACE} if settings.VAULT_NAMESPACE else {}
    try:
        with client_for(settings.VAULT_ADDR, headers=headers) as client:
            answer = client.post(f"/v1/{place}", json=given)
            told = answer.json() if answer.status_code == HTTPStatus.OK else {}
    except (OutboundFailed, OutboundRefused) as error:
        raise CustodyFailed(f"The key service cannot be reached: {error}.") from None
    except ValueError:
        raise CustodyFailed("The key service answered no JSON.") from None
    return answer.status_code, told if isinstance(told, dict) else {}


def _refused(status: int) -> CustodyFailed:
    hint = HINTS.get(status, "")
    return CustodyFailed(f"The key service answered {status}{': ' * bool(hint)}{hint}.")


def _secret(path: str) -> str:
    try:
        return read_secret(path)
    except OSError:
        raise CustodyFailed(f"{Path(path).name} cannot be read.") from None


def _text(wrapped: bytes) -> str:
    """Return a wrapped key as Vault wrote it; raises `Unreadable` for one that another holder wrapped."""
    if not wrapped.startswith(b"vault:v"):
        raise Unreadable("this key was wrapped by another holder of the master key")
    return wrapped.decode("ascii", "replace")
