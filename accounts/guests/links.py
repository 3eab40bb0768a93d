"""What is kept of a link, and whether it still opens."""

import hashlib
from uuid import UUID

from accounts.guests.models import GuestAccess
from accounts.guests.rules import WRONG_CODES_ALLOWED
from accounts.kernel.clock import now


def is_waiting(access: GuestAccess) -> bool:
    """Tell whether a link may still be opened."""
    return access.opened_at is None and access.open_before > now() and access.wrong_codes < WRONG_CODES_ALLOWED


def digest_of(link: UUID) -> str:
    """Return what a link is found by."""
    return hashlib.sha256(link.bytes).hexdigest()
