"""Whether a link still opens, and the trail: shared by commands, queries and the sending."""

from datetime import date
from hashlib import sha256
from uuid import UUID

from accounts.kernel.clock import now
from ppa.acceptances.models import AcceptanceLink, AcceptanceStep
from ppa.acceptances.rules import WRONG_CODES_ALLOWED
from ppa.acceptances.states import StepKind


def is_waiting(access: AcceptanceLink) -> bool:
    """Tell whether a link may still be opened."""
    return access.opened_at is None and access.open_before > now() and access.wrong_codes < WRONG_CODES_ALLOWED


def digest_of(link: UUID) -> str:
    """Return what a link is found by."""
    return sha256(link.bytes).hexdigest()


def found_by(link: UUID) -> AcceptanceLink | None:
    """Return the row of a link; `None` when there is none."""
    return AcceptanceLink.objects.filter(link_digest=digest_of(link)).first()


def write_step(designation_id: UUID, kind: StepKind, *, happened_on: date, words: str = "") -> None:
    """Add a line to the trail, inside a command."""
    AcceptanceStep.objects.create(
        designation_id=designation_id, kind=str(kind), happened_on=happened_on, words=words.strip()
    )
