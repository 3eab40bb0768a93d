"""Sign-in pages of our own: what surrounds allauth's."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LogoutView
from allauth.mfa.base.views import ReauthenticateView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, ReauthenticateWebAuthnView, RemoveWebAuthnView
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.doors import public
from accounts.authentication.grants import farewell
from accounts.authentication.labels import ROLE_LABELS
from accounts.authentication.open_sessions import end, own, present_of
from accounts.authentication.second_factor import has_application, has_key, has_second_factor
from accounts.authentication.sessions import (
    came_by,
    choose_situation,
    confirm_both_factors,
    forget_second_factor,
    present_situations,
    situation_of,
)
from accounts.authentication.states import WAY_LABELS, Ending, Way
from accounts.authentication.traces import trace_confirmation, trace_ending
from accounts.kernel.actor import Role
from accounts.kernel.errors import NotFound
from accounts.kernel.http import error_page


class EnrolView(ActivateTOTPView):  # type: ignore[misc]  # (allauth is untyped)
    """Setting up the application that gives the second factor."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the secret; the session now holds both factors."""
        answer: HttpResponse = super().form_valid(form)
        confirm_both_factors(self.request)
        return answer


class ConfirmView(ReauthenticateView):  # type: ignore[misc]  # (allauth is untyped)
    """A code again, before a grave act."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Note the moment, and go back to the act."""
        confirm_both_factors(self.request)
        trace_confirmation(self.request, self.request.user)
        return super().form_valid(form)  # type: ignore[no-any-return]  # (allauth is untyped)


class ConfirmKeyView(ReauthenticateWebAuthnView):  # type: ignore[misc]  # (allauth is untyped)
    """A security key again, before a grave act."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Note the moment, and go back to the act."""
        confirm_both_factors(self.request)
        trace_confirmation(self.request, self.request.user)
        return super().form_valid(form)  # type: ignore[no-any-return]  # (allauth is untyped)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Ask again, on the same page."""
        return self.render_to_response(self.get_context_data(form=form))  # type: ignore[no-any-return]  # (allauth is untyped)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """Give the form that was refused, when there is one."""
        return {**super().get_context_data(), **more}


class AddKeyView(AddWebAuthnView):  # type: ignore[misc]  # (allauth is untyped)
    """A security key joins the account."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the public key; the session now holds both factors."""
        answer: HttpResponse = super().form_valid(form)
        confirm_both_factors(self.request)
        return answer

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """Give the form that was refused, when there is one, and whether this is the account's first factor."""
        return {**super().get_context_data(), **more, "is_first": not has_second_factor(self.request.user)}


class RemoveKeyView(RemoveWebAuthnView):  # type: ignore[misc]  # (allauth is untyped)
    """A security key leaves the account."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Forget the key; without another factor the session reaches its enrolment page only."""
        answer: HttpResponse = super().form_valid(form)
        if not has_second_factor(self.request.user):
            forget_second_factor(self.request)
        return answer


class ChangeDeviceView(DeactivateTOTPView):  # type: ignore[misc]  # (allauth is untyped)
    """Leaving the present application for another one."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Forget the application; without a key the session reaches its enrolment page only."""
        answer: HttpResponse = super().form_valid(form)
        if not has_second_factor(self.request.user):
            forget_second_factor(self.request)
        return answer


@public("the account's own functions, both factors given")
@require_http_methods(["GET", "POST"])
@login_required
def situation(request: HttpRequest) -> HttpResponse:
    """Choose for which organisation, and in which function, one works now."""
    onward = get_next_redirect_url(request) or "/"
    if request.method == "POST":
        try:
            chosen = choose_situation(request, UUID(request.POST.get("situation", "")))
        except ValueError:
            chosen = False
        return redirect(onward) if chosen else error_page(request, NotFound())
    present = situation_of(request)
    choices = [
        {
            "id": row.id,
            "organisation": row.organisation_name,
            "role": ROLE_LABELS[Role(row.role)],
            "current": present is not None and row.id == present.id,
        }
        for row in present_situations(request)
    ]
    return render(request, "account/situation.html", {"choices": choices, "next": onward})


@public("leads to the confirmation page of the session's own account")
@require_http_methods(["GET", "POST"])
def step_up(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks for a code again, or for Pro Santé Connect when it opened the session."""
    onward = get_next_redirect_url(request) or "/"
    user: Any = request.user
    by_key = user.is_authenticated and has_key(user) and not has_application(user)
    confirm_url = reverse("mfa_reauthenticate_webauthn" if by_key else "mfa_reauthenticate")
    confirm_url = f"{confirm_url}?{urlencode({'next': onward})}"
    if not user.is_authenticated or came_by(request) == Way.LOCAL:
        return redirect(confirm_url)
    local_url = confirm_url if has_second_factor(user) else ""
    return render(request, "account/prosante_confirm.html", {"next": onward, "local_url": local_url})


@public("somebody says that he is still there: nothing is read")
@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    """Answer that the session goes on; the clock of its idleness was set back on the way here."""
    return HttpResponse(status=204 if request.user.is_authenticated else 401)


@public("the account's own sessions, both factors given")
@require_http_methods(["GET", "POST"])
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """See where one's account is open, and end one session or all the others."""
    user: Any = request.user
    present = list(present_of(user).order_by("-seen_at", "-id"))
    mine = own(request).values_list("pk", flat=True).first()
    if request.method == "POST":
        chosen = request.POST.get("session", "")
        ended = [one for one in present if one.id != mine and chosen in ("", str(one.id))]
        if end(ended, Ending.ENDED_BY_OWNER):
            trace_ending(request, user, Ending.ENDED_BY_OWNER)
        return redirect("sessions")
    rows = [
        {
            "id": one.id,
            "device": one.device,
            "address": one.address,
            "way": WAY_LABELS[Way(one.way)],
            "since": one.created_at,
            "seen_at": one.seen_at,
            "is_own": one.id == mine,
        }
        for one in present
    ]
    return render(request, "account/sessions.html", {"rows": rows, "others": sum(not row["is_own"] for row in rows)})


class SignOutView(LogoutView):  # type: ignore[misc]  # (allauth is untyped)
    """Leaving, here and at Pro Santé Connect when it opened the session."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Close the session; then offer to close the one at Pro Santé Connect, by a form so that no token is in an address."""
        goodbye = farewell(self.request)
        answer: HttpResponse = super().post(*args, **kwargs)
        return render(self.request, "account/prosante_signed_out.html", goodbye) if goodbye else answer


sign_out = public("the account's own session")(SignOutView.as_view())
enrol = public("the account's own enrolment")(EnrolView.as_view())
confirm = public("the account's own confirmation")(ConfirmView.as_view())
confirm_key = public("the account's own confirmation")(ConfirmKeyView.as_view())
add_key = public("the account's own enrolment")(AddKeyView.as_view())
remove_key = public("the account's own key")(RemoveKeyView.as_view())
change_device = public("the account's own application")(ChangeDeviceView.as_view())
