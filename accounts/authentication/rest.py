"""The JSON endpoints act as the session does."""

from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class SessionActor(SessionAuthentication):
    """The signed-in session, with Django's protection against forged forms."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the account of the session, or `None`."""
        found: tuple[Any, Any] | None = super().authenticate(request)
        return found
