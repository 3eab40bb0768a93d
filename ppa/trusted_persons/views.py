"""Pages of the trusted person: where it stands, proposal, designation, signatures, end."""

from collections.abc import Callable
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
from accounts.kernel.http import ActorRequest, page, posted_by, refused, submit
from accounts.people.page import frame_of
from accounts.people.queries import (
    person_snapshot,
    relative_snapshot,
    relatives_of,
    relatives_snapshot,
    representatives_of,
)
from accounts.people.records import RelativeSnapshot
from accounts.rights.beside import beside
from ppa.sheets.paper import handed_pdf
from ppa.trusted_persons.commands import (
    answer_proposal,
    confirm_duration,
    designate_new_relative,
    designate_trusted_person,
    end_designation,
    propose_trusted_person,
    resume_designation,
    sign_designation,
    withdraw_designation,
)
from ppa.trusted_persons.forms import (
    AnswerForm,
    DesignateForm,
    DurationForm,
    EndForm,
    ProposeAgainForm,
    ProposeForm,
    ResumeForm,
    SignForm,
    WithdrawForm,
)
from ppa.trusted_persons.paper import designation_pdf, revocation_pdf
from ppa.trusted_persons.queries import designation_for, designations_of
from ppa.trusted_persons.records import DesignationSnapshot
from ppa.trusted_persons.states import DESIGNATION, END_MEANS_LABELS, SCOPE_LABELS, UNDER_WAY, Action, State

OVERTAKEN = (
    "Ce document est gardé dans l’historique : une désignation signée plus tard l’emporte. "
    "Si la personne souhaite revenir à ce choix, elle en signe une nouvelle."
)
WITHDRAWN = (
    "L’erreur est notée. Cette désignation ne compte plus ; si elle en avait remplacé une autre, celle-ci est rétablie."
)
_TONES = {State.ACTIVE: "ok", State.DESIGNATED_UNSIGNED: "warn", State.SUSPENDED: "warn"}


@screen(Permission.TRUSTED_PERSON_READ)
@require_safe
def index(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Show every designation of a person, the one that counts first."""
    designations = designations_of(person_id, actor=request.actor)
    relatives = {one.id: one for one in relatives_snapshot(person_id)}
    under_way = any(one.state in UNDER_WAY for one in designations)
    context = {
        **_frame(request, person_id),
        "lines": [_line(one, relatives) for one in sorted(designations, key=lambda one: one.state != State.ACTIVE)],
        "may_propose": _may(request.actor, Permission.TRUSTED_PERSON_PROPOSE, person_id) and not under_way,
        "may_designate": _may(request.actor, Permission.TRUSTED_PERSON_DESIGNATE, person_id),
    }
    return page(request, "ppa/trusted_persons/index.html", context)


@screen(Permission.TRUSTED_PERSON_PROPOSE)
@require_http_methods(["GET", "POST"])
def propose(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Note that the person was told she may designate somebody."""
    permit(request.actor, Permission.TRUSTED_PERSON_PROPOSE, _facts(person_id))
    form = ProposeForm(posted_by(request), person_id=person_id)
    if request.method == "POST" and (receipt := submit(form, propose_trusted_person, request.actor)):
        messages.success(request, "La proposition est notée. La personne choisit si elle veut, quand elle veut.")
        return redirect("trusted_persons:page", person_id, receipt.id)
    return page(request, "ppa/trusted_persons/propose.html", {**_frame(request, person_id), "form": form}, form=form)


@screen(Permission.TRUSTED_PERSON_DESIGNATE)
@require_http_methods(["GET", "POST"])
def designate(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Record whom the person chose, with both signatures or one to come."""
    permit(request.actor, Permission.TRUSTED_PERSON_DESIGNATE, _facts(person_id))
    relatives = relatives_of(person_id, actor=request.actor)
    representatives = representatives_of(person_id, actor=request.actor)
    form = DesignateForm(*_posted(request), person_id=person_id, relatives=relatives, representatives=representatives)
    if request.method == "POST" and (receipt := submit(form, _writer_of(form), request.actor)):
        chosen = designation_for(receipt.id, actor=request.actor)
        messages.success(request, _said_after(chosen))
        return redirect("trusted_persons:page", person_id, receipt.id)
    return page(request, "ppa/trusted_persons/designate.html", {**_frame(request, person_id), "form": form}, form=form)


@screen(Permission.TRUSTED_PERSON_READ)
@require_safe
def designation(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Show one designation and what may follow."""
    shown = _shown(request, person_id, designation_id)
    relatives = {one.id: one for one in relatives_snapshot(person_id)}
    may_designate = _may(request.actor, Permission.TRUSTED_PERSON_DESIGNATE, person_id)
    may_propose = _may(request.actor, Permission.TRUSTED_PERSON_PROPOSE, person_id)
    given: dict[str, Any] = {"designation_id": designation_id, "initial": {"version": shown.version}}
    context = {
        **_frame(request, person_id),
        **_line(shown, relatives),
        **beside("designation", designation_id, person_id=person_id, actor=request.actor),
        "file": document_card(shown.document_id),
        "scope_label": SCOPE_LABELS[shown.scope],
        "end_means": END_MEANS_LABELS[shown.end_means] if shown.end_means else "",
        "answer_form": AnswerForm(None, **given) if may_propose and _opens(Action.DECLINE, shown) else None,
        "again_form": ProposeAgainForm(None, **given) if may_propose and _opens(Action.PROPOSE_AGAIN, shown) else None,
        "resume_form": ResumeForm(None, **given) if may_designate and _opens(Action.RESUME, shown) else None,
        "withdraw_form": WithdrawForm(None, **given) if may_designate and _opens(Action.WITHDRAW, shown) else None,
        "duration_form": DurationForm(None, **given) if may_designate and shown.is_in_doubt else None,
        "may_choose": may_designate and _opens(Action.PREPARE, shown),
        "may_sign": may_designate and _opens(Action.SIGN, shown),
        "may_end": _may(request.actor, Permission.TRUSTED_PERSON_REVOKE, person_id) and _opens(Action.REVOKE, shown),
        "may_invite": _may(request.actor, Permission.TRUSTED_PERSON_INVITE, person_id)
        and shown.relative_id is not None
        and shown.state in (State.DESIGNATED_UNSIGNED, State.ACTIVE),
        "may_see_trail": _may(request.actor, Permission.TRUSTED_PERSON_HISTORY, person_id),
        "may_download": _may(request.actor, Permission.DOCUMENT_DOWNLOAD, person_id),
    }
    return page(request, "ppa/trusted_persons/page.html", context)


@screen(Permission.TRUSTED_PERSON_READ)
@require_safe
def paper(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Hand over the form of a designation, to be signed by both."""
    shown = _shown(request, person_id, designation_id)
    if shown.relative_id is None:
        raise NotFound
    content = designation_pdf(person_snapshot(person_id), relative_snapshot(shown.relative_id), shown)
    return handed_pdf(content, "personne-de-confiance")


@screen(Permission.TRUSTED_PERSON_REVOKE)
@require_safe
def revocation_paper(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Hand over the form by which the person takes a designation back."""
    shown = _shown(request, person_id, designation_id)
    permit(request.actor, Permission.TRUSTED_PERSON_REVOKE, _facts(person_id))
    if shown.relative_id is None or not _opens(Action.REVOKE, shown):
        raise NotFound
    content = revocation_pdf(person_snapshot(person_id), relative_snapshot(shown.relative_id), shown)
    return handed_pdf(content, "revocation-personne-de-confiance")


@screen(Permission.TRUSTED_PERSON_DESIGNATE)
@require_http_methods(["GET", "POST"])
def sign(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Note the signatures that were missing."""
    shown = _shown(request, person_id, designation_id)
    initial = {
        "version": shown.version,
        "person_signed_on": shown.signatures.person_signed_on,
        "trusted_signed_on": shown.signatures.trusted_signed_on,
        "is_protected": shown.is_protected,
        **({"authority": shown.leave.authority, "authorised_on": shown.leave.given_on} if shown.leave else {}),
    }
    representatives = representatives_of(person_id, actor=request.actor)
    form = SignForm(*_posted(request), designation_id=designation_id, initial=initial, representatives=representatives)
    if request.method == "POST" and submit(form, sign_designation, request.actor):
        signed = designation_for(designation_id, actor=request.actor)
        messages.success(request, f"Les deux signatures sont notées. {_said_after(signed)}")
        return redirect("trusted_persons:page", person_id, designation_id)
    context = {**_frame(request, person_id), "designation": shown, "form": form}
    return page(request, "ppa/trusted_persons/sign.html", context, form=form)


@screen(Permission.TRUSTED_PERSON_REVOKE)
@require_http_methods(["GET", "POST"])
def end(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Note that the person revokes, that the trusted person renounces or that the judge suspends."""
    shown = _shown(request, person_id, designation_id)
    form = EndForm(*_posted(request), designation_id=designation_id, initial={"version": shown.version})
    if request.method == "POST" and submit(form, end_designation, request.actor):
        messages.success(request, "C’est noté. La désignation reste dans l’historique.")
        return redirect("trusted_persons:page", person_id, designation_id)
    context = {**_frame(request, person_id), "designation": shown, "form": form}
    return page(request, "ppa/trusted_persons/end.html", context, form=form)


@screen(Permission.TRUSTED_PERSON_PROPOSE)
@require_POST
def answer(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Note « pas maintenant »."""
    form = AnswerForm(request.POST, designation_id=designation_id)
    return _follow(request, form, answer_proposal, person_id=person_id, said="C’est noté : pas maintenant.")


@screen(Permission.TRUSTED_PERSON_PROPOSE)
@require_POST
def propose_again(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Take the subject up again."""
    form = ProposeAgainForm(request.POST, designation_id=designation_id)
    return _follow(request, form, answer_proposal, person_id=person_id, said="La proposition est reprise.")


@screen(Permission.TRUSTED_PERSON_DESIGNATE)
@require_POST
def resume(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Note that the judge gave the role back."""
    form = ResumeForm(request.POST, designation_id=designation_id)
    return _follow(request, form, resume_designation, person_id=person_id, said="La désignation est rétablie.")


@screen(Permission.TRUSTED_PERSON_DESIGNATE)
@require_POST
def duration(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Lift the doubt about an older designation."""
    form = DurationForm(request.POST, designation_id=designation_id)
    return _follow(request, form, confirm_duration, person_id=person_id, said="C’est noté.")


@screen(Permission.TRUSTED_PERSON_DESIGNATE)
@require_POST
def withdraw(request: ActorRequest, person_id: UUID, designation_id: UUID) -> HttpResponse:
    """Take out a designation that was recorded by mistake."""
    form = WithdrawForm(request.POST, designation_id=designation_id)
    return _follow(request, form, withdraw_designation, person_id=person_id, said=WITHDRAWN)


def _follow(
    request: ActorRequest, form: Any, writer: Callable[..., Any], *, person_id: UUID, said: str
) -> HttpResponse:
    _shown(request, person_id, form.designation_id)
    if not submit(form, writer, request.actor):
        return refused(request, form)
    messages.success(request, said)
    return redirect("trusted_persons:page", person_id, form.designation_id)


def _writer_of(form: DesignateForm) -> Any:
    new = form.is_valid() and form.is_new
    return designate_new_relative if new else designate_trusted_person


def _said_after(chosen: DesignationSnapshot) -> str:
    if chosen.state == State.ACTIVE:
        return "La personne de confiance est désignée."
    if chosen.state == State.REPLACED:
        return OVERTAKEN
    return "Le choix est gardé. Il comptera quand les deux auront signé."


def _shown(request: ActorRequest, person_id: UUID, designation_id: UUID) -> DesignationSnapshot:
    shown = designation_for(designation_id, actor=request.actor)
    if shown.person_id != person_id:
        raise NotFound
    return shown


def _line(shown: DesignationSnapshot, relatives: dict[UUID, RelativeSnapshot]) -> dict[str, Any]:
    return {
        "designation": shown,
        "relative": relatives.get(shown.relative_id) if shown.relative_id else None,
        "state_label": DESIGNATION.label(shown.state),
        "tone": _TONES.get(shown.state, "neutral"),
    }


def _opens(action: Action, shown: DesignationSnapshot) -> bool:
    return DESIGNATION.may(action, shown.state)


def _frame(request: ActorRequest, person_id: UUID) -> dict[str, Any]:
    return {**frame_of(person_id, actor=request.actor), "person_id": person_id}


def _posted(request: ActorRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _facts(person_id: UUID) -> Facts:
    return Facts(type="designation", person_id=person_id, signed_request=True, clean=True)


def _may(actor: Actor, permission: Permission, person_id: UUID) -> bool:
    return is_permitted(actor, permission, _facts(person_id))
