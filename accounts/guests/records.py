"""Inputs of this feature's commands, and what its pages read."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from accounts.kernel.actor import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteGuest:
    """A named professional of an organisation of the person's agreement, without an account here.

    `link` and `code` are the two proofs: one leaves by e-mail, the other is told.
    """

    person_id: UUID
    organisation_id: UUID
    family: str
    given: str
    rpps: str
    role: Role
    email: str = field(repr=False)
    days: int
    link: UUID = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGuestLink:
    """Somebody opens a link with the code that he was told."""

    link: UUID = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteGuestLinkSent:
    """The e-mail has left."""

    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One opened access: whose essential is shown, to whom, until when."""

    id: UUID
    person_id: UUID
    organisation_id: UUID
    professional_id: UUID
    name: str
    role: Role
    until: datetime
