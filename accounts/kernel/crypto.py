"""Encryption at rest: one key ring per purpose, each key wrapped by the master key.

A sealed value is `0x01 | key id (2 bytes) | nonce (12) | ciphertext and tag`, AES-256-GCM.
Its associated data binds the table, the column and the row, so that a value moved
elsewhere does not open. Searches go through keyed blind indexes.
Source: states.md, "How encrypted values are searched"; RFC 3394 for the wrapping.
"""

import hashlib
import hmac
import os
import secrets
import zlib
from collections.abc import Mapping
from enum import StrEnum

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

FORMAT = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32
INDEX_BYTES = 16
COMPRESS_FROM = 256
_PLAIN, _DEFLATED = b"\x00", b"\x01"


class Purpose(StrEnum):
    """One key, one use. `AUDIT` seals the heads of the audit's chains, `SIGNATURE` signs what leaves the machine."""

    FIELDS = "fields"
    FILES = "files"
    INDEX = "index"
    AUDIT = "audit"
    SIGNATURE = "signature"


class Unreadable(Exception):
    """A sealed value does not open: wrong key, moved, or altered. Never shown as empty."""


class KeyRing:
    """The opened keys of one purpose: the active one seals, every one opens."""

    def __init__(self, keys: dict[int, bytes], *, active: int) -> None:
        self._ciphers = {number: AESGCM(key) for number, key in keys.items()}
        self._keys = keys
        self.active = active

    def __contains__(self, number: int) -> bool:
        return number in self._keys

    def seal(self, plaintext: bytes, *, bound_to: bytes) -> bytes:
        """Return `plaintext` compressed when long, then encrypted for the place `bound_to` names."""
        packed = _PLAIN + plaintext
        if len(plaintext) >= COMPRESS_FROM:
            packed = _DEFLATED + zlib.compress(plaintext, 6)
        nonce = os.urandom(NONCE_BYTES)
        header = FORMAT + self.active.to_bytes(2, "big")
        return header + nonce + self._ciphers[self.active].encrypt(nonce, packed, header + bound_to)

    def open(self, sealed: bytes, *, bound_to: bytes) -> bytes:
        """Return what `seal` was given; raise `Unreadable` when the value was moved or altered."""
        header, nonce, body = sealed[:3], sealed[3 : 3 + NONCE_BYTES], sealed[3 + NONCE_BYTES :]
        cipher = self._ciphers.get(key_number(sealed))
        if header[:1] != FORMAT or cipher is None:
            raise Unreadable("unknown format or key")
        try:
            packed = cipher.decrypt(nonce, body, header + bound_to)
        except InvalidTag:
            raise Unreadable("moved or altered") from None
        return zlib.decompress(packed[1:]) if packed[:1] == _DEFLATED else packed[1:]

    def index(self, column: str, value: str) -> bytes:
        """Return the 16-byte blind index of a normalised value of one column."""
        message = f"{column}|{value}".encode()
        return hmac.new(self._keys[self.active], message, hashlib.sha256).digest()[:INDEX_BYTES]

    def derive(self, label: str) -> bytes:
        """Return 32 bytes derived from the active key for one labelled use."""
        return self.derived(label)[0]

    def derived(self, label: str) -> list[bytes]:
        """Return what `derive` gives for every key, the active one first: to check what an older key made."""
        message = f"derive|{label}".encode()
        return [hmac.new(key, message, hashlib.sha256).digest() for key in self._active_first()]

    def sign(self, message: bytes) -> bytes:
        """Return the number of the active key (2 bytes) and its Ed25519 signature (64 bytes)."""
        key = Ed25519PrivateKey.from_private_bytes(self._keys[self.active])
        return self.active.to_bytes(2, "big") + key.sign(message)

    def public_keys(self) -> dict[int, bytes]:
        """Return the 32 raw bytes of each Ed25519 public key, by number: what others check signatures with."""
        return {
            number: Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()
            for number, key in self._keys.items()
        }

    def _active_first(self) -> list[bytes]:
        return [self._keys[self.active], *(key for number, key in self._keys.items() if number != self.active)]


def is_signed(message: bytes, signature: bytes, public_keys: Mapping[int, bytes]) -> bool:
    """Tell whether `signature` is what `KeyRing.sign` gave for `message`, by one of the keys."""
    key = public_keys.get(int.from_bytes(signature[:2], "big"))
    if key is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature[2:], message)
    except InvalidSignature:
        return False
    return True


def key_number(sealed: bytes) -> int:
    """Return the number of the key that sealed a value."""
    return int.from_bytes(sealed[1:3], "big")


def new_wrapped_key(master_key: bytes) -> bytes:
    """Return a fresh 32-byte key, wrapped by the master key."""
    return aes_key_wrap(master_key, secrets.token_bytes(KEY_BYTES))


def unwrap(master_key: bytes, wrapped: bytes) -> bytes:
    """Return a wrapped key, opened; raise `Unreadable` when the master key is another one."""
    try:
        return aes_key_unwrap(master_key, wrapped)
    except InvalidUnwrap:
        raise Unreadable("the master key does not open this key") from None
