"""Signing in and out in the audit: who came, who left, who was refused; never what was typed."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.audit.journal import write_alone
from accounts.audit.records import AuditEntry, Outcome
from accounts.authentication.models import User
from accounts.kernel.actor import Actor, Channel, Role
from accounts.kernel.ids import new_id

SIGN_IN, SIGN_OUT, CONFIRM, END = "session.sign_in", "session.sign_out", "session.confirm", "session.end"


user_logged_in.disconnect(dispatch_uid="update_last_login")  # a write of Django's that nobody reads: the audit tells it


@receiver(user_logged_in, dispatch_uid="trace-sign-in")
def trace_sign_in(request: HttpRequest, user: User, **_signal: Any) -> None:
    """Note a sign-in; both factors were checked before, when the account has two."""
    _write(request, user, SIGN_IN, Outcome.ALLOWED)


@receiver(user_logged_out, dispatch_uid="trace-sign-out")
def trace_sign_out(request: HttpRequest, user: User | None, **_signal: Any) -> None:
    """Note a sign-out, asked for or by time."""
    if user is not None:
        _write(request, user, SIGN_OUT, Outcome.ALLOWED)


@receiver(user_login_failed, dispatch_uid="trace-refusal")
def trace_refusal(credentials: dict[str, Any], request: HttpRequest | None = None, **_signal: Any) -> None:
    """Note a wrong password or a wrong code, on the account that it aimed at when there is one."""
    if request is None:
        return
    aimed_at = User.objects.filter(username__iexact=str(credentials.get("username", ""))).first()
    _write(request, aimed_at, SIGN_IN, Outcome.REFUSED)


def trace_confirmation(request: HttpRequest, user: User) -> None:
    """Note that somebody gave a code again before a grave act."""
    _write(request, user, CONFIRM, Outcome.ALLOWED)


def trace_unproven(request: HttpRequest, rule: str) -> None:
    """Note a sign-in through Pro Santé Connect that did not hold, or that no account answers to."""
    _write(request, None, SIGN_IN, Outcome.REFUSED, rule)


def trace_ending(request: HttpRequest, user: User, rule: str) -> None:
    """Note that sessions of an account were ended before their time."""
    _write(request, user, END, Outcome.ALLOWED, rule)


def _write(request: HttpRequest, user: User | None, action: str, outcome: Outcome, rule: str = "") -> None:
    known = user if outcome == Outcome.ALLOWED else None
    actor = Actor(
        role=Role.ANONYMOUS,
        channel=Channel.WEB,
        id=known.id if known else None,
        professional_id=known.professional_id if known else None,
        session=(request.session.session_key or "")[:12],
        ip=request.META.get("REMOTE_ADDR", ""),
        correlation_id=new_id(),
    )
    object_id = user.id if user else None
    entry = AuditEntry(
        actor=actor, action=action, object_type="user_account", object_id=object_id, outcome=outcome, rule=rule[:80]
    )
    write_alone([entry])
