"""A partner's system: its registration, its token, and how it calls."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson
from django.test import Client

from accounts.authentication.models import AccessToken, FhirClient
from accounts.kernel.clock import now
from accounts.organisations.models import Organisation

ALL = ("system/*.cruds",)


@dataclass
class Partner:
    """A system of one organisation, with a valid token."""

    organisation: Organisation
    token: str
    client: Client = field(default_factory=Client)

    def get(self, path: str, **headers: str) -> Any:
        """GET `/fhir/<path>`."""
        return self.client.get(f"/fhir/{path}", headers=self.headers(**headers))

    def search(self, rtype: str, **params: Any) -> Any:
        """POST `_search` with the parameters in the body; a list repeats its parameter."""
        return self.client.post(
            f"/fhir/{rtype}/_search",
            urlencode(params, doseq=True),
            content_type="application/x-www-form-urlencoded",
            headers=self.headers(),
        )

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """POST a resource, or raw bytes."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.client.post(
            f"/fhir/{path}".rstrip("/"), raw, content_type="application/fhir+json", headers=self.headers(**headers)
        )

    def put(self, path: str, body: Any, **headers: str) -> Any:
        """PUT a resource."""
        return self.client.put(
            f"/fhir/{path}", orjson.dumps(body), content_type="application/fhir+json", headers=self.headers(**headers)
        )

    def headers(self, **more: str) -> dict[str, str]:
        """Return the headers of a call; `if_match` becomes `If-Match`."""
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.token}", **named}


def partner(at: Organisation, *scopes: str) -> Partner:
    """Return a system of an organisation; without scopes, it holds every one."""
    token = uuid4().hex
    registered = FhirClient.objects.create(
        name=f"Logiciel {token[:6]} (fictif)", organisation=at, scopes=list(scopes or ALL), jwks={"keys": []}
    )
    AccessToken.objects.create(
        digest=hashlib.sha256(token.encode()).hexdigest(),
        client=registered,
        scopes=list(scopes or ALL),
        expires_at=now() + timedelta(minutes=5),
    )
    return Partner(at, token)
