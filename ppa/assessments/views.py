"""Pages of a person's assessments: the trends, one scale to fill in, one result."""

from itertools import groupby
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
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from accounts.kernel.errors import NotFound
from accounts.kernel.http import ActorRequest, page, posted_by, refused, submit
from accounts.organisations.directory import organisation_names, professional_names
from accounts.people.page import frame_of
from accounts.rights.beside import beside
from ppa.assessments.commands import cancel_assessment, record_assessment
from ppa.assessments.forms import AssessmentForm, CancelForm
from ppa.assessments.queries import assessment_for, assessments_of
from ppa.assessments.records import AssessmentSnapshot
from ppa.assessments.rules import advice_from, charted
from ppa.assessments.scale import Measure, present_scales, scale
from ppa.assessments.states import ADVICE_TEXTS, ASSESSMENT, RESPONDENT_LABELS, SUBJECT_LABELS, AssessmentState
from ppa.assessments.trend import trend_of

SHOWN = 12


@screen(Permission.ASSESSMENT_READ)
@require_safe
def index(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Show the course of each scale, and which can be filled in."""
    known = assessments_of(person_id, actor=request.actor)
    context = {
        **frame_of(person_id, actor=request.actor),
        "person_id": person_id,
        "advice": [ADVICE_TEXTS[one] for one in advice_from(known, today=today())],
        "subjects": _subjects(known),
        "may_record": _may_record(person_id, request.actor),
    }
    return page(request, "ppa/assessments/index.html", context)


@screen(Permission.ASSESSMENT_RECORD)
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest, person_id: UUID, scale_code: str) -> HttpResponse:
    """Fill in one scale."""
    permit(request.actor, Permission.ASSESSMENT_RECORD, _facts(person_id, request.actor))
    chosen = scale(scale_code)
    form = AssessmentForm(posted_by(request), person_id=person_id, scale=chosen)
    if request.method == "POST" and (receipt := submit(form, record_assessment, request.actor)):
        messages.success(request, "L’évaluation est notée.")
        return redirect("assessments:page", person_id, receipt.id)
    context = {**frame_of(person_id, actor=request.actor), "person_id": person_id, "scale": chosen, "form": form}
    return page(request, "ppa/assessments/new.html", context, form=form)


@screen(Permission.ASSESSMENT_READ)
@require_safe
def assessment(request: ActorRequest, person_id: UUID, assessment_id: UUID) -> HttpResponse:
    """Show one result with its answers."""
    shown = _shown(request, person_id, assessment_id)
    own = Facts(type="assessment", person_id=person_id, organisation_id=shown.organisation_id, state=shown.state)
    may_cancel = shown.state == AssessmentState.RECORDED and is_permitted(
        request.actor, Permission.ASSESSMENT_CANCEL, own
    )
    context = {
        **frame_of(person_id, actor=request.actor),
        **beside("assessment", assessment_id, person_id=person_id, actor=request.actor),
        "person_id": person_id,
        "shown": shown,
        "state_label": ASSESSMENT.label(shown.state),
        "is_cancelled": shown.state == AssessmentState.CANCELLED,
        "respondent": RESPONDENT_LABELS[shown.respondent],
        "assessor": professional_names({shown.assessor_id}).get(shown.assessor_id, "") if shown.assessor_id else "",
        "organisation": organisation_names({shown.organisation_id})[shown.organisation_id]
        if shown.organisation_id
        else "",
        "advice": ADVICE_TEXTS[shown.result.advice] if shown.result.advice else "",
        "answers": [(item, shown.answers.get(item.code)) for item in shown.scale.items],
        "cancel_form": CancelForm(None, assessment_id=assessment_id, initial={"version": shown.version})
        if may_cancel
        else None,
    }
    return page(request, "ppa/assessments/page.html", context)


@screen(Permission.ASSESSMENT_CANCEL)
@require_POST
def cancel(request: ActorRequest, person_id: UUID, assessment_id: UUID) -> HttpResponse:
    """Take back what was noted by mistake."""
    _shown(request, person_id, assessment_id)
    form = CancelForm(request.POST, assessment_id=assessment_id)
    if not submit(form, cancel_assessment, request.actor):
        return refused(request, form)
    messages.success(request, "L’évaluation est retirée. Elle reste visible dans l’historique.")
    return redirect("assessments:index", person_id)


def _subjects(known: list[AssessmentSnapshot]) -> list[dict[str, Any]]:
    by_scale = {
        code: list(group)
        for code, group in groupby(sorted(known, key=lambda one: one.scale.code), key=lambda one: one.scale.code)
    }
    present = present_scales()
    return [
        {
            "title": title,
            "scales": [
                {"scale": one, **_course(by_scale.get(one.code, []))} for one in present if one.subject == subject
            ],
        }
        for subject, title in SUBJECT_LABELS.items()
    ]


def _course(assessments: list[AssessmentSnapshot]) -> dict[str, Any]:
    counted = [one for one in assessments if one.state == AssessmentState.RECORDED]
    latest = sorted(counted, key=lambda one: (one.assessed_on, one.created_at))[-SHOWN:]
    followed = [(one.assessed_on, *charted(one)) for one in latest]
    trend = (
        trend_of([(day, value) for day, value, _, _ in followed], low=followed[-1][2], high=followed[-1][3])
        if latest
        else None
    )
    return {
        "latest": latest[::-1],
        "trend": trend,
        "follows_strongest": bool(latest) and latest[-1].scale.measure == Measure.PROFILE,
        "is_longer": len(counted) > SHOWN,
    }


def _shown(request: ActorRequest, person_id: UUID, assessment_id: UUID) -> AssessmentSnapshot:
    shown = assessment_for(assessment_id, actor=request.actor)
    if shown.person_id != person_id:
        raise NotFound
    return shown


def _facts(person_id: UUID, actor: Actor) -> Facts:
    return Facts(type="assessment", person_id=person_id, organisation_id=actor.organisation_id)


def _may_record(person_id: UUID, actor: Actor) -> bool:
    return is_permitted(actor, Permission.ASSESSMENT_RECORD, _facts(person_id, actor))
