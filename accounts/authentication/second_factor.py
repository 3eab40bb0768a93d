"""The second factor of an account: one code, used once, and a lock after too many wrong ones."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import HttpRequest

from accounts.authentication.models import User
from accounts.authentication.rules import matching_step
from accounts.kernel.clock import now


def has_second_factor(user: User) -> bool:
    """Tell whether an account has an authenticator application."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


@transaction.atomic
def use_code(user: User, code: str) -> Authenticator | None:
    """Return the factor that a code proves, and use the code up; `None` when it is wrong or was used.

    A code of the application counts once, and no code older than the last one counts.
    """
    factors = {row.type: row for row in Authenticator.objects.select_for_update().filter(user=user)}
    application = factors.get(Authenticator.Type.TOTP)
    if application is None:
        return None
    step = matching_step(get_adapter().decrypt(application.data["secret"]), code, now())
    if step is not None and step > application.data.get("last_step", 0):
        application.data["last_step"] = step
        application.save(update_fields=["data"])
        return application
    recovery = factors.get(Authenticator.Type.RECOVERY_CODES)
    return recovery if recovery is not None and recovery.wrap().validate_code(code) else None


def is_locked(request: HttpRequest, user: User) -> bool:
    """Tell whether an account had too many wrong answers from this address; the answer then becomes a 429."""
    if not settings.AXES_ENABLED or AxesProxyHandler.is_allowed(request, {"username": user.username}):
        return False
    request.axes_locked_out = True  # type: ignore[attr-defined]  # (read by axes' middleware)
    return True


def count_wrong_code(request: HttpRequest, user: User) -> None:
    """Count a wrong code like a wrong password: together they lock the account for this address."""
    user_login_failed.send(sender=__name__, credentials={"username": user.username}, request=request)
