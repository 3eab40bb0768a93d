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
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

FORMAT = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32
INDEX_BYTES = 16
COMPRESS_FROM = 256
_PLAIN, _DEFLATED = b"\x00", b"\x01"


class Purpose(StrEnum):
    """One key, one use."""

    FIELDS = "fields"
    FILES = "files"
    INDEX = "index"
    AUDIT = "audit"


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
        return hmac.new(self._keys[self.active], f"derive|{label}".encode(), hashlib.sha256).digest()


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
