"""Pages of what may happen to a person: what to do then, the drugs prescribed ahead, what is really at home."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from accounts.kernel.errors import NotFound
from accounts.kernel.http import ActorRequest, page, posted_by, refused, submit
from accounts.people.page import banner_of
from accounts.rights.beside import beside
from ppa.crises import forms
from ppa.crises.commands import (
    check_drugs_at_home,
    describe_crisis,
    prescribe_ahead,
    reword_crisis,
    stop_prescription,
    withdraw_crisis,
)
from ppa.crises.queries import crises_of, crisis_for
from ppa.crises.records import CrisisSnapshot, PrescriptionSnapshot, number
from ppa.crises.rules import flags_of, most_doses
from ppa.crises.states import CRISIS, CrisisState


@screen(Permission.ANTICIPATED_CRISIS_READ)
@require_safe
def index(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Show every crisis that was foreseen, with its drugs."""
    crises = crises_of(person_id, actor=request.actor)
    context = {
        "banner": banner_of(person_id, actor=request.actor),
        "lines": [_line(one) for one in crises],
        **_rights(person_id, request.actor),
    }
    return page(request, "ppa/crises/index.html", context)


@screen(Permission.ANTICIPATED_CRISIS_WRITE)
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Foresee a crisis with the person."""
    permit(request.actor, Permission.ANTICIPATED_CRISIS_WRITE, _facts(person_id, request.actor))
    form = forms.CrisisForm(posted_by(request), target=person_id)
    if request.method == "POST" and (receipt := submit(form, describe_crisis, request.actor)):
        messages.success(request, "La conduite à tenir est notée. Ajoutez les médicaments prévus s’il y en a.")
        return redirect("crises:page", person_id, receipt.id)
    return _form_page(request, person_id, form, title="Si la situation s’aggrave", submit_label="Enregistrer")


@screen(Permission.ANTICIPATED_CRISIS_READ)
@require_safe
def crisis(request: ActorRequest, person_id: UUID, crisis_id: UUID) -> HttpResponse:
    """Show one crisis, its drugs and what may be done about them."""
    shown = _shown(request, person_id, crisis_id)
    context = {
        "banner": banner_of(person_id, actor=request.actor),
        "line": _line(shown),
        "state_label": CRISIS.label(shown.state),
        "withdraw_form": forms.WithdrawForm(None, crisis_id=crisis_id, initial={"version": shown.version}),
        **_rights(person_id, request.actor, is_active=shown.state == CrisisState.ACTIVE),
        **beside("anticipated_crisis", crisis_id, person_id=person_id, actor=request.actor),
    }
    return page(request, "ppa/crises/page.html", context)


@screen(Permission.ANTICIPATED_CRISIS_WRITE)
@require_http_methods(["GET", "POST"])
def reword(request: ActorRequest, person_id: UUID, crisis_id: UUID) -> HttpResponse:
    """Say otherwise what may happen or what to do then."""
    shown = _shown(request, person_id, crisis_id)
    told = shown.told
    initial = {
        "version": shown.version,
        "symptom": told.symptom,
        "title": told.title,
        "signs": told.signs,
        "response": told.response,
        "call": told.call,
    }
    form = forms.RewordForm(posted_by(request), target=crisis_id, initial=initial)
    if request.method == "POST" and submit(form, reword_crisis, request.actor):
        messages.success(request, "La conduite à tenir est modifiée.")
        return redirect("crises:page", person_id, crisis_id)
    return _form_page(request, person_id, form, title=shown.title, submit_label="Enregistrer", crisis=shown)


@screen(Permission.ANTICIPATED_CRISIS_WITHDRAW)
@require_POST
def withdraw(request: ActorRequest, person_id: UUID, crisis_id: UUID) -> HttpResponse:
    """Keep that it is feared no more."""
    _shown(request, person_id, crisis_id)
    form = forms.WithdrawForm(request.POST, crisis_id=crisis_id)
    if not submit(form, withdraw_crisis, request.actor):
        return refused(request, form)
    messages.success(request, "La conduite à tenir est retirée, avec ses prescriptions.")
    return redirect("crises:index", person_id)


@screen(Permission.ANTICIPATED_CRISIS_WRITE)
@require_http_methods(["GET", "POST"])
def prescribe(request: ActorRequest, person_id: UUID, crisis_id: UUID) -> HttpResponse:
    """Prescribe a drug ahead."""
    shown = _shown(request, person_id, crisis_id)
    form = forms.PrescriptionForm(posted_by(request), crisis_id=crisis_id)
    return _prescription_page(request, person_id, shown, form, title="Prescrire par anticipation")


@screen(Permission.ANTICIPATED_CRISIS_WRITE)
@require_http_methods(["GET", "POST"])
def change(request: ActorRequest, person_id: UUID, crisis_id: UUID, prescription_id: UUID) -> HttpResponse:
    """Prescribe again in the place of a prescription, which stays in the history."""
    shown = _shown(request, person_id, crisis_id)
    order = _held(shown, prescription_id).order
    initial = {
        "drug": order.drug,
        "dose": number(order.dose),
        "unit": order.unit,
        "route": order.route,
        "interval_hours": number(order.interval_hours),
        "max_24h": number(order.max_24h),
        "givers": [str(one) for one in order.givers],
        "place": order.place,
        "starts_on": order.starts_on,
        "review_by": order.review_by,
        "remark": order.remark,
    }
    form = forms.PrescriptionForm(posted_by(request), crisis_id=crisis_id, replaces_id=prescription_id, initial=initial)
    return _prescription_page(request, person_id, shown, form, title="Modifier la prescription")


@screen(Permission.ANTICIPATED_CRISIS_WRITE)
@require_POST
def stop(request: ActorRequest, person_id: UUID, crisis_id: UUID, prescription_id: UUID) -> HttpResponse:
    """Stop a prescription."""
    _held(_shown(request, person_id, crisis_id), prescription_id)
    form = forms.StopForm(request.POST, prescription_id=prescription_id)
    if not submit(form, stop_prescription, request.actor):
        return refused(request, form)
    messages.success(request, "La prescription est arrêtée.")
    return redirect("crises:page", person_id, crisis_id)


@screen(Permission.ANTICIPATED_CRISIS_CHECK_HOME)
@require_http_methods(["GET", "POST"])
def check(request: ActorRequest, person_id: UUID, crisis_id: UUID, prescription_id: UUID) -> HttpResponse:
    """Tell whether a drug is really there."""
    shown = _shown(request, person_id, crisis_id)
    held = _held(shown, prescription_id)
    form = forms.HomeForm(posted_by(request), prescription_id=prescription_id)
    if request.method == "POST" and submit(form, check_drugs_at_home, request.actor):
        messages.success(request, "C’est noté.")
        return redirect("crises:page", person_id, crisis_id)
    return _form_page(
        request,
        person_id,
        form,
        title="Le médicament est-il au domicile ?",
        subtitle=f"{held.order.drug}, {held.order.place}",
        submit_label="Noter",
        crisis=shown,
    )


def _shown(request: ActorRequest, person_id: UUID, crisis_id: UUID) -> CrisisSnapshot:
    shown = crisis_for(crisis_id, actor=request.actor)
    if shown.person_id != person_id:
        raise NotFound
    return shown


def _held(shown: CrisisSnapshot, prescription_id: UUID) -> PrescriptionSnapshot:
    for one in shown.prescriptions:
        if one.id == prescription_id:
            return one
    raise NotFound


def _line(shown: CrisisSnapshot) -> dict[str, Any]:
    """Return a crisis as the pages show it: each drug with what to know before relying on it."""
    return {
        "crisis": shown,
        "drugs": [
            {
                "shown": one,
                "flags": flags_of(one, today=today()),
                "most_doses": most_doses(one.order),
                "stop_form": forms.StopForm(
                    None, prescription_id=one.id, initial={"version": shown.version}, auto_id=f"stop_{one.id}_%s"
                ),
            }
            for one in shown.prescriptions
        ],
    }


def _rights(person_id: UUID, actor: Actor, *, is_active: bool = True) -> dict[str, bool]:
    facts = _facts(person_id, actor)
    return {
        "may_write": is_active and is_permitted(actor, Permission.ANTICIPATED_CRISIS_WRITE, facts),
        "may_check": is_active and is_permitted(actor, Permission.ANTICIPATED_CRISIS_CHECK_HOME, facts),
    }


def _facts(person_id: UUID, actor: Actor) -> Facts:
    return Facts(type="anticipated_crisis", person_id=person_id, organisation_id=actor.organisation_id)


def _prescription_page(
    request: ActorRequest, person_id: UUID, shown: CrisisSnapshot, form: forms.PrescriptionForm, *, title: str
) -> HttpResponse:
    if request.method == "POST" and submit(form, prescribe_ahead, request.actor):
        messages.success(request, "La prescription est écrite. Notez quand le médicament est au domicile.")
        return redirect("crises:page", person_id, shown.id)
    return _form_page(
        request, person_id, form, title=title, subtitle=shown.title, submit_label="Prescrire", crisis=shown
    )


def _form_page(
    request: ActorRequest,
    person_id: UUID,
    form: Any,
    *,
    title: str,
    submit_label: str,
    subtitle: str = "",
    crisis: CrisisSnapshot | None = None,
) -> HttpResponse:
    context = {
        "banner": banner_of(person_id, actor=request.actor),
        "form": form,
        "title": title,
        "subtitle": subtitle,
        "submit_label": submit_label,
        "back": reverse("crises:page", args=[person_id, crisis.id])
        if crisis
        else reverse("crises:index", args=[person_id]),
    }
    return page(request, "ppa/crises/form.html", context, form=form)
