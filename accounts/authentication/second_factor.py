"""The second factor of an account: one code, used once, and a lock after too many wrong ones."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import HttpRequest

from accounts.audit.reserve import use_once
from accounts.authentication.models import User
from accounts.authentication.rules import matching_step
from accounts.kernel import read_only
from accounts.kernel.clock import now

PLACE = "second-factor"
_holder: ContextVar[UUID | None] = ContextVar("holder-of-second-factor", default=None)


@contextmanager
def held_by(user: User) -> Iterator[None]:
    """Seal and open secrets of this account for the time of a block."""
    token = _holder.set(user.pk)
    try:
        yield
    finally:
        _holder.reset(token)


def place_of_secret() -> bytes:
    """Return what a secret is bound to: the account that a block names, else the one that is signed in.

    A secret copied to the row of another account does not open there.
    """
    holder = _holder.get() or (context.request.user.pk if context.request else None)
    if holder is None:
        raise RuntimeError("A second factor is sealed for one account: name it with held_by.")
    return f"{PLACE}|{holder}".encode()


def has_second_factor(user: User) -> bool:
    """Tell whether an account has an authenticator application or a security key."""
    return _has(user, Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_application(user: User) -> bool:
    """Tell whether an account has an authenticator application."""
    return _has(user, Authenticator.Type.TOTP)


def has_key(user: User) -> bool:
    """Tell whether an account has a security key."""
    return _has(user, Authenticator.Type.WEBAUTHN)


def _has(user: User, *types: str) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=types).exists())


def use_code(user: User, code: str) -> Authenticator | None:
    """Return the factor that a code proves, and use the code up; `None` when it is wrong or was used.

    A code of the application counts once, and no code older than the last one counts. In
    read-only mode codes of the application alone count, once as well, by the reserve.
    """
    return _use_code_in_reserve(user, code) if read_only.mode() else _use_code(user, code)


def _use_code_in_reserve(user: User, code: str) -> Authenticator | None:
    application = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    step = _next_step(application, code, user) if application else None
    if not step or not use_once(hashlib.sha256(f"{user.pk}|{step}".encode()).hexdigest()):
        return None
    application.record_usage = lambda: None  # allauth would write when it was last used
    return application


@transaction.atomic
def _use_code(user: User, code: str) -> Authenticator | None:
    factors = {row.type: row for row in Authenticator.objects.select_for_update().filter(user=user)}
    application, recovery = factors.get(Authenticator.Type.TOTP), factors.get(Authenticator.Type.RECOVERY_CODES)
    step = _next_step(application, code, user) if application else None
    if application is not None and step is not None:
        application.data["last_step"] = step
        application.save(update_fields=["data"])
        return application
    with held_by(user):
        return recovery if recovery is not None and recovery.wrap().validate_code(code) else None


def _next_step(application: Authenticator, code: str, user: User) -> int | None:
    """Return the time step whose code this is, when it is later than the last one that counted."""
    with held_by(user):
        step = matching_step(get_adapter().decrypt(application.data["secret"]), code, now())
    return step if step is not None and step > application.data.get("last_step", 0) else None


def is_locked(request: HttpRequest, user: User) -> bool:
    """Tell whether an account had too many wrong answers from this address; the answer then becomes a 429."""
    if not settings.AXES_ENABLED or AxesProxyHandler.is_allowed(request, {"username": user.username}):
        return False
    request.axes_locked_out = True  # type: ignore[attr-defined]  # (read by axes' middleware)
    return True


def count_wrong_code(request: HttpRequest, user: User) -> None:
    """Count a wrong code like a wrong password: together they lock the account for this address."""
    user_login_failed.send(sender=__name__, credentials={"username": user.username}, request=request)
