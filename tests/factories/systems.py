"""Systems that sign in: keys of their own, registered clients, signed assertions."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from accounts.kernel.actor import Channel, system_actor
from accounts.kernel.clock import now
from accounts.organisations.models import Organisation
from accounts.systems.commands import register_client
from accounts.systems.oauth import ASSERTION_TYPE, FORM, GRANT, token_url
from accounts.systems.records import Keys, RegisterClient
from tests.factories.people import organisation

SCOPES = ("system/Patient.rs", "system/ServiceRequest.cruds")


@lru_cache
def ec_key(kid: str = "cle-1") -> ECKey:
    """Return a P-384 key pair, the same one for the same name."""
    return ECKey.generate_key("P-384", {"kid": kid})


@lru_cache
def rsa_key(kid: str = "cle-rsa") -> RSAKey:
    """Return an RSA key pair, the same one for the same name."""
    return RSAKey.generate_key(2048, {"kid": kid})


def key_set(*keys: ECKey | RSAKey, private: bool = False) -> dict[str, Any]:
    """Return a JWK set of the public (or, by mistake, private) parts."""
    return {"keys": [key.as_dict(private=private) for key in keys]}


def fhir_client(
    *scopes: str,
    at: Organisation | None = None,
    keys: tuple[Any, ...] = (),
    url: str = "",
    needs_certificate: bool = False,
) -> UUID:
    """Return the id of a system registered from the console."""
    record = RegisterClient(
        name="Logiciel inventé",
        organisation_id=(at or organisation()).id,
        scopes=scopes or SCOPES,
        keys=Keys(url=url) if url else Keys(jwks=key_set(*(keys or (ec_key(), rsa_key())))),
        needs_certificate=needs_certificate,
    )
    return register_client(record, by=system_actor("tests", channel=Channel.CONSOLE)).id


def claims(client_id: UUID, **changes: Any) -> dict[str, Any]:
    """Return right claims of an assertion, with changes; a change to `None` takes the claim away."""
    right = {
        "iss": str(client_id),
        "sub": str(client_id),
        "aud": token_url(),
        "exp": int(now().timestamp()) + 240,
        "jti": str(uuid4()),
        **changes,
    }
    return {name: value for name, value in right.items() if value is not None}


def signed(
    content: dict[str, Any], *, key: Any = None, alg: str = "ES384", header: dict[str, Any] | None = None
) -> str:
    """Return a signed assertion; the header names the key."""
    key = key or ec_key()
    return jwt.encode({"alg": alg, "kid": key.kid, "typ": "JWT", **(header or {})}, content, key, algorithms=[alg])


def post_form(client: Client, path: str, form: dict[str, str], **headers: str) -> Any:
    """Post a form as OAuth wants it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, urlencode(form), content_type=FORM, headers=named)


def token_for(client: Client, client_id: UUID, **request: Any) -> str:
    """Return a bearer token that a registered system just got."""
    answer = post_form(client, "/oauth/token", token_request(signed(claims(client_id)), **request))
    return str(answer.json()["access_token"])


def token_request(assertion: str, *, scope: str = "system/Patient.rs", **changes: str) -> dict[str, str]:
    """Return the form of a token request."""
    return {
        "grant_type": GRANT,
        "scope": scope,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        **changes,
    }
