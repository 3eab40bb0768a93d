"""The code on the paper of an emergency sheet: which sheet, which version, which day, and our signature. Nobody's name, nothing of care.

The code is read without any connection: `read_code` needs the published public keys only (`/fiche/cles.json`).
A code is base64url without padding of `0x01 | sheet version id (16) | number (2) | day (4, days since 0001-01-01) |
key number (2) | Ed25519 signature (64)`; what is signed is `emergency-sheet|` and the first 23 bytes.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from accounts.kernel.crypto import is_signed
from accounts.kernel.keyring import sign

FORMAT: Final = b"\x01"
SIGNED_FOR: Final = b"emergency-sheet|"
PAYLOAD_BYTES: Final = 23
CODE_BYTES: Final = PAYLOAD_BYTES + 66


@dataclass(frozen=True, slots=True)
class SheetCode:
    """What a code says: an opaque id, the number of the version and the day of its signature."""

    version_id: UUID
    number: int
    signed_on: date


def sheet_code(said: SheetCode) -> str:
    """Return the signed code of a version; the same version under the same key gives the same code."""
    payload = _payload(said)
    return base64.urlsafe_b64encode(payload + sign(SIGNED_FOR + payload)).decode().rstrip("=")


def read_code(code: str, public_keys: Mapping[int, bytes]) -> SheetCode | None:
    """Return what a code says; `None` for one that is not ours, altered in any place, or signed by an unknown key.

    `code` may be the whole address that a phone reads: what stands after its `#` counts.
    """
    try:
        raw = base64.b64decode(_padded(code.strip().rpartition("#")[2]), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    payload, signature = raw[:PAYLOAD_BYTES], raw[PAYLOAD_BYTES:]
    if len(raw) != CODE_BYTES or payload[:1] != FORMAT or not is_signed(SIGNED_FOR + payload, signature, public_keys):
        return None
    return SheetCode(
        version_id=UUID(bytes=payload[1:17]),
        number=int.from_bytes(payload[17:19], "big"),
        signed_on=date.fromordinal(int.from_bytes(payload[19:], "big")),
    )


def _payload(said: SheetCode) -> bytes:
    day = said.signed_on.toordinal().to_bytes(4, "big")
    return FORMAT + said.version_id.bytes + said.number.to_bytes(2, "big") + day


def _padded(code: str) -> bytes:
    return (code + "=" * (-len(code) % 4)).encode("ascii")
