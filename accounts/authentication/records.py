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


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A function or a mandate that an account holds today. `role` is its code; `id` its row's.

    `establishment` are the organisations that its own is part of, two floors up: whose team a professional belongs to
    (L.1110-12 CSP, 1°). `finess` is the number of its own, empty without one, and `places` those of all of these.
    """

    id: UUID
    role: str
    organisation_id: UUID
    organisation_name: str
    establishment: frozenset[UUID]
    finess: str
    places: frozenset[str]
    professional_id: UUID
    professional_name: str
