"""What one row of the audit says: who, for whom, what, on what, with which outcome. No clinical value, no name."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from accounts.kernel.actor import Actor


class Outcome(StrEnum):
    """How a decision ended."""

    ALLOWED = "allowed"
    DENIED = "denied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One decision. `action` is a permission; `rule` the condition or the error code that decided.

    `break_glass_id`: the break-glass that it rests on.
    """

    actor: Actor
    action: str
    object_type: str = ""
    object_id: UUID | None = None
    person_id: UUID | None = None
    outcome: Outcome = Outcome.ALLOWED
    rule: str = ""
    count: int | None = None
    break_glass_id: UUID | None = None
