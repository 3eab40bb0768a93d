"""The sessions of an account: one at a time (two on request), seen and ended by their owner."""

import re
from collections.abc import Iterable
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.authentication.models import OpenSession, User
from accounts.authentication.rules import LONGEST_SESSION
from accounts.authentication.states import Ending, Way
from accounts.kernel import read_only
from accounts.kernel.clock import now

OWN_ID = "open_session"
LONGEST_DEVICE = 80
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def remember(request: HttpRequest, user: User, *, way: Way, grant: Any = None, due_in: timedelta | None = None) -> None:
    """Keep a sign-in beside the account's others; the oldest beyond those it may have end now, each with the reason.

    In read-only mode a sign-in lives in its cookie alone.
    """
    if read_only.mode():
        return
    with transaction.atomic():
        allowed = User.objects.select_for_update(no_key=True).values_list("sessions_allowed", flat=True).get(pk=user.pk)
        others = list(present_of(user).order_by("-created_at", "-id"))
        end(others[allowed - 1 :], Ending.REPLACED)
        row = OpenSession.objects.create(
            user=user,
            key=request.session.session_key or "",
            way=way,
            device=device_of(request.headers.get("User-Agent", "")),
            address=request.META.get("REMOTE_ADDR", ""),
            provider_grant=grant,
            grant_due_at=now() + due_in if due_in else None,
        )
    request.session[OWN_ID] = str(row.id)


def note_use(request: HttpRequest) -> None:
    """Note that a session is in use, under the key it has now (a new password changes it)."""
    if OWN_ID in request.session and not read_only.mode():
        own(request).update(seen_at=now(), key=request.session.session_key)


def renew_key(request: HttpRequest) -> None:
    """Give the request's session another key: whoever knew the one before is not in it. Read-only mode has no keys."""
    if not read_only.mode():
        request.session.cycle_key()
        own(request).update(key=request.session.session_key)


def present_of(user: User) -> QuerySet[OpenSession]:
    """Return the sessions of an account that neither ended nor ran out of time."""
    instant = now()
    idle = timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    return OpenSession.objects.filter(
        user=user, ended_at=None, seen_at__gt=instant - idle, created_at__gt=instant - LONGEST_SESSION
    )


def end(sessions: Iterable[OpenSession], ending: Ending) -> int:
    """End sessions now: their browsers are signed out at the next click. Return how many."""
    ended = list(sessions)
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for session in ended:
        store(session.key).delete()
    OpenSession.objects.filter(pk__in=[session.pk for session in ended]).update(ended_at=now(), ending=ending)
    return len(ended)


def end_own(request: HttpRequest, ending: Ending) -> None:
    """Note why the request's own session ends; whoever calls signs it out."""
    if not read_only.mode():
        own(request).update(ended_at=now(), ending=ending)


def own(request: HttpRequest) -> QuerySet[OpenSession]:
    """Return the request's own session among the open ones: one row, or none for a session that was not remembered."""
    kept = request.session.get(OWN_ID)
    return OpenSession.objects.filter(pk=kept, ended_at=None) if kept else OpenSession.objects.none()


def ending_of(key: str) -> Ending | None:
    """Return why the session of a browser's cookie ended, within the day; `None` when it only ran out of time."""
    found = OpenSession.objects.filter(~Q(ending=""), key=key).values_list("ending", flat=True).first()
    return Ending(found) if found else None


def device_of(user_agent: str) -> str:
    """Return a browser and a system that a person recognises: « Firefox, Windows »."""
    browser = next((name for mark, name in _BROWSERS if re.search(rf"\b{mark}/", user_agent)), "Autre navigateur")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser}, {system}"[:LONGEST_DEVICE] if system else browser
