"""Encryption at rest: one key ring per purpose, each key wrapped by the master key (`accounts.kernel.custody`).

A sealed value is `0x01 | key id (2 bytes) | nonce (12) | ciphertext and tag`, AES-256-GCM. What is encrypted is padded:
short values weigh all the same, longer ones tell their size to an eighth.
Its associated data binds the table, the column and the row, so that a value moved
elsewhere does not open. Searches go through keyed blind indexes.
Source: states.md, "How encrypted values are searched".
"""

import hashlib
import hmac
import os
import zlib
from collections.abc import KeysView, Mapping
from enum import StrEnum
from typing import Self

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = b"\x01"
NONCE_BYTES = 12
HEADER_BYTES = 3
KEY_BYTES = 32
INDEX_BYTES = 16
COMPRESS_FROM = 256
_BODY_AT = HEADER_BYTES + NONCE_BYTES
LEAST_BYTES = 48
"""What the shortest values are padded to: a name, a code, a date, a phone number, an e-mail."""
_PLAIN, _DEFLATED, _PADDED, _PADDED_DEFLATED = b"\x00", b"\x01", b"\x02", b"\x03"
"""How a value is packed; the first two are of before it was padded."""
_END = b"\x80"


class Purpose(StrEnum):
    """One key, one use. `AUDIT` seals the heads of the audit's chains, `SIGNATURE` signs what leaves the machine."""

    FIELDS = "fields"
    FILES = "files"
    INDEX = "index"
    AUDIT = "audit"
    SIGNATURE = "signature"


class Unreadable(Exception):
    """A sealed value does not open: wrong key, moved, or altered. Never shown as empty."""


class BlindIndex(bytes):
    """A keyed index under the active key; `others` are those of the same value under older keys.

    It is stored as its own bytes, and looked for together with the others (`accounts.kernel.fields.BlindIndexField`).
    """

    others: tuple[bytes, ...]

    def __new__(cls, active: bytes, others: tuple[bytes, ...] = ()) -> Self:
        """Keep the indexes under older keys beside the active one."""
        made = super().__new__(cls, active)
        made.others = others
        return made

    def matches(self, stored: bytes) -> bool:
        """Tell whether a stored index is of the same value, under any key."""
        return any(hmac.compare_digest(bytes(stored), one) for one in (bytes(self), *self.others))


class BlindToken(int):
    """The same as a signed 64-bit integer, for coded values."""

    others: tuple[int, ...]

    def __new__(cls, index: BlindIndex) -> Self:
        """Take the first 64 bits of an index and of those under older keys."""
        made = super().__new__(cls, _as_integer(index))
        made.others = tuple(_as_integer(other) for other in index.others)
        return made


class KeyRing:
    """The opened keys of one purpose: the active one seals, every one opens. `sealed` counts since the ring was made."""

    def __init__(self, keys: dict[int, bytes], *, active: int) -> None:
        self._ciphers = {number: AESGCM(key) for number, key in keys.items()}
        self._keys = keys
        self.active = active
        self.sealed = 0

    def __contains__(self, number: int) -> bool:
        return number in self._keys

    @property
    def numbers(self) -> KeysView[int]:
        """The numbers of its keys."""
        return self._keys.keys()

    def seal(self, plaintext: bytes, *, bound_to: bytes) -> bytes:
        """Return `plaintext` compressed when long, then encrypted for the place `bound_to` names."""
        packed = _PADDED + plaintext
        if len(plaintext) >= COMPRESS_FROM:
            packed = _PADDED_DEFLATED + zlib.compress(plaintext, 6)
        return self._encrypt(padded(packed), bound_to)

    def open(self, sealed: bytes, *, bound_to: bytes) -> bytes:
        """Return what `seal` was given; raise `Unreadable` when the value was moved or altered."""
        packed = self._decrypt(sealed, bound_to)
        kind, value = packed[:1], packed[1:]
        if kind in (_PADDED, _PADDED_DEFLATED):
            value = value.rstrip(b"\x00")[:-1]
        return zlib.decompress(value) if kind in (_DEFLATED, _PADDED_DEFLATED) else value

    def reseal(self, sealed: bytes, *, bound_to: bytes) -> bytes:
        """Return a sealed value under the active key, for the same place; raises `Unreadable` as `open` does."""
        return self._encrypt(self._decrypt(sealed, bound_to), bound_to)

    def _encrypt(self, packed: bytes, bound_to: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        self.sealed += 1
        head = header(self.active)
        return head + nonce + self._ciphers[self.active].encrypt(nonce, packed, head + bound_to)

    def _decrypt(self, sealed: bytes, bound_to: bytes) -> bytes:
        head, nonce, body = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:_BODY_AT], sealed[_BODY_AT:]
        cipher = self._ciphers.get(key_number(sealed))
        if head[:1] != FORMAT or cipher is None:
            raise Unreadable("unknown format or key")
        try:
            return cipher.decrypt(nonce, body, head + bound_to)
        except InvalidTag:
            raise Unreadable("moved or altered") from None

    def index(self, column: str, value: str) -> BlindIndex:
        """Return the 16-byte blind index of a normalised value of one column."""
        message = f"{column}|{value}".encode()
        active, *others = (
            hmac.new(key, message, hashlib.sha256).digest()[:INDEX_BYTES] for key in self._active_first()
        )
        return BlindIndex(active, tuple(others))

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


def padded(packed: bytes) -> bytes:
    """Return bytes with an end mark and zeros, as long as many others: at least `LEAST_BYTES`, then few sizes for each doubling.

    Source: Nikitin et al., « Reducing Metadata Leakage from Encrypted Files and Communication with PURBs » (Padmé), 2019.
    """
    size = max(len(packed) + 1, LEAST_BYTES)
    exponent = size.bit_length() - 1
    unit = 1 << (exponent - exponent.bit_length())
    return (packed + _END).ljust(-(-size // unit) * unit, b"\x00")


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


def header(number: int) -> bytes:
    """Return what every value sealed by a key begins with."""
    return FORMAT + number.to_bytes(2, "big")


def key_number(sealed: bytes) -> int:
    """Return the number of the key that sealed a value."""
    return int.from_bytes(sealed[1:HEADER_BYTES], "big")


def _as_integer(index: bytes) -> int:
    return int.from_bytes(index[:8], "big", signed=True)
