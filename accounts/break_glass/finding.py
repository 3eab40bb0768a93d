"""What a search gives and opening rests on: sealed for one account, so that nobody opens whom he did not find."""

import base64
from datetime import UTC, datetime
from uuid import UUID

import orjson

from accounts.break_glass.records import Finding
from accounts.break_glass.rules import FindingOver, check_finding
from accounts.break_glass.states import FoundBy
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now
from accounts.kernel.crypto import Unreadable
from accounts.kernel.keyring import seal, unseal
from accounts.people.lineage import standing_record


def sealed(finding: Finding, actor: Actor) -> str:
    """Return a finding as an opaque text that stands in an address."""
    told = {"person": str(finding.person_id), "by": finding.found_by, "at": finding.at.timestamp()}
    return base64.urlsafe_b64encode(seal(orjson.dumps(told), bound_to=_place(actor))).decode().rstrip("=")


def read_finding(token: str, *, actor: Actor) -> Finding:
    """Return what one's own recent search gave, as her record stands now; raises `FindingOver` for another's, an old or an altered one."""
    try:
        raw = unseal(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), bound_to=_place(actor))
        told = orjson.loads(raw)
        finding = Finding(
            person_id=standing_record(UUID(told["person"])),
            found_by=FoundBy(told["by"]),
            at=datetime.fromtimestamp(told["at"], UTC),
        )
    except (ValueError, Unreadable, KeyError):
        raise FindingOver from None
    check_finding(finding, now())
    return finding


def _place(actor: Actor) -> bytes:
    return f"break-glass.finding|{actor.id}|{actor.organisation_id}".encode()
