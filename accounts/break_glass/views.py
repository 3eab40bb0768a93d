"""Finding in one field, opening, the emergency view; reviewing; telling the person."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.doors import screen
from accounts.access.permissions import Permission
from accounts.access.rules import is_stepped_up
from accounts.access.unit import ANY_VERSION
from accounts.break_glass.commands import end_break_glass, review_break_glass, tell_person
from accounts.break_glass.emergency_set import parts_of
from accounts.break_glass.forms import FindForm, OpenForm, ReviewForm, TellForm
from accounts.break_glass.paper import letter_pdf
from accounts.break_glass.queries import (
    find,
    letter_for,
    notice_for,
    notices_due,
    own_accesses,
    recognised,
    review_of,
    running_access,
    to_review,
)
from accounts.break_glass.records import EndBreakGlass
from accounts.break_glass.reserve import open_anyhow
from accounts.break_glass.rules import NothingToSearch
from accounts.break_glass.states import NoticeState, State
from accounts.kernel.clock import now
from accounts.kernel.errors import StepUpNeeded
from accounts.kernel.http import ActorRequest, page, posted_by, submit
from accounts.people.page import banner_of

TIME_TO_WRITE = timedelta(minutes=3)
"""How long both factors must still be fresh when the form is shown, so that no text is lost to a code asked again."""


@require_http_methods(["GET", "POST"])
@screen(Permission.BREAK_GLASS_FIND)
def search(request: ActorRequest) -> HttpResponse:
    """Find somebody by one exact identity; what is typed comes in the body, never in an address."""
    form = FindForm(posted_by(request))
    found = None
    if form.is_bound and form.is_valid():
        try:
            found = find(form.cleaned_data["q"], actor=request.actor)
        except NothingToSearch as refusal:
            form.add_error("q", refusal.message)
    context = {"form": form, "found": found, "own": own_accesses(actor=request.actor)}
    return page(request, "accounts/break_glass/search.html", context, form=form if form.errors else None)


@require_http_methods(["GET", "POST"])
@screen(Permission.BREAK_GLASS_OPEN)
def open_access(request: ActorRequest, finding: str) -> HttpResponse:
    """Ask why, once the person is recognised and both factors are fresh."""
    person = recognised(finding, actor=request.actor)
    if not is_stepped_up(request.actor, now() + TIME_TO_WRITE):
        raise StepUpNeeded
    form = OpenForm(posted_by(request), finding=finding)
    if request.method == "POST" and (receipt := submit(form, open_anyhow, request.actor)):
        return redirect("break_glass:show", receipt.id)
    return page(request, "accounts/break_glass/open.html", {"form": form, "person": person}, form=form)


@require_GET
@screen(Permission.BREAK_GLASS_LIST_OWN)
def show(request: ActorRequest, access_id: UUID) -> HttpResponse:
    """Show the emergency set of the person, while the access runs."""
    access = running_access(access_id, actor=request.actor)
    parts = parts_of(access.person_id, actor=request.actor)
    return page(
        request,
        "accounts/break_glass/show.html",
        {
            "access": access,
            "banner": banner_of(access.person_id, actor=request.actor),
            "parts": [
                (part, render_to_string(part.template, {**part.context, "leads_on": True}, request)) for part in parts
            ],
        },
    )


@require_POST
@screen(Permission.BREAK_GLASS_END)
def end(request: ActorRequest, access_id: UUID) -> HttpResponse:
    """End the access now."""
    end_break_glass(EndBreakGlass(id=access_id, version=ANY_VERSION), by=request.actor)
    messages.success(request, "L’accès d’urgence est terminé.")
    return redirect("break_glass:search")


@require_GET
@screen(Permission.BREAK_GLASS_REVIEW)
def queue(request: ActorRequest) -> HttpResponse:
    """List the accesses that wait for a review."""
    return page(request, "accounts/break_glass/queue.html", {"rows": to_review(actor=request.actor)})


@require_http_methods(["GET", "POST"])
@screen(Permission.BREAK_GLASS_REVIEW)
def review(request: ActorRequest, access_id: UUID) -> HttpResponse:
    """Show one access without any identity, and take the verdict."""
    shown = review_of(access_id, actor=request.actor)
    form = ReviewForm(
        posted_by(request),
        access_id=access_id,
        initial={"version": shown.seen.version},
    )
    if request.method == "POST" and submit(form, review_break_glass, request.actor):
        messages.success(request, "Votre avis est enregistré.")
        return redirect("break_glass:queue")
    context = {"shown": shown, "form": form, "may_judge": shown.seen.state == State.ENDED}
    return page(request, "accounts/break_glass/review.html", context, form=form)


@require_GET
@screen(Permission.BREAK_GLASS_LIST_NOTICES)
def notices(request: ActorRequest) -> HttpResponse:
    """List the persons to tell."""
    return page(request, "accounts/break_glass/notices.html", {"rows": notices_due(actor=request.actor)})


@require_http_methods(["GET", "POST"])
@screen(Permission.BREAK_GLASS_TELL_PERSON)
def tell(request: ActorRequest, notice_id: UUID) -> HttpResponse:
    """Show whom to tell and what to say, and note that it was done."""
    notice = notice_for(notice_id, actor=request.actor)
    form = TellForm(posted_by(request), notice_id=notice_id, initial={"version": notice.version})
    if request.method == "POST" and submit(form, tell_person, request.actor):
        messages.success(request, "C’est noté : la personne est prévenue.")
        return redirect("break_glass:notices")
    context = {"notice": notice, "form": form, "is_due": notice.state == NoticeState.DUE}
    return page(request, "accounts/break_glass/tell.html", context, form=form)


@require_GET
@screen(Permission.BREAK_GLASS_TELL_PERSON)
def letter(request: ActorRequest, notice_id: UUID) -> HttpResponse:
    """Give the letter that tells the person, to be printed, signed and posted."""
    content = letter_pdf(letter_for(notice_id, actor=request.actor))
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="acces-en-urgence.pdf"'
    return response
