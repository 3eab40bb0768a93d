"""Inputs of this feature's commands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from accounts.kernel.actor import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    """A professional's first account and function. `rpps` empty: the register does not know the person."""

    username: str
    password: str = field(repr=False)
    organisation_id: UUID
    role: Role
    family: str
    given: str = ""
    rpps: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetAccount:
    """An account whose holder lost the password or every second factor."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenIdentity:
    """Who signed in at Pro Santé Connect. `rpps`: empty for somebody whom the register does not know.

    `places`: FINESS numbers of the sites and entities where she declares to work.
    `proven_at`: when she last gave her proof there. `grant` keeps the session going; it holds for `lasts`.
    """

    rpps: str
    places: frozenset[str]
    proven_at: datetime
    grant: Mapping[str, str] = field(repr=False)
    lasts: timedelta
