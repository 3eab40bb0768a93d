"""Pure rules of the audit: why one looked, when a checkpoint is due, what is signed, what is old."""

import calendar
import hashlib
from dataclasses import asdict
from datetime import datetime, timedelta

import orjson

from accounts.audit.chain import body
from accounts.audit.records import AuditEntry, Checkpoint, Segment
from accounts.kernel.actor import Role

EVERY = timedelta(minutes=10)
MOST_ROWS = 10_000
TREATMENT, EMERGENCY, COORDINATION = "TREAT", "ETREAT", "COC"
PERSONS_REQUEST, ADMINISTRATION, COMPLIANCE, PUBLIC_HEALTH = "PATRQT", "HSYSADMIN", "HCOMPL", "PUBHLTH"
HANDED_TO_PERSON = "access_log.hand_to_person"
_OF_ROLES = {
    Role.COORDINATOR: COORDINATION,
    Role.SOCIAL_WORKER: COORDINATION,
    Role.BED_MANAGER: COORDINATION,
    Role.VOLUNTEER: COORDINATION,
    Role.EMERGENCY_DISPATCHER: EMERGENCY,
    Role.REGIONAL_READER: PUBLIC_HEALTH,
    Role.TECHNICAL_ADMIN: ADMINISTRATION,
    Role.RIGHTS_MANAGER: ADMINISTRATION,
    Role.PRIVACY_OFFICER: COMPLIANCE,
    Role.SYSTEM: ADMINISTRATION,
    Role.ANONYMOUS: "",
}


def purpose_of(entry: AuditEntry) -> str:
    """Return why one looked, a code of v3 PurposeOfUse; empty for somebody unknown.

    Source: http://terminology.hl7.org/CodeSystem/v3-ActReason; interop_fr.md §4.4.
    """
    if entry.purpose:
        return entry.purpose
    if entry.break_glass_id:
        return EMERGENCY
    if entry.action == HANDED_TO_PERSON:
        return PERSONS_REQUEST
    return _OF_ROLES.get(entry.actor.role, TREATMENT)


def is_checkpoint_due(*, rows: int, since: datetime | None, at: datetime) -> bool:
    """Tell whether a chain with `rows` rows since its last checkpoint needs a new one. Source: security.md §5.8."""
    if not rows:
        return False
    return since is None or rows >= MOST_ROWS or at - since >= EVERY


def signed_part(thing: Checkpoint | Segment) -> bytes:
    """Return the bytes that a signature covers: the kind and the canonical form of everything but the signature."""
    fields = asdict(thing)
    del fields["signature"]
    return type(thing).__name__.lower().encode() + b"\n" + body(fields)


def line(checkpoint: Checkpoint) -> bytes:
    """Return a checkpoint as one line of JSON, without its end of line: what leaves the machine."""
    return body(asdict(checkpoint))


def read_line(text: bytes) -> Checkpoint:
    """Return the checkpoint that a line holds; raise `ValueError` when it is none."""
    try:
        return Checkpoint(**{**(fields := orjson.loads(text)), "at": datetime.fromisoformat(fields["at"])})
    except (TypeError, KeyError, orjson.JSONDecodeError) as error:
        raise ValueError("not a checkpoint") from error


def short_code(checkpoint: Checkpoint) -> str:
    """Return the code by which two people compare a checkpoint aloud: « 3F2A-91C0 »."""
    digest = hashlib.sha256(line(checkpoint)).hexdigest().upper()
    return f"{digest[:4]}-{digest[4:8]}"


def months_before(at: datetime, months: int) -> datetime:
    """Return the same hour, `months` calendar months earlier, on the last day when the month is shorter."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))
