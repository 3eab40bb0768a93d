"""Pages of the rights of persons: her copy, her rectifications, her wish to erase."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.clock import PARIS
from accounts.kernel.errors import NotFound
from accounts.kernel.http import ActorRequest, page, posted_by, refused, submit
from accounts.kernel.limits import count_export
from accounts.people.page import banner_of
from accounts.rights.commands import add_addendum, answer_erasure, approve_export, hand_over, request_access
from accounts.rights.forms import AskForm, ErasureForm, RectifyForm, StepForm
from accounts.rights.queries import addenda_of, answers_of, exports_of, exports_to_approve, open_export
from accounts.rights.states import EXPORT, TARGETS
from accounts.rights.targets import is_rectifiable


@require_safe
@screen(Permission.RGPD_REQUEST_READ)
def show(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Show what the person asked for, and until when her file is kept."""
    actor = request.actor
    return page(request, "accounts/rights/show.html", _page_of(person_id, actor))


def _page_of(person_id: UUID, actor: Any, *, ask_form: AskForm | None = None) -> dict[str, Any]:
    here = Facts(type="access_export", person_id=person_id, organisation_id=actor.organisation_id, signed_request=True)
    period, answers = answers_of(person_id, actor=actor)
    return {
        "banner": banner_of(person_id, actor=actor),
        "exports": [(export, EXPORT.label(export.state)) for export in exports_of(person_id, actor=actor)],
        "period": period,
        "answers": answers,
        "may_ask": is_permitted(actor, Permission.RGPD_REQUEST_CREATE_ACCESS_REQUEST, here),
        "may_hand": is_permitted(actor, Permission.RGPD_REQUEST_HAND_OVER, here),
        "may_answer": is_permitted(actor, Permission.RGPD_REQUEST_ANSWER_ERASURE, here),
        "may_rectify": is_permitted(actor, Permission.RGPD_REQUEST_RECTIFY_BY_ADDENDUM, here),
        "addenda": addenda_of("person", person_id, person_id=person_id, actor=actor),
        "ask_form": ask_form or AskForm(person_id=person_id),
        "erasure_form": ErasureForm(person_id=person_id),
    }


@require_POST
@screen(Permission.RGPD_REQUEST_CREATE_ACCESS_REQUEST)
def ask(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Note that she asks for a copy."""
    form = AskForm(request.POST, request.FILES, person_id=person_id)
    if submit(form, request_access, request.actor):
        messages.success(
            request, "La demande est enregistrée. Le référent confidentialité de votre structure doit l’autoriser."
        )
        return redirect("rights:show", person_id)
    return page(request, "accounts/rights/show.html", _page_of(person_id, request.actor, ask_form=form), form=form)


@require_safe
@screen(Permission.RGPD_REQUEST_LIST)
def waiting(request: ActorRequest) -> HttpResponse:
    """Show the copies that wait for a privacy officer, by reference."""
    return page(request, "accounts/rights/waiting.html", {"exports": exports_to_approve(actor=request.actor)})


@require_POST
@screen(Permission.RGPD_REQUEST_PRODUCE_EXPORT)
def approve(request: ActorRequest, export_id: UUID) -> HttpResponse:
    """Let a copy be made."""
    form = StepForm(request.POST, export_id=export_id)
    if not submit(form, approve_export, request.actor):
        return refused(request, form)
    messages.success(request, "La copie est autorisée. Elle sera prête dans l’heure.")
    return redirect("rights:waiting")


@require_safe
@screen(Permission.RGPD_REQUEST_HAND_OVER)  # type: ignore[arg-type]  # (a streamed answer has all that the door uses)
def download(request: ActorRequest, person_id: UUID, export_id: UUID) -> HttpResponseBase:
    """Answer the copy as an attachment, for seven days; each time is in the audit."""
    count_export(request.actor)
    export, content = open_export(export_id, person_id=person_id, actor=request.actor)
    made = export.created_at.astimezone(PARIS).date()
    response = StreamingHttpResponse(content, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="copie-du-dossier-{made}.zip"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store, private"
    return response


@require_POST
@screen(Permission.RGPD_REQUEST_HAND_OVER)
def handed(request: ActorRequest, person_id: UUID, export_id: UUID) -> HttpResponse:
    """Note who handed the copy over."""
    form = StepForm(request.POST, export_id=export_id)
    if not submit(form, hand_over, request.actor):
        return refused(request, form)
    messages.success(request, "La remise à la personne est enregistrée, à votre nom.")
    return redirect("rights:show", person_id)


@require_POST
@screen(Permission.RGPD_REQUEST_ANSWER_ERASURE)
def erasure(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Answer a wish to erase, with the reason of the law."""
    form = ErasureForm(request.POST, person_id=person_id)
    if not submit(form, answer_erasure, request.actor):
        here = Facts(type="erasure_answer", person_id=person_id)
        permit(request.actor, Permission.RGPD_REQUEST_ANSWER_ERASURE, here)
        return refused(request, form)
    messages.info(request, "La réponse est enregistrée. Donnez-en la raison à la personne : elle figure ci-dessous.")
    return redirect("rights:show", person_id)


@require_http_methods(["GET", "POST"])
@screen(Permission.RGPD_REQUEST_RECTIFY_BY_ADDENDUM)
def rectify(request: ActorRequest, person_id: UUID, target_type: str, target_id: UUID) -> HttpResponse:
    """Write a rectification beside what was written."""
    actor = request.actor
    banner = banner_of(person_id, actor=actor)
    permit(actor, Permission.RGPD_REQUEST_RECTIFY_BY_ADDENDUM, Facts(type="addendum", person_id=person_id))
    if not is_rectifiable(person_id, target_type, target_id, actor=actor):
        raise NotFound
    form = RectifyForm(
        posted_by(request),
        person_id=person_id, target_type=target_type, target_id=target_id,
    )  # fmt: skip
    if request.method == "POST" and submit(form, add_addendum, actor):
        messages.success(request, "La rectification est inscrite à côté du texte d’origine.")
        return redirect("people:page", person_id)
    return page(
        request,
        "accounts/rights/rectify.html",
        {"form": form, "banner": banner, "target": TARGETS[target_type]},
        form=form,
    )
