"""Pages of guests: inviting, opening a link, reading the essential of one file."""

from dataclasses import replace
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.doors import public, screen
from accounts.access.gate import open_trail
from accounts.access.permissions import Permission
from accounts.access.queries import agreed_organisations
from accounts.audit.journal import write_alone
from accounts.break_glass.emergency_set import parts_of
from accounts.guests.commands import OPENED, invite_guest, open_guest_link
from accounts.guests.forms import CodeForm, InviteForm
from accounts.guests.queries import check_still_invited, guest_actor, link_waits, visit
from accounts.guests.rules import GuestLinkOver, new_code, told
from accounts.kernel.actor import ANONYMOUS
from accounts.kernel.errors import DomainError
from accounts.kernel.http import ActorRequest, error_page, page, posted_by, submit
from accounts.kernel.wall import seeing_as
from accounts.people.page import banner_of

GUEST = "guest"


@screen(Permission.CIRCLE_MEMBERSHIP_CREATE_OTHER_ORG)
@require_http_methods(["GET", "POST"])
def invite(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Invite a professional without an account; the code to tell him is shown once."""
    banner = banner_of(person_id, actor=request.actor)
    code = new_code()
    form = InviteForm(
        posted_by(request),
        person_id=person_id,
        organisations=agreed_organisations(person_id, actor=request.actor),
        link=uuid4(),
        code=code,
    )
    context = {"banner": banner, "form": form}
    receipt = submit(form, invite_guest, request.actor) if request.method == "POST" else None
    if receipt is None:
        return page(request, "accounts/guests/invite.html", context, form=form)
    if receipt.replayed:
        return redirect("people:circle", person_id)
    guest = {"code": told(code), "given": form.cleaned_data["given"], "family": form.cleaned_data["family"]}
    return page(request, "accounts/guests/invited.html", {"banner": banner, **guest})


@public("a link that its holder proves with a code")
@require_http_methods(["GET", "POST"])
def open_link(request: HttpRequest, link: UUID) -> HttpResponse:
    """Ask for the code; open the visit once."""
    if request.user.is_authenticated:
        return render(request, "accounts/guests/signed_in.html", status=403)
    if not link_waits(link):
        return error_page(request, GuestLinkOver())
    form = CodeForm(posted_by(request), link=link)
    if request.method == "POST" and form.is_valid():
        by = replace(ANONYMOUS, ip=request.META.get("REMOTE_ADDR", ""))
        try:
            receipt = open_guest_link(form.to_record(), by=by)
        except GuestLinkOver as refusal:
            return error_page(request, refusal)
        if receipt.type == OPENED:
            request.session.flush()
            request.session[GUEST] = str(receipt.id)
            request.session.set_expiry(settings.SESSION_IDLE_SECONDS)
            return redirect("guests:read")
        form.add_error("code", "Ce code n’est pas le bon. Vérifiez-le avec la personne qui vous invite.")
    return page(request, "accounts/guests/open.html", {"form": form}, form=form)


@public("the visit of the session's own guest, asked of the gate at each page")
@require_safe
def read(request: HttpRequest) -> HttpResponse:
    """Show the essential of the one file, for reading only."""
    kept = request.session.get(GUEST)
    if kept is None or request.user.is_authenticated:
        return error_page(request, GuestLinkOver())
    try:
        return _shown(request, UUID(kept))
    except DomainError:
        request.session.flush()
        return error_page(request, GuestLinkOver())


@public("the guest's own session")
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the visit."""
    if not request.user.is_authenticated:
        request.session.flush()
    return render(request, "accounts/guests/left.html")


def _shown(request: HttpRequest, access_id: UUID) -> HttpResponse:
    shown = visit(access_id)
    actor = guest_actor(shown, session=(request.session.session_key or "")[:12], ip=request.META.get("REMOTE_ADDR", ""))
    with open_trail(reading=True) as trail:
        try:
            with seeing_as(actor, reading=True):
                check_still_invited(shown)
                banner = banner_of(shown.person_id, actor=actor)
                parts = [
                    (part, render_to_string(part.template, {**part.context, "leads_on": False}, request))
                    for part in parts_of(shown.person_id, actor=actor)
                ]
        finally:
            write_alone(trail.take())
    request.session.modified = True
    context = {"visit": shown, "banner": banner, "parts": parts}
    return render(request, "accounts/guests/read.html", context)
