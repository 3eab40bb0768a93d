"""Turns a signed-in session into an actor, at each request: rights never live in a session."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.authentication import traces as _traces  # noqa: F401 (its receivers write the audit of every sign-in)
from accounts.authentication.grants import provider_ended
from accounts.authentication.models import User
from accounts.authentication.open_sessions import end_own, ending_of
from accounts.authentication.second_factor import has_second_factor
from accounts.authentication.sessions import actor_of, is_fully_signed_in, is_over, note_post, present_situations
from accounts.authentication.states import ENDING_TEXTS, TIME_OVER_TEXT, Ending
from accounts.kernel import read_only
from accounts.kernel.database import SAFE_METHODS, told_as
from accounts.kernel.errors import DomainError, ReadOnly
from accounts.kernel.http import error_page, way_back

WITHOUT_SECOND_FACTOR = frozenset(
    {"account_login", "account_logout", "mfa_authenticate", "mfa_activate_totp", "mfa_add_webauthn"}
)

WITHOUT_WRITING = frozenset({"account_login", "account_logout", "mfa_authenticate", "mfa_reauthenticate"})

OWN_VIEWS = "accounts.authentication.views"


class ActorMiddleware:
    """Puts `request.actor` on every request, and keeps a half-signed-in account on its way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Read who acts, and for which organisation, from the database."""
        if not request.user.is_authenticated:
            _say_why_it_ended(request)
        elif is_over(request):
            logout(request)
            messages.warning(request, TIME_OVER_TEXT)
        elif provider_ended(request):
            end_own(request, Ending.PROVIDER_REFUSED)
            logout(request)
            messages.warning(request, ENDING_TEXTS[Ending.PROVIDER_REFUSED])
        request.actor = actor_of(request)  # type: ignore[attr-defined]  # (the attribute that every screen reads)
        note_post(request, request.actor)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal that a page let through: a service too busy to check a password, a reading that was stopped."""
        refusal = told_as(exception, method=request.method)
        return error_page(request, refusal) if isinstance(refusal, DomainError) else None

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Lead to what is missing: the second factor, the choice of a function, or a function at all."""
        if not isinstance(request.user, User) or not _concerns_account(request, view):
            return None
        if not is_fully_signed_in(request):
            return _to_second_factor(request, request.user)
        if request.actor.is_signed_in or not _needs_function(view):  # type: ignore[attr-defined]  # (set above)
            return None
        if present_situations(request):
            return redirect(f"{reverse('situation')}?{urlencode({'next': way_back(request)})}")
        return render(request, "account/no_function.html", status=403)


class ReadOnlyMiddleware:
    """In read-only mode, refuses what would be written outside of our commands, which refuse by themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Ask for the mode before any transaction begins, then answer."""
        read_only.mode()
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Refuse a form of the account's locks; signing in, confirming and leaving go on."""
        ours = hasattr(view, "door")
        name = request.resolver_match.url_name if request.resolver_match else ""
        if ours or request.method in SAFE_METHODS or name in WITHOUT_WRITING or not read_only.mode():
            return None
        return error_page(request, ReadOnly())

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn a write that the database refused into the page that says so."""
        return error_page(request, ReadOnly()) if read_only.note_refusal(exception) else None


def _say_why_it_ended(request: HttpRequest) -> None:
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    ending = ending_of(key) if key else None
    if ending in ENDING_TEXTS:
        messages.warning(request, ENDING_TEXTS[ending])


def _concerns_account(request: HttpRequest, view: Any) -> bool:
    if request.resolver_match and request.resolver_match.url_name in WITHOUT_SECOND_FACTOR:
        return False
    door = getattr(view, "door", None)
    return door is None or door.permission is not None or view.__module__ == OWN_VIEWS


def _needs_function(view: Any) -> bool:
    return hasattr(view, "door") and view.door.permission is not None


def _to_second_factor(request: HttpRequest, user: User) -> HttpResponse:
    if has_second_factor(user):
        logout(request)
        return redirect("account_login")
    return redirect("mfa_activate_totp")
