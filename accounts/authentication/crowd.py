"""The door of sign-in when everybody comes at once: a few are let in, the others are told at once to come back."""

from collections.abc import Callable
from functools import cache
from http import HTTPMethod
from threading import BoundedSemaphore

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template

from accounts.kernel.errors import Busy

AT_ONCE = 3
"""Sign-ins in one process, one with its password being looked at and the others next: one thread (deploy/) stays for other pages."""
places = BoundedSemaphore(AT_ONCE)


class SignInCrowdMiddleware:
    """Lets few sign-ins through at a time; the others cost no hash, no session and no statement.

    Source: security.md §4, threat 44: 500 sign-ins a second, others answered within a second.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or say that one should try again in a moment."""
        if request.method != HTTPMethod.POST or request.path != settings.LOGIN_URL:
            return self.get_response(request)
        if not places.acquire(blocking=False):
            return HttpResponse(_busy_page(), status=Busy.status, headers={"Retry-After": str(Busy.retry_after)})
        try:
            return self.get_response(request)
        finally:
            places.release()


@cache
def _busy_page() -> bytes:
    refusal = Busy()
    template = get_template(f"errors/{refusal.status}.html")
    return template.render({"message": refusal.message, "code": refusal.code, "status": refusal.status}).encode()
