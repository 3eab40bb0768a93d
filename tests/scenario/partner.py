"""Another system: signs its assertion, gets a token, speaks FHIR."""

import json
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Partner:
    """One registered system of one organisation (SMART Backend Services)."""

    def __init__(self, base: str, name: str) -> None:
        self.name = name
        self.token_url = f"{base}/oauth/token"
        self.key = ECKey.generate_key("P-384", {"kid": f"{name}-1", "alg": "ES384", "use": "sig"})
        self.client_id = ""
        self.http = httpx.Client(base_url=f"{base}/fhir/", timeout=30, headers={"Accept": "application/fhir+json"})

    def write_keys(self, path: Path) -> Path:
        """Write the public keys where the registration reads them."""
        path.write_text(json.dumps({"keys": [self.key.as_dict(private=False)]}))
        return path

    def sign_in(self, scopes: str) -> None:
        """Exchange a signed assertion for a short token."""
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.token_url,
            "exp": now + 240,
            "iat": now,
            "jti": str(uuid.uuid4()),
        }
        header = {"alg": "ES384", "kid": self.key.kid, "typ": "JWT"}
        answer = httpx.post(
            self.token_url,
            data={
                "grant_type": "client_credentials",
                "scope": scopes,
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": jwt.encode(header, claims, self.key, algorithms=["ES384"]),
            },
        )
        assert answer.status_code == 200, answer.text
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def post(self, path: str, body: Any, *, expect: int, key: str = "") -> Any:
        """Send a resource and return the answer's JSON."""
        headers = {"Content-Type": "application/fhir+json"} | ({"Idempotency-Key": key} if key else {})
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        address = path or str(self.http.base_url).rstrip("/")
        return self._checked(self.http.post(address, content=content, headers=headers), expect)

    def find(self, kind: str, *, expect: int = 200, **criteria: str) -> Any:
        """Search by POST, so that nothing stands in an address; return the Bundle."""
        return self._checked(self.http.post(f"{kind}/_search", data=criteria), expect)

    def read(self, address: str, *, expect: int = 200) -> Any:
        """Read one resource."""
        return self._checked(self.http.get(address), expect)

    def download(self, address: str) -> bytes:
        """Return the bytes of a Binary, as the content type it holds."""
        answer = self.http.get(address, headers={"Accept": "application/pdf"})
        assert answer.status_code == 200, f"{answer.status_code} {answer.text[:300]}"
        return answer.content

    def _checked(self, answer: httpx.Response, expect: int) -> Any:
        assert answer.status_code == expect, (
            f"{answer.request.method} {answer.request.url.path}: {answer.status_code}, not {expect}: {answer.text[:1200]}"
        )
        return answer.json() if answer.content else None


def resources(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the resources of a Bundle, in order."""
    return [entry["resource"] for entry in bundle.get("entry", [])]
