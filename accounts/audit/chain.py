"""The hash chain, pure: anyone can recompute it from the rows."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

import orjson

GENESIS = bytes(32)


def body(fields: Mapping[str, object]) -> bytes:
    """Return the canonical form of a row: JSON, keys sorted, instants in UTC with microseconds."""
    return orjson.dumps(
        {name: _plain(value) for name, value in fields.items()}, option=orjson.OPT_SORT_KEYS, default=str
    )


def link(previous: bytes, row_body: bytes) -> bytes:
    """Return the hash of a row: SHA-256 over the hash before it and its own canonical form."""
    return hashlib.sha256(previous + row_body).digest()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return value
