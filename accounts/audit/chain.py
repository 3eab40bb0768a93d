"""The hash chain, pure: anyone can recompute it from the rows."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import orjson

GENESIS = bytes(32)


def body(fields: Mapping[str, object]) -> bytes:
    """Return the canonical form of a row: JSON, keys sorted, no space, instants in UTC with microseconds.

    Source: RFC 8785, for the kinds of value that a row has.
    """
    return orjson.dumps({name: _plain(fields[name]) for name in sorted(fields)}, default=str)


def link(previous: bytes, row_body: bytes) -> bytes:
    """Return the hash of a row: SHA-256 over the hash before it and its own canonical form."""
    return hashlib.sha256(previous + row_body).digest()


def instant(at: datetime) -> str:
    """Return an instant as rows and checkpoints write it: UTC, microseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _plain(value: object) -> object:
    return instant(value) if isinstance(value, datetime) else value
