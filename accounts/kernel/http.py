"""Between a request and a command: headers, French error pages, forms that make records, pages by key."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from django import forms
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import select_template
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.kernel.actor import Actor
from accounts.kernel.errors import AuditUnavailable, DomainError, FormUnreadable, ReadOnly, StepUpNeeded
from accounts.kernel.ids import new_id
from accounts.kernel.wall import seeing_nothing

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()" for feature in ("camera", "microphone", "geolocation", "payment", "usb", "interest-cohort")
)


class ActorRequest(HttpRequest):
    """A request as a guarded screen sees it: `actor` is who acts, set by `ActorMiddleware`."""

    actor: Actor


class ClientAddressMiddleware:
    """Behind `TRUSTED_PROXIES` proxies of ours, the address of a request is the one that the outermost of them saw.

    Locks, limits and the audit all read `REMOTE_ADDR`. What a client writes into the header
    itself stands further left and is never read. The header that tells a system's certificate
    is taken away unless it comes from one of `TRUSTED_PROXY_ADDRESSES`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put the client's address in its place, and leave no certificate that no proxy vouches for."""
        self._check_certificate_header(request)
        proxies = settings.TRUSTED_PROXIES
        told = request.headers.get("X-Forwarded-For", "").split(",")
        if 0 < proxies <= len(told) and (address := _address(told[-proxies])):
            request.META["REMOTE_ADDR"] = address
        return self.get_response(request)

    def _check_certificate_header(self, request: HttpRequest) -> None:
        header = f"HTTP_{settings.CLIENT_CERTIFICATE_HEADER.upper().replace('-', '_')}"
        if header in request.META and request.META.get("REMOTE_ADDR") not in settings.TRUSTED_PROXY_ADDRESSES:
            del request.META[header]


class WallMiddleware:
    """A request sees no person until a door says for whom it opens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer from behind the wall."""
        with seeing_nothing():
            return self.get_response(request)


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return ""


class BrowserRulesMiddleware:
    """Nothing of ours stays in a shared or browser cache, and no other origin embeds it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers that every page carries."""
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content and request.accepts("text/html"):
            response.content = _page(request, response.status_code, {}).content
            response.headers["Content-Length"] = str(len(response.content))
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


def way_back(request: HttpRequest) -> str:
    """Return where somebody goes on after signing in, proving again or choosing a function: for a form that was sent, the page that it stood on.

    What was sent is gone by then, and its own address may only take forms.
    """
    came_from, here = request.headers.get("Referer", ""), {request.get_host()}
    if request.method == "POST" and url_has_allowed_host_and_scheme(came_from, here):
        page_of_form = urlunsplit(("", "", *urlsplit(came_from)[2:4], ""))
        if url_has_allowed_host_and_scheme(page_of_form, here):  # « //elsewhere » is a path there, an address here
            return page_of_form
    return request.get_full_path()


def error_page(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """Return the French page of a refusal: what happened and what to do next, no more."""
    response = _page(request, refusal.status, {"message": refusal.message, "code": refusal.code})
    if refusal.retry_after:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page of a form that came without its token."""
    said = "Votre formulaire a trop attendu. Revenez en arrière, rechargez la page, puis recommencez."
    return _page(request, 403, {"message": said}, template="errors/400.html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page of a request that cannot be read."""
    return _page(request, 400, {})


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page of a refused request."""
    return _page(request, 403, {})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page of an unknown address."""
    return _page(request, 404, {})


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page of a fault of ours, which needs neither database nor context."""
    return HttpResponse(select_template(["errors/500.html"]).render({}), status=500)


def _page(request: HttpRequest, status: int, context: dict[str, Any], *, template: str = "") -> HttpResponse:
    page_template = select_template([template or f"errors/{status}.html", "errors/400.html"])
    context = {"message": "", "code": "", "status": status, **context}
    return HttpResponse(page_template.render(context, request), status=status)


class RecordForm(forms.Form):
    """A form whose valid data become the input of one command.

    `form_token` makes a double click harmless; `version` is what the page was drawn from,
    and never the negative one by which code says "any".
    """

    form_token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=new_id)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def to_record(self) -> Any:
        """Return the command's input; each form says how."""
        raise TypeError(f"{type(self).__name__} makes no record.")

    def refuse(self, refusal: DomainError) -> None:
        """Show a refusal of the command, beside its field when it names one of ours."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class _Writer(Protocol):
    def __call__(self, record: Any, *, by: Actor) -> Any: ...


def submit(form: RecordForm, writer: _Writer, actor: Actor) -> Any | None:
    """Run a command with what a bound form holds; return its receipt, or `None` with the errors on the form.

    A step-up request, read-only mode and a broken audit are no form errors: they go up to the
    screen. So does `FormUnreadable`, for what no person writes: the hidden fields.
    """
    if not form.is_valid():
        if any(form.fields[name].widget.is_hidden for name in form.errors if name in form.fields):
            raise FormUnreadable
        return None
    token = form.cleaned_data.get("form_token")
    try:
        return writer(form.to_record(), by=replace(actor, idempotency_key=str(token) if token else ""))
    except (StepUpNeeded, ReadOnly, AuditUnavailable):
        raise
    except DomainError as refusal:
        if refusal.status == 404:  # noqa: PLR2004 (the HTTP status of the unknown)
            raise
        form.refuse(refusal)
        return None


def posted_by(request: HttpRequest) -> Any:
    """Return what a request sends to a form; `None` when it only asks to see it."""
    return request.POST if request.method == "POST" else None


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, form: forms.Form | None = None
) -> HttpResponse:
    """Draw a page; a bound form that was refused makes it a 422."""
    status = 422 if form is not None and form.is_bound else 200
    return render(request, template, context, status=status)


def refused(request: HttpRequest, form: forms.Form) -> HttpResponse:
    """Return the French page of a refused button, whose form has no page of its own: what is wrong, and the way back."""
    told = [(_named(form, name), str(error)) for name, errors in form.errors.items() for error in errors]
    lines = list(dict.fromkeys(f"{label}\N{NO-BREAK SPACE}: {error}" if label else error for label, error in told))
    back = way_back(request)
    told_where = back != request.get_full_path()
    return _page(request, 422, {"lines": lines, "back": back if told_where else ""}, template="errors/422.html")


def _named(form: forms.Form, name: str) -> str:
    """Return the label of a field that somebody sees; empty for the whole form and what it hides."""
    return "" if name not in form.fields or form[name].is_hidden else str(form[name].label)


class KeyPage:
    """One page of a list ordered by an instant, then by id: where it starts is a key, never a number."""

    SIZE = 50

    def __init__(self, items: list[Any], *, next_key: str) -> None:
        self.items = items
        self.next_key = next_key

    @classmethod
    def of(cls, queryset: Any, *, key: str, after: str = "", size: int = SIZE, oldest_first: bool = False) -> "KeyPage":
        """Return the page that follows the key `after` of a queryset, ordered by `-key, -pk`, or by `key, pk`."""
        sign, follows = ("", "gt") if oldest_first else ("-", "lt")
        start = read_key(after)
        if start:
            instant, pk = start
            queryset = queryset.filter(Q(**{f"{key}__{follows}": instant}) | Q(**{key: instant, f"pk__{follows}": pk}))
        rows = list(queryset.order_by(f"{sign}{key}", f"{sign}pk")[: size + 1])
        following = rows[size - 1] if len(rows) > size else None
        return cls(rows[:size], next_key=make_key(getattr(following, key), following.pk) if following else "")


def make_key(instant: datetime, pk: UUID) -> str:
    """Return the opaque key of a row in a list."""
    return base64.urlsafe_b64encode(f"{instant.isoformat()}|{pk}".encode()).decode().rstrip("=")


def read_key(key: str) -> tuple[datetime, UUID] | None:
    """Return what a key says; `None` for an empty or foreign one, which starts at the top."""
    try:
        text, pk = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)).decode().split("|")
        instant = datetime.fromisoformat(text)
        return (instant.astimezone(UTC), UUID(pk)) if instant.tzinfo else None
    except (ValueError, OverflowError):
        return None
