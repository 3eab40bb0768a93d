"""Sign-in pages of our own: what surrounds allauth's."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.utils import get_next_redirect_url
from allauth.mfa.base.views import ReauthenticateView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access.doors import public
from accounts.authentication.labels import ROLE_LABELS
from accounts.authentication.sessions import (
    choose_situation,
    confirm_both_factors,
    forget_second_factor,
    present_situations,
    situation_of,
)
from accounts.authentication.traces import trace_confirmation
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


class ChangeDeviceView(DeactivateTOTPView):  # type: ignore[misc]  # (allauth is untyped)
    """Leaving the present application for another one."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Forget the application: the session reaches its enrolment page only."""
        answer: HttpResponse = super().form_valid(form)
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
            "organisation": row.organisation.name,
            "role": ROLE_LABELS[Role(row.role)],
            "current": present is not None and row.id == present.id,
        }
        for row in present_situations(request)
    ]
    return render(request, "account/situation.html", {"choices": choices, "next": onward})


@public("leads to the confirmation page of the session's own account")
@require_http_methods(["GET", "POST"])
def step_up(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks for a code again."""
    onward = get_next_redirect_url(request) or "/"
    return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': onward})}")


enrol = public("the account's own enrolment")(EnrolView.as_view())
confirm = public("the account's own confirmation")(ConfirmView.as_view())
change_device = public("the account's own application")(ChangeDeviceView.as_view())
