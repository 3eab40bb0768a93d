"""Inputs of this feature's commands, and what pages read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """How a system's public keys are known: a JWK set by value, or the address that gives it. One of the two."""

    jwks: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterClient:
    """A system of an organisation: the scopes it may ask for at most, and its public keys."""

    name: str
    organisation_id: UUID
    scopes: tuple[str, ...]
    keys: Keys
    needs_certificate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskScopes:
    """The scopes that a registered system should hold, instead of its present ones."""

    client_id: UUID
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAsk:
    """A request for scopes, to grant or to refuse."""

    ask_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What a verified client assertion says: its one-time id and when it ends."""

    jti: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateKeys:
    """New public keys of a system. `assertion`: the proof by which the system itself asks; `None` from a page."""

    client_id: UUID
    keys: Keys
    assertion: Assertion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableClient:
    """A system to close at once."""

    client_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueToken:
    """A bearer token to keep by its digest. `assertion` is what paid for it; `None` from the console.

    `certificate`: the mark of the TLS certificate that it is bound to, empty for none.
    """

    client_id: UUID
    digest: str
    scopes: tuple[str, ...]
    lifetime: timedelta
    assertion: Assertion | None = None
    certificate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSnapshot:
    """A request for scopes as a page shows it."""

    id: UUID
    scopes: tuple[str, ...]
    asked_by: UUID
    asked_by_name: str
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSnapshot:
    """A registered system. `ask`: the request for scopes that waits for a second person."""

    id: UUID
    name: str
    organisation_id: UUID
    organisation_name: str
    scopes: tuple[str, ...]
    keys: Keys
    needs_certificate: bool
    is_active: bool
    created_at: datetime
    last_token_at: datetime | None = None
    ask: AskSnapshot | None = None
