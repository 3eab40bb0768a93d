"""Pages of the acceptance: asking, noting by hand, the trail; and, by a link, the guide and the answer."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.doors import public, screen
from accounts.access.gate import is_permitted, open_trail, permit
from accounts.access.permissions import Permission
from accounts.guests.rules import new_code, told
from accounts.kernel.actor import ANONYMOUS, Actor
from accounts.kernel.errors import NotFound
from accounts.kernel.http import ActorRequest, error_page, page, posted_by, submit
from accounts.people.page import frame_of
from accounts.people.queries import person_snapshot, relative_snapshot
from ppa.acceptances.commands import (
    OPENED,
    answer_acceptance,
    invite_trusted_person,
    note_receipt,
    open_acceptance_link,
)
from ppa.acceptances.forms import AnswerForm, CodeForm, InviteForm, ReceiptForm
from ppa.acceptances.guide import CHAPTERS, guide_pdf
from ppa.acceptances.queries import link_waits, place_of, steps_of, visit
from ppa.acceptances.rules import ASKED_IN, LinkOver
from ppa.acceptances.states import STEP_LABELS
from ppa.sheets.paper import handed_pdf
from ppa.trusted_persons.queries import designation_for
from ppa.trusted_persons.records import DesignationSnapshot

VISITOR = "trusted_person_link"


@screen(Permission.TRUSTED_PERSON_INVITE)
@require_http_methods(["GET", "POST"])
def invite(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Ask the designated person by a link; the code to tell her is shown once."""
    shown = _shown(request, person_id, designation_id)
    permit(request.actor, Permission.TRUSTED_PERSON_INVITE, shown.facts())
    relative = relative_snapshot(shown.relative_id) if shown.relative_id else None
    code = new_code()
    form = InviteForm(
        posted_by(request),
        designation_id=designation_id,
        link=uuid4(),
        code=code,
        initial={"version": shown.version, "email": relative.contact.email if relative else ""},
    )
    context = {**_frame(request, shown), "relative": relative, "form": form}
    receipt = submit(form, invite_trusted_person, request.actor) if request.method == "POST" else None
    if receipt is None:
        return page(request, "ppa/acceptances/invite.html", context, form=form)
    if receipt.replayed:
        return redirect("trusted_persons:page", person_id, designation_id)
    return page(request, "ppa/acceptances/invited.html", {**context, "code": told(code)})


@screen(Permission.TRUSTED_PERSON_INVITE)
@require_http_methods(["GET", "POST"])
def receipt(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Note that the guide was handed over, or that she accepted by word of mouth."""
    shown = _shown(request, person_id, designation_id)
    permit(request.actor, Permission.TRUSTED_PERSON_INVITE, shown.facts())
    form = ReceiptForm(
        posted_by(request),
        designation_id=designation_id,
        initial={"version": shown.version},
    )
    if request.method == "POST" and submit(form, note_receipt, request.actor):
        messages.success(request, "C’est noté.")
        return redirect("trusted_persons:page", person_id, designation_id)
    return page(request, "ppa/acceptances/receipt.html", {**_frame(request, shown), "form": form}, form=form)


@screen(Permission.TRUSTED_PERSON_INVITE)
@require_safe
def guide(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Give the guide on paper, to be handed over."""
    shown = _shown(request, person_id, designation_id)
    permit(request.actor, Permission.TRUSTED_PERSON_INVITE, shown.facts())
    return handed_pdf(guide_pdf(person_snapshot(person_id), shown), "guide-personne-de-confiance")


@screen(Permission.TRUSTED_PERSON_HISTORY)
@require_safe
def trail(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Show what she was told and answered, day by day."""
    shown = _shown(request, person_id, designation_id)
    steps = [(STEP_LABELS[one.kind], one) for one in steps_of(designation_id, actor=request.actor)]
    may_ask = shown.state in ASKED_IN and is_permitted(request.actor, Permission.TRUSTED_PERSON_INVITE, shown.facts())
    return page(request, "ppa/acceptances/trail.html", {**_frame(request, shown), "steps": steps, "may_ask": may_ask})


@public("a link that its holder proves with a code")
@require_http_methods(["GET", "POST"])
def open_link(request: HttpRequest, link: UUID) -> HttpResponse:
    """Ask for the code; open the visit once."""
    if request.user.is_authenticated:
        return render(request, "accounts/guests/signed_in.html", status=403)
    if not link_waits(link):
        return error_page(request, LinkOver())
    form = CodeForm(posted_by(request), link=link)
    if request.method == "POST" and form.is_valid():
        try:
            receipt = open_acceptance_link(form.to_record(), by=_visitor(request, place_of(link)))
        except LinkOver as refusal:
            return error_page(request, refusal)
        if receipt.type == OPENED:
            request.session.flush()
            request.session[VISITOR] = str(receipt.id)
            return redirect("acceptances:answer")
        form.add_error("code", "Ce code n’est pas le bon. Vérifiez-le avec l’équipe qui vous l’a donné.")
    return page(request, "ppa/acceptances/open.html", {"form": form}, form=form)


@public("the visit of the session's own link, read again at each page")
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest) -> HttpResponse:
    """Show the guide and take the answer, once."""
    kept = request.session.get(VISITOR)
    if kept is None or request.user.is_authenticated:
        return error_page(request, LinkOver())
    try:
        with open_trail(reading=True):
            shown = visit(UUID(kept), actor=ANONYMOUS)
        form = AnswerForm(posted_by(request), access_id=shown.id)
        if request.method == "POST" and submit(form, answer_acceptance, _visitor(request, shown.organisation_id)):
            request.session.flush()
            accepted = form.cleaned_data["accepts"] == "yes"
            return render(request, "ppa/acceptances/answered.html", {"accepted": accepted})
    except LinkOver as refusal:
        request.session.flush()
        return error_page(request, refusal)
    return page(request, "ppa/acceptances/answer.html", {"visit": shown, "chapters": CHAPTERS, "form": form}, form=form)


def _visitor(request: HttpRequest, organisation_id: UUID | None) -> Actor:
    """Return who answers: nobody known, who sees the one designation through the organisation that asked."""
    return replace(ANONYMOUS, organisation_id=organisation_id, ip=request.META.get("REMOTE_ADDR", ""))


def _shown(request: ActorRequest, person_id: UUID, designation_id: UUID) -> DesignationSnapshot:
    shown = designation_for(designation_id, actor=request.actor)
    if shown.person_id != person_id:
        raise NotFound
    return shown


def _frame(request: ActorRequest, shown: DesignationSnapshot) -> dict[str, Any]:
    return {
        **frame_of(shown.person_id, actor=request.actor),
        "person_id": shown.person_id,
        "designation": shown,
    }
