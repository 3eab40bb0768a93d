"""The doors of the process: each carries its policy, or the process refuses to start.

A screen opens a trail, runs the view, and writes the trail to the audit before the answer
leaves. Other kinds of door (FHIR interactions) mark themselves with `guard`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.core.checks import CheckMessage, Error, register
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.access.gate import open_trail
from accounts.access.permissions import Permission
from accounts.access.reserved import opened_in_reserve
from accounts.access.rules import MATRIX
from accounts.access.unit import commands
from accounts.audit.journal import write_alone
from accounts.audit.records import AuditEntry, Outcome
from accounts.kernel.actor import Actor
from accounts.kernel.errors import DomainError, NotAllowed, NotFound, StepUpNeeded
from accounts.kernel.http import error_page, way_back
from accounts.kernel.wall import seeing_as

View = TypeVar("View", bound=Callable[..., HttpResponse])

FOREIGN_DOORS: dict[str, str] = {
    "allauth": "sign-in, second factor and sign-out, each guarded by allauth for the session's own account",
    "drf_spectacular": "the description of the JSON endpoints, without data",
    "django.contrib.staticfiles": "files of the look",
}


@dataclass(frozen=True, slots=True)
class Door:
    """The policy of one entry: a permission, or the reason why it needs none."""

    permission: Permission | None
    reason: str = ""


class UnguardedDoor(Exception):
    """An entry of the process has no policy."""


def guard(view: Any, door: Door) -> Any:
    """Mark a callable with its policy."""
    view.door = door
    return view


def screen(
    permission: Permission, *others: Permission, writes: bool = False
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Guard a page: signed in, the function has one of the rights in some case, the decisions audited before the answer.

    The right on the object itself is asked by the query or the command that the view calls.
    What is only looked at is read and traced in one transaction; `writes`: looking runs a command too.
    """

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor: Actor = request.actor  # type: ignore[attr-defined]  # (set by ActorMiddleware)
            if not actor.is_signed_in:
                return redirect(f"{reverse('account_login')}?{urlencode({'next': way_back(request)})}")
            reading = request.method in ("GET", "HEAD") and not writes
            with open_trail(reading=reading) as trail:
                try:
                    if not any((actor.role, right) in MATRIX for right in (permission, *others)):
                        trail.note(AuditEntry(actor=actor, action=permission, outcome=Outcome.DENIED, rule="no-row"))
                        raise NotFound if kwargs else NotAllowed
                    with seeing_as(actor, reading=reading, persons=opened_in_reserve(actor)):
                        response = view(request, *args, **kwargs)
                        if reading:
                            write_alone(trail.take(), with_reading=True)
                except NotFound as refusal:
                    response = _elsewhere(request, actor, kwargs) or error_page(request, refusal)
                except StepUpNeeded:
                    response = redirect(f"{reverse('step_up')}?{urlencode({'next': way_back(request)})}")
                except DomainError as refusal:
                    response = error_page(request, refusal)
                try:
                    write_alone(trail.take())
                except DomainError as refusal:
                    response = error_page(request, refusal)
            return response

        return guard(guarded, Door(permission))  # type: ignore[no-any-return]

    return wrap


Moved = Callable[[UUID, Actor], UUID | None]
_moved: list[Moved] = []


def leads_on(find: Moved) -> Moved:
    """Register what tells where a person's pages are now: `(person_id, actor)` gives another id that the actor may see, or `None`."""
    _moved.append(find)
    return find


def _elsewhere(request: HttpRequest, actor: Actor, kwargs: dict[str, Any]) -> HttpResponse | None:
    """Return the way to the page of a person whose address is an old one; `None` when it is none, or not for this actor."""
    person_id = kwargs.get("person_id")
    if request.method != "GET" or not isinstance(person_id, UUID):
        return None
    with seeing_as(actor):
        now_at = next((found for find in _moved if (found := find(person_id, actor))), None)
    return redirect(request.get_full_path().replace(str(person_id), str(now_at), 1)) if now_at else None


def public(reason: str) -> Callable[[View], View]:
    """Mark an entry that anybody may use, and say why."""

    def wrap(view: View) -> View:
        guarded: View = guard(view, Door(None, reason))
        return guarded

    return wrap


def guarded_routes() -> list[tuple[str, Door]]:
    """Return every route that carries a policy of ours, with it."""
    return [(route, callback.door) for route, callback in _routes(get_resolver()) if hasattr(callback, "door")]


def unguarded_doors() -> list[str]:
    """Return every route without a policy, every permission without a row, every task without a name of ours."""
    routes = [route for route, callback in _routes(get_resolver()) if not _is_guarded(callback)]
    granted = {permission for _, permission in MATRIX}
    orphans = [name for name, made in commands.items() if made.permission not in granted]
    return [f"route {route}" for route in routes] + [f"command {name}: nobody has its right" for name in orphans]


def refuse_unguarded_doors() -> None:
    """Raise `UnguardedDoor` when some entry has no policy: a process that would serve it must not start."""
    found = unguarded_doors()
    if found:
        raise UnguardedDoor("; ".join(found))


@register("doors")
def check_doors(**_options: Any) -> list[CheckMessage]:
    """Report each door without a policy as an error of `manage.py check`."""
    return [Error(f"No policy: {door}", id="access.E001") for door in unguarded_doors()]


def _routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _routes(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def _is_guarded(callback: Any) -> bool:
    if hasattr(callback, "door"):
        return True
    origin = getattr(callback, "view_class", callback).__module__
    return any(origin.startswith(package) for package in FOREIGN_DOORS)
