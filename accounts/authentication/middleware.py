"""Turns a signed-in session into an actor, at each request: rights never live in a session."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.authentication.sessions import actor_of


class ActorMiddleware:
    """Puts `request.actor` on every request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Read who acts, and for which organisation, from the database."""
        request.actor = actor_of(request)  # type: ignore[attr-defined]  # (the attribute that every screen reads)
        return self.get_response(request)
