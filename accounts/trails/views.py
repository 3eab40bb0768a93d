"""Pages of the trail: handing a person her list, one's own accesses, those of the organisation, the unusual ones."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.doors import screen
from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.audit.records import Outcome
from accounts.authentication.labels import ROLE_LABELS
from accounts.kernel.actor import Actor, Role
from accounts.kernel.errors import NotFound
from accounts.kernel.http import ActorRequest, make_key, page, posted_by, read_key, submit
from accounts.kernel.ids import new_id
from accounts.kernel.limits import count_export
from accounts.people.page import frame_of
from accounts.people.queries import people_lines, person_snapshot
from accounts.trails.commands import hand_access_list, review_access
from accounts.trails.forms import DayForm, HandForm, ReviewForm
from accounts.trails.paper import access_list_pdf
from accounts.trails.queries import (
    PAGE,
    handed_list,
    names_of,
    organisation_traces,
    own_traces,
    reviews,
    unusual_candidates,
    visible_people,
)
from accounts.trails.records import AccessList, Trace
from accounts.trails.rules import REASON_LABELS, quality_of, reasons_of, what_of

OUTCOMES = {
    Outcome.ALLOWED: ("ok", "Accordé"),
    Outcome.DENIED: ("crit", "Refusé"),
    Outcome.REFUSED: ("warn", "Non fait"),
}


@screen(Permission.ACCESS_LOG_HAND_TO_PERSON)
@require_http_methods(["GET", "POST"])
def hand(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Note that the person asked who opened her file."""
    permit(request.actor, Permission.ACCESS_LOG_HAND_TO_PERSON, Facts(type="person", id=person_id, person_id=person_id))
    form = HandForm(posted_by(request), person_id=person_id)
    if request.method == "POST" and (receipt := submit(form, hand_access_list, request.actor)):
        return redirect("trails:handed", person_id, receipt.id)
    context = {**frame_of(person_id, actor=request.actor), "person_id": person_id, "form": form}
    return page(request, "accounts/trails/hand.html", context, form=form)


@screen(Permission.ACCESS_LOG_HAND_TO_PERSON)
@require_safe
def handed(request: ActorRequest, person_id: UUID, handed_id: UUID) -> HttpResponse:
    """Show the list that the person asked for, ready to be printed for her."""
    found = _list_of(person_id, handed_id, request.actor)
    context = {
        **frame_of(person_id, actor=request.actor), "person_id": person_id, "handed_id": handed_id, "list": found,
    }  # fmt: skip
    return page(request, "accounts/trails/handed.html", context)


@screen(Permission.ACCESS_LOG_HAND_TO_PERSON)
@require_safe
def handed_pdf(request: ActorRequest, person_id: UUID, handed_id: UUID) -> HttpResponse:
    """Give the same list as a PDF to hand over."""
    count_export(request.actor)
    content = access_list_pdf(_list_of(person_id, handed_id, request.actor), person_snapshot(person_id))
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="acces-au-dossier.pdf"'
    return response


@screen(Permission.ACCESS_LOG_READ_OWN_ACCESSES)
@require_safe
def mine(request: ActorRequest) -> HttpResponse:
    """Show the professional what he opened himself."""
    start = read_key(request.GET.get("suite", ""))
    traces = own_traces(request.actor, before=start[0] if start else None)
    seen = visible_people((trace.person_id for trace in traces), actor=request.actor)
    names = {one: line.name for one, line in people_lines(seen).items()} if seen else {}
    lines = [{**_line(trace), "person": names.get(trace.person_id or new_id(), "")} for trace in _once(traces)]
    next_key = make_key(traces[-1].at, new_id()) if len(traces) == PAGE else ""
    return page(request, "accounts/trails/mine.html", {"lines": lines, "next_key": next_key})


@screen(Permission.ACCESS_LOG_READ_ORG_TRAIL)
@require_safe
def organisation(request: ActorRequest) -> HttpResponse:
    """Show the privacy officer the rows of his organisation, without any identity."""
    form = DayForm(request.GET)
    day, before = form.chosen()
    traces = organisation_traces(request.actor, before=before, day=day)
    people = names_of(trace.professional_id for trace in traces)
    lines = [{**_line(trace), "who": _who(trace, people)} for trace in traces]
    context = {
        "lines": lines,
        "day": day,
        "next": traces[-1].number if len(traces) == PAGE else None,
    }
    return page(request, "accounts/trails/organisation.html", context)


@screen(Permission.ACCESS_LOG_REVIEW)
@require_http_methods(["GET", "POST"])
def unusual(request: ActorRequest) -> HttpResponse:
    """Show the visits of the last days that are worth a look, each with its reasons, and note what was found."""
    form = ReviewForm(posted_by(request))
    if request.method == "POST" and submit(form, review_access, request.actor):
        messages.success(request, "Votre relecture est notée.")
        return redirect("trails:unusual")
    context = {"visits": _visits(request.actor, form)}
    return page(request, "accounts/trails/unusual.html", context, form=form)


def _list_of(person_id: UUID, handed_id: UUID, actor: Actor) -> AccessList:
    found = handed_list(handed_id, actor=actor)
    if found.person_id != person_id:
        raise NotFound
    return found


def _line(trace: Trace) -> dict[str, Any]:
    tone, outcome = OUTCOMES[trace.outcome]
    return {"trace": trace, "what": what_of(trace), "quality": quality_of(trace), "tone": tone, "outcome": outcome}


def _once(traces: list[Trace]) -> list[Trace]:
    """Return the rows with those of one click that say the same left out."""
    kept = {(one.correlation_id, what_of(one), one.person_id, one.outcome): one for one in reversed(traces)}
    return list(reversed(kept.values()))


def _who(trace: Trace, people: dict[UUID, str]) -> str:
    if trace.professional_id in people:
        return people[trace.professional_id]
    return ROLE_LABELS[Role(trace.role)] or "Personne non identifiée"


def _visits(actor: Actor, form: ReviewForm) -> list[dict[str, Any]]:
    found = [(visit, reasons) for visit in unusual_candidates(actor) if (reasons := reasons_of(visit))]
    looked_at = reviews(actor)
    people = names_of(visit.professional_id for visit, _ in found)
    lines = []
    for visit, reasons in found:
        key = (visit.professional_id, visit.person_id, visit.day)
        initial = {"professional_id": visit.professional_id, "person_id": visit.person_id, "day": visit.day}
        is_refused = (
            form.is_bound
            and str(visit.person_id) == form.data.get("person_id")
            and str(visit.professional_id) == form.data.get("professional_id")
        )
        lines.append(
            {
                "visit": visit,
                "reasons": [REASON_LABELS[reason] for reason in reasons],
                "who": people.get(visit.professional_id, ""),
                "function": ROLE_LABELS[Role(visit.role)],
                "review": looked_at.get(key),
                "is_own": visit.professional_id == actor.professional_id,
                "form": form if is_refused else ReviewForm(initial=initial, auto_id=f"r{visit.last_row}_%s"),
            }
        )
    return sorted(lines, key=lambda line: line["review"] is not None)
