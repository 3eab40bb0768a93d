"""What allauth is told to do our way."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # (allauth is untyped)
    """Accounts are opened by an organisation, never by oneself."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse self-registration."""
        return False


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # (allauth is untyped)
    """Second factors are encrypted at rest."""
