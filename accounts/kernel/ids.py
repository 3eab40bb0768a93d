"""Identifiers made before the row is written: the encryption of a field is bound to them."""

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """Return a UUID version 7: ordered by time, so that keys stay close on disk.

    Source: RFC 9562 §5.7.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)
