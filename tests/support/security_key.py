"""A security key in software: it makes a credential and signs, as a browser would hand it over."""

import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

FLAG = AuthenticatorData.FLAG


@dataclass
class SecurityKey:
    """One key. `origin` is what the browser says it is on."""

    origin: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    uses: int = 0

    def make(self, options: Any) -> dict[str, Any]:
        """Return what a page sends to register this key."""
        public = options["publicKey"]
        data = AttestedCredentialData.create(
            b"\0" * 16, self.credential_id, ES256.from_cryptography_key(self.private.public_key())
        )
        told = AuthenticatorData.create(_rp(public["rp"]["id"]), FLAG.UP | FLAG.UV | FLAG.AT, self.uses, data)
        client = self._client(CollectedClientData.TYPE.CREATE, public["challenge"])
        return self._answer(clientDataJSON=client, attestationObject=AttestationObject.create("none", told, {}))

    def sign(self, options: Any) -> dict[str, Any]:
        """Return what a page sends to prove that this key is there."""
        public = options["publicKey"]
        self.uses += 1
        told = AuthenticatorData.create(_rp(public["rpId"]), FLAG.UP | FLAG.UV, self.uses)
        client = self._client(CollectedClientData.TYPE.GET, public["challenge"])
        signature = self.private.sign(told + sha256(client), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=told, signature=signature)

    def _client(self, kind: CollectedClientData.TYPE, challenge: Any) -> bytes:
        raw = challenge if isinstance(challenge, bytes) else websafe_decode(challenge)
        return bytes(CollectedClientData.create(kind, raw, self.origin))

    def _answer(self, **parts: bytes) -> dict[str, Any]:
        name = websafe_encode(self.credential_id)
        response = {part: websafe_encode(bytes(value)) for part, value in parts.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}


def _rp(name: str) -> bytes:
    return sha256(name.encode())
