"""What one row of the audit says: who, for whom, what, on what, with which outcome. No clinical value, no name."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from accounts.kernel.actor import Actor

LONGEST_QUERY = 400
"""Characters of a search that a row keeps."""


class Outcome(StrEnum):
    """How a decision ended."""

    ALLOWED = "allowed"
    DENIED = "denied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One decision. `action` is a permission; `rule` the condition or the error code that decided.

    `break_glass_id`: the break-glass that it rests on.
    `purpose` is a code of v3 PurposeOfUse; left empty, it follows from the role and the rule.
    `query` is what a system searched for, without any value that could name a person.
    `at`: when it happened, when it is written later than that.
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
    purpose: str = ""
    query: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in the audit: which chain (or which file), the first row or line that does not hold, and why."""

    chain: str
    number: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What was true of a chain at an instant: its row `number` had this `hash` (hex). `serial` counts all checkpoints.

    `signature` (hex) is the number of a key (2 bytes), then its Ed25519 signature (64 bytes).
    """

    serial: int
    chain: str
    number: int
    hash: str
    at: datetime
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Rows `first` to `last` of a chain, erased at the end of their time: their digest lets the later links still verify.

    `digest` (hex) is the hash of row `last`: it covers each of the erased rows. `start` is the
    hash before row `first`.
    """

    chain: str
    first: int
    last: int
    start: str
    digest: str
    begun_at: datetime
    ended_at: datetime
    at: datetime
    signature: str = ""
