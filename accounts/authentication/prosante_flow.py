"""Signing in through Pro Santé Connect: allauth carries the steps, `accounts.authentication.prosante` the checks.

Whoever signs in is matched on the national identifier alone. Nothing that Pro Santé
Connect tells is stored, nothing is created: an unknown professional gets no right.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthProcess, ProviderAccount
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access.doors import public
from accounts.authentication.models import User
from accounts.authentication.prosante import ProSante
from accounts.authentication.records import ProvenIdentity
from accounts.authentication.rules import LONGEST_SESSION, ProSanteRefused, ProSanteUnavailable
from accounts.authentication.sessions import SITUATION, is_fully_signed_in
from accounts.authentication.traces import trace_unproven
from accounts.kernel.clock import now
from accounts.kernel.errors import DomainError
from accounts.kernel.http import error_page

PROVIDER = "psc"
SCOPE = ("openid", "scope_all")
STATE_BYTES = 32


class ProSanteProvider(OAuth2Provider):  # type: ignore[misc]  # (allauth is untyped)
    """Where the sign-in is asked for: nothing of the question comes from the browser but where to return."""

    id = PROVIDER
    name = "Pro Santé Connect"
    account_class = ProviderAccount
    pkce_enabled_default = True

    def get_oauth2_adapter(self, request: HttpRequest) -> "ProSanteAdapter":
        """Return what speaks with the provider."""
        return ProSanteAdapter(request)

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Return the question: a nonce of its own, the level, and a fresh proof when it confirms an open session."""
        nonce = secrets.token_urlsafe(STATE_BYTES)
        confirming = is_fully_signed_in(request)
        asked = {"nonce": nonce, "acr_values": ProSanteAdapter(request).provider.acr}
        asked |= {"prompt": "login", "max_age": "0"} if confirming else {"max_age": str(LONGEST_SESSION.seconds)}
        kept = super().get_redirect_from_request_kwargs(request)
        return {
            "next_url": kept.get("next_url"),
            "process": AuthProcess.LOGIN,
            "scope": list(SCOPE),
            "auth_params": asked,
            "nonce": nonce,
            "since": int(now().timestamp()) if confirming else None,
            "situation": request.session.get(SITUATION, "") if confirming else "",
        }


class ProSanteAdapter(OAuth2Adapter):  # type: ignore[misc]  # (allauth is untyped)
    """Speaks with the provider, at the addresses of this installation only."""

    provider_id = PROVIDER

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        installed = ProSante.installed()
        if installed is None:
            raise Http404
        self.provider = installed
        self.authorize_url = installed.authorization_endpoint
        self.access_token_url = installed.endpoint("token")
        self.state: dict[str, Any] = {}

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Return our one registered address, whatever host the request names."""
        return f"{settings.PUBLIC_URL}{reverse('psc_callback')}"

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        """Return what the provider gives for the code of the answer."""
        return self.provider.exchange(
            request.GET["code"],
            verifier=pkce_code_verifier or "",
            return_address=self.get_callback_url(request, app),
        )

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """Return a token that is never stored."""
        return SocialToken(token=data["access_token"])

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        """Return a sign-in that nobody is attached to yet; who proved herself is on the request."""
        asked_at = self.state.get("since")
        request.proven = self.provider.identify(  # type: ignore[attr-defined]  # (kept for the time of one request)
            kwargs["response"],
            nonce=self.state.get("nonce", ""),
            since=datetime.fromtimestamp(asked_at, UTC) - timedelta(seconds=5) if asked_at else None,
        )
        return SocialLogin(account=SocialAccount(provider=PROVIDER), provider=self.get_provider())


class ProSanteCallbackView(OAuth2CallbackView):  # type: ignore[misc]  # (allauth is untyped)
    """Where the provider sends the browser back."""

    def _get_state(self, request: HttpRequest, provider: ProSanteProvider) -> Any:
        """Take the state, once; what it remembers goes to the adapter."""
        state, refusal = super()._get_state(request, provider)
        if state is not None:
            self.adapter.state = state
            if request.GET.get("iss", self.adapter.provider.issuer) != self.adapter.provider.issuer:
                raise ProSanteRefused("iss-of-answer")  # RFC 9207
            request.situation_before = state.get("situation", "")  # type: ignore[attr-defined]  # (for this request)
        return state, refusal


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # (allauth is untyped)
    """The one provider, the one way to match a person, and what is shown when it fails."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> ProSanteProvider:
        """Return the one provider of this installation."""
        installed = ProSante.installed()
        if installed is None:
            raise Http404
        app = SocialApp(provider=PROVIDER, client_id=installed.client_id, secret=installed.client_secret)
        return ProSanteProvider(request, app=app)

    def generate_state_param(self, state: dict[str, Any]) -> str:
        """Return 256 bits."""
        return secrets.token_urlsafe(STATE_BYTES)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Attach the account of the RPPS number that was proven; answer with a page when there is none."""
        proven: ProvenIdentity = request.proven  # type: ignore[attr-defined]  # (set by the adapter)
        user = User.objects.filter(professional__rpps=proven.rpps).first() if proven.rpps else None
        if user is None:
            trace_unproven(request, "prosante-unknown")
            raise ImmediateHttpResponse(render(request, "account/prosante_unknown.html", status=403))
        sociallogin.user = user
        sociallogin.account.uid = str(user.pk)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Refuse: accounts are opened by an organisation."""
        return False

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        """Answer a sign-in that went wrong on the way with our own page."""
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("account_login"))
        raise ImmediateHttpResponse(refused(request, ProSanteRefused("state")))


def refused(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """Return the page of a sign-in that Pro Santé Connect did not confirm, and note it."""
    trace_unproven(request, f"{refusal.code}:{getattr(refusal, 'check', '')}")
    return error_page(request, refusal)


@public("leads to Pro Santé Connect")
@require_POST
def psc_login(request: HttpRequest) -> HttpResponse:
    """Leave for Pro Santé Connect; a POST, so that no other site starts a sign-in."""
    answer: HttpResponse = OAuth2LoginView.adapter_view(ProSanteAdapter)(request)
    return answer


@public("the answer of Pro Santé Connect, checked before anything else")
@require_GET
def psc_callback(request: HttpRequest) -> HttpResponse:
    """Come back from Pro Santé Connect."""
    try:
        answer: HttpResponse = ProSanteCallbackView.adapter_view(ProSanteAdapter)(request)
    except (ProSanteRefused, ProSanteUnavailable) as refusal:
        return refused(request, refusal)
    return answer
