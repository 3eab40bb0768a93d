"""What allauth is told to do our way."""

import base64
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.access.rules import STEP_UP
from accounts.authentication.models import User
from accounts.authentication.open_sessions import end_own
from accounts.authentication.second_factor import has_application, has_key, has_second_factor, place_of_secret
from accounts.authentication.sessions import actor_of, begin, came_by, note_both_factors
from accounts.authentication.states import Ending, Way
from accounts.kernel.clock import now
from accounts.kernel.keyring import seal, unseal


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # (allauth is untyped)
    """Accounts are opened by an organisation, never by oneself; both factors make a sign-in."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "L’identifiant ou le mot de passe ne correspond pas. Vérifiez, puis réessayez.",
        "enter_current_password": "Ce n’est pas votre mot de passe actuel. Vérifiez, puis réessayez.",
        "incorrect_password": "Ce mot de passe ne correspond pas. Vérifiez, puis réessayez.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse self-registration."""
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Open the session under a new key; both factors count when the account has a second one (its step is over)."""
        super().login(request, user)
        begin(request, user)
        if came_by(request) == Way.LOCAL and has_second_factor(user):
            note_both_factors(request)

    def logout(self, request: HttpRequest) -> None:
        """Close the session, and note that its holder left."""
        end_own(request, Ending.LEFT)
        super().logout(request)

    def is_safe_url(self, url: str | None) -> bool:
        """Tell whether somebody may be sent to an address: a path of this site, never a whole address."""
        return bool(url) and str(url).startswith("/") and url_has_allowed_host_and_scheme(str(url), allowed_hosts=None)

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Ask again before the account's own locks change, unless both factors were given minutes ago."""
        since = actor_of(context.request).authenticated_at
        may_confirm = has_second_factor(context.request.user) or came_by(context.request) == Way.PROSANTE
        return may_confirm and (since is None or now() - since > STEP_UP)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Offer the ways to confirm, the usual one first; the password only while there is no second factor yet."""
        ways = {
            "step_up": came_by(context.request) == Way.PROSANTE,
            "mfa_reauthenticate": has_application(user),
            "mfa_reauthenticate_webauthn": has_key(user),
        }
        names = [name for name, is_open in ways.items() if is_open] or ["account_reauthenticate"]
        return [{"id": name, "description": "", "url": reverse(name)} for name in names]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return to the page of the account's locks."""
        return reverse("mfa_index")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: the pages themselves show what happened."""


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # (allauth is untyped)
    """Second factors are encrypted at rest, each bound to its account; security keys to our own address."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant, puis réessayez.",
        "incorrect_key": "Cette clé n’a pas été reconnue. Vérifiez que c’est l’une des vôtres, puis réessayez.",
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the name for which keys are made: our public address, whatever host a request names."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "", "name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user: User, type: str) -> str:
        """Return the name proposed for a further key."""
        held = Authenticator.objects.filter(user=user, type=type).count()
        return "Ma clé" if held == 0 else f"Ma clé n° {held + 1}"

    def is_mfa_enabled(self, user: User, types: Any = None) -> bool:
        """Tell whether a second step follows: Pro Santé Connect has asked for both factors already."""
        return not hasattr(context.request, "proven") and bool(super().is_mfa_enabled(user, types))

    def encrypt(self, text: str) -> str:
        """Seal a secret with the keys of this installation."""
        return base64.b64encode(seal(text.encode(), bound_to=place_of_secret())).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret; raises `Unreadable` when it was altered."""
        return unseal(base64.b64decode(encrypted_text), bound_to=place_of_secret()).decode()
