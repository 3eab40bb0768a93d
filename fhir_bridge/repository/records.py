"""What goes into the store and what comes out of it."""

from dataclasses import dataclass
from uuid import UUID

from accounts.access.permissions import Permission
from fhir_bridge.r4.datatypes import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the gate is told of a stored resource, and the right that opens it."""

    right: Permission
    person_id: UUID | None = None
    organisation_id: UUID | None = None
    sender_id: UUID | None = None
    recipient_ids: frozenset[UUID] = frozenset()
    clean: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The aggregate of the domain that a resource is made from."""

    type: str
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """A resource made from the domain, with what guards it."""

    resource: Json
    access: Access

    @property
    def address(self) -> str:
        """Return the relative address, "Patient/…"."""
        return f"{self.resource['resourceType']}/{self.resource['id']}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One version as it is answered; `updated` is in milliseconds since 1970 UTC. A deleted one has no body."""

    type: str
    id: str
    version: int
    updated: int
    body: bytes
    person_id: UUID | None = None
    deleted: bool = False
    in_full: bool = True

    @property
    def address(self) -> str:
        """Return the relative address, "Patient/…"."""
        return f"{self.type}/{self.id}"
