"""Inputs of this feature's commands, and what pages read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterClient:
    """A system of an organisation: the scopes it may ask for at most, and its public keys (a JWK set)."""

    name: str
    organisation_id: UUID
    scopes: tuple[str, ...]
    jwks: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What a verified client assertion says: its one-time id and when it ends."""

    jti: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueToken:
    """A bearer token to keep by its digest. `assertion` is what paid for it; `None` from the console."""

    client_id: UUID
    digest: str
    scopes: tuple[str, ...]
    lifetime: timedelta
    assertion: Assertion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSnapshot:
    """A registered system."""

    id: UUID
    name: str
    organisation_id: UUID
    organisation_name: str
    scopes: tuple[str, ...]
    jwks: Mapping[str, Any]
    is_active: bool
    created_at: datetime
    last_token_at: datetime | None = None
