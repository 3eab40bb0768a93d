"""What leaves the machine, or comes back in its place, leaves a row of the audit in the system's name."""

import hashlib
from collections.abc import Iterable

from accounts.audit.journal import write_alone
from accounts.audit.records import AuditEntry
from accounts.kernel.actor import Channel, system_actor

LONGEST = 80


def note(action: str, *, rule: str, count: int) -> None:
    """Write one row; raises `AuditUnavailable`: what cannot be traced is not begun."""
    actor = system_actor("safekeeping", channel=Channel.CONSOLE)
    write_alone([AuditEntry(actor=actor, action=action, rule=rule[:LONGEST], count=count)])


def fingerprints(public_keys: Iterable[str]) -> str:
    """Return what tells who can open an archive: the first 8 hex digits of the digest of each public key."""
    return "+".join(sorted(hashlib.sha256(key.encode()).hexdigest()[:8] for key in public_keys))
