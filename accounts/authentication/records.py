"""Inputs of this feature's commands."""

from dataclasses import dataclass, field
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
