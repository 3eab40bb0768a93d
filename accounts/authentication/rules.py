"""When a sign-in of a person counts, and for how long, pure."""

import base64
import hashlib
import hmac
import struct
from datetime import datetime, timedelta

from accounts.kernel.errors import DomainError

LONGEST_SESSION = timedelta(hours=10)
STEP_SECONDS = 30
STEP_TOLERANCE = 1
CODE_DIGITS = 6


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """Return the time step whose code this is (the present one, the one before or after), else `None`.

    `secret` is base32. Source: RFC 6238, RFC 4226.
    """
    present = int(at.timestamp()) // STEP_SECONDS
    for step in range(present - STEP_TOLERANCE, present + STEP_TOLERANCE + 1):
        if hmac.compare_digest(code_of(secret, step).encode(), code.encode()):
            return step
    return None


def code_of(secret: str, step: int) -> str:
    """Return the six digits of one time step."""
    key = base64.b32decode(secret, casefold=True)
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def is_session_over(*, started_at: datetime, seen_at: datetime, at: datetime, idle: timedelta) -> bool:
    """Tell whether a session lasted too long, or nobody used it for too long. Source: security.md §5.3."""
    return at - started_at > LONGEST_SESSION or at - seen_at > idle


class LoginTaken(DomainError):
    """The login, or the professional, has an account already."""

    code = "account-login-taken"
    text = "Cet identifiant, ou ce professionnel, a déjà un compte."
    status = 409
