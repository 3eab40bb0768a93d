"""When a sign-in of a person counts, and for how long, pure."""

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

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


FAILURES_ALLOWED = 5
FIRST_LOCK, LONGEST_LOCK = timedelta(minutes=15), timedelta(hours=4)


def lock_after(failures: int) -> timedelta:
    """Return how long an account is locked for an address after its last failure: nothing before the fifth, then twice as long each time.

    Source: security reference §5.3.
    """
    if failures < FAILURES_ALLOWED:
        return timedelta(0)
    doublings = min(failures - FAILURES_ALLOWED, 10)
    return min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)


class LoginTaken(DomainError):
    """The login, or the professional, has an account already."""

    code = "account-login-taken"
    text = "Cet identifiant, ou ce professionnel, a déjà un compte."
    status = 409


ID_TOKEN_KEYS = {"RS256": "RSA", "ES256": "EC"}
"""The algorithms taken for what Pro Santé Connect signs, each with the kind of key that it needs."""

CLOCKS_APART = timedelta(seconds=60)
OLDEST_TOKEN = timedelta(minutes=10)
LONGEST_SUBJECT = 255
_ACR = re.compile(r"eidas([1-3])")
_NATIONAL_ID = re.compile(r"8([0-9]{11})")
_FINESS = re.compile(r"[0-9AB]{9}")


class ProSanteRefused(DomainError):
    """Something that came under the name of Pro Santé Connect does not hold. The page never says which part; `check` does, for the audit."""

    code = "prosante-refused"
    text = "Pro Santé Connect n’a pas confirmé votre identité. Recommencez depuis la page de connexion ; si cela dure, utilisez votre compte local."
    status = 400
    issue = "login"

    def __init__(self, check: str = "") -> None:
        super().__init__()
        self.check = check


class ProSanteUnavailable(DomainError):
    """Pro Santé Connect does not answer."""

    code = "prosante-unavailable"
    text = "Pro Santé Connect ne répond pas pour l’instant. Utilisez votre compte local, ou réessayez dans quelques minutes."
    status = 503
    issue = "transient"


def check_id_token_claims(
    claims: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    acr: str,
    at: datetime,
    since: datetime | None = None,
) -> datetime:
    """Return when the person gave her proof; raise `ProSanteRefused` unless every claim of an ID token holds.

    `since`: the proof must be later than that instant. Source: OpenID Connect Core 1.0 §3.1.3.7.
    """
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    expires, issued, proven = (_moment(claims.get(name)) for name in ("exp", "iat", "auth_time"))
    checks = {
        "iss": claims.get("iss") == issuer,
        "aud": isinstance(audiences, list) and client_id in audiences,
        "azp": claims.get("azp", client_id if audiences == [client_id] else None) == client_id,
        "exp": expires is not None and at < expires + CLOCKS_APART,
        "iat": issued is not None and at - OLDEST_TOKEN <= issued <= at + CLOCKS_APART,
        "nonce": bool(nonce) and hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()),
        "acr": _level(claims.get("acr")) >= max(_level(acr), 1),
        "sub": isinstance(claims.get("sub"), str) and 0 < len(claims["sub"]) <= LONGEST_SUBJECT,
        "auth_time": proven is not None and proven <= at + CLOCKS_APART and (since is None or proven >= since),
    }
    failing = [name for name, holds in checks.items() if not holds]
    if failing or proven is None:
        raise ProSanteRefused("+".join(failing))
    return proven


def rpps_of(national_id: object) -> str:
    """Return the RPPS number of a `SubjectNameID` (« 8 » and eleven digits); empty for any other identifier."""
    found = _NATIONAL_ID.fullmatch(national_id) if isinstance(national_id, str) else None
    return found[1] if found else ""


def declared_places(told: Mapping[str, Any]) -> frozenset[str]:
    """Return the FINESS numbers of the activities in `SubjectRefPro`: many arrive empty, and then tell nothing."""
    found: set[str] = set()
    for practice in _dicts(told.get("SubjectRefPro"), "exercices"):
        for activity in _dicts(practice, "activities"):
            found |= {
                str(activity.get(name, "")) for name in ("numeroFinessSite", "numeroFinessetablissementJuridique")
            }
    return frozenset(number for number in found if _FINESS.fullmatch(number))


def _dicts(holder: object, name: str) -> list[Mapping[str, Any]]:
    held = holder.get(name) if isinstance(holder, Mapping) else None
    return [one for one in held if isinstance(one, Mapping)] if isinstance(held, list) else []


def _level(acr: object) -> int:
    found = _ACR.fullmatch(acr) if isinstance(acr, str) else None
    return int(found[1]) if found else 0


def _moment(stamp: object) -> datetime | None:
    if isinstance(stamp, bool) or not isinstance(stamp, int):
        return None
    try:
        return datetime.fromtimestamp(stamp, UTC)
    except (OverflowError, ValueError, OSError):
        return None
