"""Pages of directives: all of a person's, one document, recording, confirming, revoking, withdrawing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.documents.queries import document_card
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from accounts.kernel.http import ActorRequest, page, refused, submit
from accounts.people.page import frame_of
from accounts.people.queries import person_snapshot, representatives_of
from accounts.rights.beside import beside
from ppa.directives.commands import (
    confirm_directive,
    record_deposit,
    record_directive,
    revoke_directive,
    withdraw_directive,
)
from ppa.directives.forms import ConfirmForm, DepositForm, RecordDirectiveForm, RevokeForm, WithdrawForm
from ppa.directives.paper import blank_form_pdf, recorded_pdf
from ppa.directives.queries import directive_page, directives_of, readings_of
from ppa.directives.records import DirectivePage, DirectiveSnapshot
from ppa.directives.states import (
    DIRECTIVE,
    MEDIUM_LABELS,
    MODEL_LABELS,
    OPEN,
    PLACE_LABELS,
    REVOCATION_MEANS_LABELS,
    STATED_LABELS,
    SUBJECTS,
    Action,
    Decision,
    Model,
    State,
)
from ppa.directives.texts import headings
from ppa.sheets.paper import handed_pdf

_DECISION_ICONS = {Decision.PERMIT: "check", Decision.DENY: "cross", Decision.OTHER: "chat"}
_STATE_TONES = {State.VALID: "ok", State.TO_VERIFY: "warn", State.LEGAL_BASIS_TO_CONFIRM: "warn"}


@screen(Permission.ADVANCE_DIRECTIVE_READ_EXISTENCE)
@require_safe
def index(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """List the documents of a person: that they exist, and where they stand."""
    lines = directives_of(person_id, actor=request.actor)
    context = {
        **frame_of(person_id, actor=request.actor),
        "person_id": person_id,
        "lines": [{"line": line, "tone": _STATE_TONES.get(line.state, "neutral")} for line in lines],
        "may_record": _may(request.actor, Permission.ADVANCE_DIRECTIVE_UPLOAD, person_id),
    }
    return page(request, "ppa/directives/index.html", context)


@screen(Permission.ADVANCE_DIRECTIVE_UPLOAD)
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Record a document in four steps."""
    permit(request.actor, Permission.ADVANCE_DIRECTIVE_UPLOAD, _facts(person_id))
    representatives = representatives_of(person_id, actor=request.actor)
    form = RecordDirectiveForm(*_posted(request), person_id=person_id, representatives=representatives)
    if request.method == "POST" and (receipt := submit(form, record_directive, request.actor)):
        shown = directive_page(receipt.id, actor=request.actor)
        messages.success(request, _said_after(shown))
        return redirect("directives:page", person_id, receipt.id)
    context = {**frame_of(person_id, actor=request.actor), "person_id": person_id, "form": form}
    return page(request, "ppa/directives/new.html", context, form=form)


@screen(Permission.ADVANCE_DIRECTIVE_READ_EXISTENCE)
@require_safe
def directive(request: ActorRequest, person_id: UUID, directive_id: UUID) -> HttpResponse:
    """Show one document: all of it, or that it exists, by what the reader may see."""
    shown = _shown(request, person_id, directive_id)
    existence = shown.existence
    may_write = _may(request.actor, Permission.ADVANCE_DIRECTIVE_UPLOAD, person_id)
    may_revoke = _may(request.actor, Permission.ADVANCE_DIRECTIVE_REVOKE_BY_PATIENT, person_id)
    context = {
        **_frame(request, shown),
        **_content(shown.content),
        **beside("directive", directive_id, person_id=person_id, actor=request.actor),
        "to_settle": shown.to_settle,
        "may_settle": _may(request.actor, Permission.CONTRADICTION_RESOLVE, person_id),
        "legal_text": shown.legal_text,
        "missing_witness": shown.missing_witness,
        "may_deposit": may_write and existence.state in OPEN,
        "may_see_readers": _may(request.actor, Permission.ADVANCE_DIRECTIVE_HISTORY, person_id),
        "medium_label": MEDIUM_LABELS[existence.medium],
        "state_tone": _STATE_TONES.get(existence.state, "neutral"),
        "may_download": _may(request.actor, Permission.ADVANCE_DIRECTIVE_DOWNLOAD_FILE, person_id),
        "may_confirm": may_write and DIRECTIVE.may(Action.CONFIRM, existence.state),
        "may_withdraw": may_write and DIRECTIVE.may(Action.WITHDRAW, existence.state),
        "may_revoke": may_revoke and DIRECTIVE.may(Action.REVOKE, existence.state),
        "withdraw_form": WithdrawForm(directive_id=directive_id, initial={"version": existence.version}),
    }
    return page(request, "ppa/directives/page.html", context)


@screen(Permission.ADVANCE_DIRECTIVE_UPLOAD)
@require_http_methods(["GET", "POST"])
def confirm(request: ActorRequest, person_id: UUID, directive_id: UUID) -> HttpResponse:
    """Complete what was missing, so that a document becomes valid."""
    shown = _shown(request, person_id, directive_id)
    form = ConfirmForm(
        *_posted(request),
        directive_id=directive_id,
        initial={"version": shown.existence.version, "signed_on": shown.existence.signed_on, **_protection(shown)},
        knows_protection=shown.content is not None,
        representatives=representatives_of(person_id, actor=request.actor),
    )
    if request.method == "POST" and submit(form, confirm_directive, request.actor):
        messages.success(request, "Les directives anticipées sont vérifiées.")
        return redirect("directives:page", person_id, directive_id)
    return page(request, "ppa/directives/confirm.html", {**_frame(request, shown), "form": form}, form=form)


@screen(Permission.ADVANCE_DIRECTIVE_REVOKE_BY_PATIENT)
@require_http_methods(["GET", "POST"])
def revoke(request: ActorRequest, person_id: UUID, directive_id: UUID) -> HttpResponse:
    """Record that the person takes a document back."""
    shown = _shown(request, person_id, directive_id)
    initial = {"version": shown.existence.version}
    form = RevokeForm(*_posted(request), directive_id=directive_id, initial=initial)
    if request.method == "POST" and submit(form, revoke_directive, request.actor):
        messages.success(request, "La révocation est notée. Le document reste dans l’historique.")
        return redirect("directives:page", person_id, directive_id)
    return page(request, "ppa/directives/revoke.html", {**_frame(request, shown), "form": form}, form=form)


@screen(Permission.ADVANCE_DIRECTIVE_UPLOAD)
@require_http_methods(["GET", "POST"])
def deposit(request: ActorRequest, person_id: UUID, directive_id: UUID) -> HttpResponse:
    """Record where a copy was put, by whom."""
    shown = _shown(request, person_id, directive_id)
    initial = {"version": shown.existence.version}
    form = DepositForm(*_posted(request), directive_id=directive_id, initial=initial)
    if request.method == "POST" and submit(form, record_deposit, request.actor):
        messages.success(request, "Le dépôt est noté.")
        return redirect("directives:page", person_id, directive_id)
    return page(request, "ppa/directives/deposit.html", {**_frame(request, shown), "form": form}, form=form)


@screen(Permission.ADVANCE_DIRECTIVE_UPLOAD)
@require_safe
def form_to_print(request: ActorRequest, person_id: UUID, model: str) -> HttpResponse:
    """Hand over form A or B, with the person's identity, to write on."""
    permit(request.actor, Permission.ADVANCE_DIRECTIVE_UPLOAD, _facts(person_id))
    if model not in (Model.A, Model.B):
        raise NotFound
    return handed_pdf(blank_form_pdf(person_snapshot(person_id), Model(model)), f"directives-modele-{model}")


@screen(Permission.ADVANCE_DIRECTIVE_DOWNLOAD_FILE)
@require_safe
def paper(request: ActorRequest, person_id: UUID, directive_id: UUID) -> HttpResponse:
    """Hand over a recorded document on paper."""
    shown = _shown(request, person_id, directive_id)
    permit(request.actor, Permission.ADVANCE_DIRECTIVE_DOWNLOAD_FILE, _facts(person_id))
    if shown.content is None:
        raise NotFound
    return handed_pdf(recorded_pdf(person_snapshot(person_id), shown.content), "directives-anticipees")


@screen(Permission.ADVANCE_DIRECTIVE_HISTORY)
@require_safe
def readers(request: ActorRequest, person_id: UUID, directive_id: UUID) -> HttpResponse:
    """Show who read the content of one document."""
    shown = _shown(request, person_id, directive_id)
    readings = readings_of(directive_id, actor=request.actor)
    return page(request, "ppa/directives/readers.html", {**_frame(request, shown), "readings": readings})


@screen(Permission.ADVANCE_DIRECTIVE_UPLOAD)
@require_POST
def withdraw(request: ActorRequest, person_id: UUID, directive_id: UUID) -> HttpResponse:
    """Take out what was recorded by mistake."""
    _shown(request, person_id, directive_id)
    form = WithdrawForm(request.POST, directive_id=directive_id)
    if not submit(form, withdraw_directive, request.actor):
        return refused(request, form)
    messages.success(request, "L’enregistrement est retiré.")
    return redirect("directives:index", person_id)


def _shown(request: ActorRequest, person_id: UUID, directive_id: UUID) -> DirectivePage:
    shown = directive_page(directive_id, actor=request.actor)
    if shown.existence.person_id != person_id:
        raise NotFound
    return shown


def _frame(request: ActorRequest, shown: DirectivePage) -> dict[str, Any]:
    person_id = shown.existence.person_id
    return {**frame_of(person_id, actor=request.actor), "person_id": person_id, "existence": shown.existence}


def _content(content: DirectiveSnapshot | None) -> dict[str, Any]:
    if content is None:
        return {"content": None, "file": None}
    wishes = [
        {
            "label": SUBJECTS[wish.code].label,
            "decision": STATED_LABELS[wish.decision],
            "icon": _DECISION_ICONS[wish.decision],
            "note": wish.note,
        }
        for wish in content.wishes
    ]
    revocation = content.revocation
    return {
        "content": content,
        "file": document_card(content.document_id),
        "authorisation_file": document_card(content.authorisation_document_id),
        "sections": [(one.title, content.sections[one.code]) for one in headings() if one.code in content.sections],
        "deposits": [(PLACE_LABELS[one.place], one) for one in content.deposits],
        "wishes": wishes,
        "model_label": MODEL_LABELS[content.model],
        "revocation": revocation,
        "revocation_file": document_card(revocation.document_id) if revocation else None,
        "revocation_means": REVOCATION_MEANS_LABELS[revocation.means] if revocation else "",
    }


def _protection(shown: DirectivePage) -> dict[str, Any]:
    if shown.content is None:
        return {}
    leave = shown.content.authorisation
    given = {"authority": leave.authority, "authorised_on": leave.given_on} if leave else {}
    return {"is_protected": shown.content.is_protected, **given}


def _said_after(shown: DirectivePage) -> str:
    if shown.existence.is_current:
        return "Les directives anticipées sont enregistrées. Ce sont les directives actuelles."
    if shown.existence.state == State.SUPERSEDED:
        return "Les directives anticipées sont enregistrées. Un document plus récent reste celui qui compte."
    said = shown.content
    if said and said.document_id and not (said.has_signature or said.witnesses):
        return "Le document est gardé. Il y manque la signature de la personne, ou deux témoins : il reste à vérifier avant de valoir comme directives actuelles."
    return "Le document est gardé. Il reste à vérifier avant de valoir comme directives actuelles."


def _posted(request: ActorRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _facts(person_id: UUID) -> Facts:
    return Facts(type="directive", person_id=person_id, clean=True, signed_request=True)


def _may(actor: Actor, permission: Permission, person_id: UUID) -> bool:
    return is_permitted(actor, permission, _facts(person_id))
