"""Pages of collegial decisions: all of a person's, one with its search and opinions, the decision, its end."""

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
from accounts.kernel.errors import NotFound
from accounts.kernel.http import ActorRequest, RecordForm, page, posted_by, refused, submit
from accounts.people.page import frame_of
from accounts.people.queries import person_snapshot
from accounts.rights.beside import beside
from ppa.collegial_decisions.commands import (
    cancel_decision,
    decide,
    end_decision,
    note_opinion,
    note_search,
    note_told,
    open_decision,
)
from ppa.collegial_decisions.forms import CancelForm, DecideForm, EndForm, OpenForm, OpinionForm, SearchForm, TellForm
from ppa.collegial_decisions.paper import decision_pdf
from ppa.collegial_decisions.queries import decision_for, decisions_of
from ppa.collegial_decisions.records import DecisionSnapshot
from ppa.collegial_decisions.rules import is_searched
from ppa.collegial_decisions.states import (
    ASKED_BY_LABELS,
    DECISION,
    GROUND_LABELS,
    INFORMED_LABELS,
    KIND_LABELS,
    RESULT_LABELS,
    SEARCHED,
    STEP_LABELS,
    DecisionAction,
    DecisionState,
    Ground,
    Kind,
)
from ppa.sheets.paper import handed_pdf

_TONES = {DecisionState.PREPARED: "warn", DecisionState.DECIDED: "info"}


@screen(Permission.COLLEGIAL_DECISION_READ)
@require_safe
def index(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """List the decisions about a person, and which procedures may be opened."""
    lines = [_line(one) for one in decisions_of(person_id, actor=request.actor)]
    may_open = is_permitted(request.actor, Permission.COLLEGIAL_DECISION_PREPARE, _facts(person_id))
    context = {
        **_frame(request, person_id),
        "lines": lines,
        "kinds": list(KIND_LABELS.items()) if may_open else [],
    }
    return page(request, "ppa/collegial_decisions/index.html", context)


@screen(Permission.COLLEGIAL_DECISION_PREPARE)
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest, person_id: UUID, kind: str) -> HttpResponse:
    """Open a procedure of one kind."""
    permit(request.actor, Permission.COLLEGIAL_DECISION_PREPARE, _facts(person_id))
    if kind not in set(Kind):
        raise NotFound
    form = OpenForm(posted_by(request), person_id=person_id, kind=Kind(kind))
    if request.method == "POST" and (receipt := submit(form, open_decision, request.actor)):
        messages.success(request, "La procédure est ouverte. Notez ce qui est fait, étape par étape.")
        return redirect("collegial_decisions:page", person_id, receipt.id)
    context = {**_frame(request, person_id), "form": form, "title": KIND_LABELS[Kind(kind)]}
    return page(request, "ppa/collegial_decisions/new.html", context, form=form)


@screen(Permission.COLLEGIAL_DECISION_READ)
@require_safe
def decision(request: ActorRequest, person_id: UUID, decision_id: UUID) -> HttpResponse:
    """Show one procedure: what was looked for, who was heard, what was decided."""
    shown = _shown(request, person_id, decision_id)
    may_prepare = is_permitted(request.actor, Permission.COLLEGIAL_DECISION_PREPARE, _facts(person_id))
    may_decide = is_permitted(request.actor, Permission.COLLEGIAL_DECISION_DECIDE, _facts(person_id))
    is_open = shown.state == DecisionState.PREPARED
    noted = {one.step: one for one in shown.searches}
    initial = {"version": shown.version}
    context = {
        **_frame(request, person_id),
        **_line(shown),
        **beside("collegial_decision", decision_id, person_id=person_id, actor=request.actor),
        "steps": [
            (label, noted.get(step), RESULT_LABELS[noted[step].result] if step in noted else "")
            for step, label in STEP_LABELS.items()
        ],
        "is_searched": is_searched([one.result for one in shown.searches]),
        "needs_search": shown.ground in SEARCHED,
        "is_emergency": shown.ground == Ground.EMERGENCY,
        "asked_by": ASKED_BY_LABELS[shown.asked_by],
        "told": INFORMED_LABELS[shown.told.told] if shown.told else "",
        "informed": INFORMED_LABELS[shown.decided.informed] if shown.decided else "",
        "is_sedation": shown.kind == Kind.DEEP_SEDATION,
        "may_prepare": may_prepare and is_open,
        "may_decide": may_decide and is_open,
        "end_form": EndForm(None, decision_id=decision_id, initial=initial)
        if may_decide and DECISION.may(DecisionAction.END, shown.state)
        else None,
        "cancel_form": CancelForm(None, decision_id=decision_id, initial=initial) if may_prepare and is_open else None,
    }
    return page(request, "ppa/collegial_decisions/page.html", context)


@screen(Permission.COLLEGIAL_DECISION_READ)
@require_safe
def paper(request: ActorRequest, person_id: UUID, decision_id: UUID) -> HttpResponse:
    """Give the record of one procedure as a PDF."""
    shown = _shown(request, person_id, decision_id)
    return handed_pdf(decision_pdf(person_snapshot(person_id), shown), "decision-collegiale")


@screen(Permission.COLLEGIAL_DECISION_PREPARE)
@require_http_methods(["GET", "POST"])
def search(request: ActorRequest, person_id: UUID, decision_id: UUID) -> HttpResponse:
    """Note one step of the search for the person's will."""
    shown = _shown(request, person_id, decision_id)
    done = {one.step for one in shown.searches}
    first = next((step for step in STEP_LABELS if step not in done), None)
    form = SearchForm(posted_by(request), decision_id=decision_id, initial={"version": shown.version, "step": first})
    return _form(request, shown, form, note_search, title="Chercher les volontés de la personne", said="C’est noté.")


@screen(Permission.COLLEGIAL_DECISION_PREPARE)
@require_http_methods(["GET", "POST"])
def opinion(request: ActorRequest, person_id: UUID, decision_id: UUID) -> HttpResponse:
    """Note the opinion of a consultant physician."""
    shown = _shown(request, person_id, decision_id)
    heard = tuple(dict.fromkeys(one.name for one in shown.opinions))
    form = OpinionForm(posted_by(request), decision_id=decision_id, heard=heard, initial={"version": shown.version})
    return _form(request, shown, form, note_opinion, title="Avis d’un médecin consultant", said="L’avis est noté.")


@screen(Permission.COLLEGIAL_DECISION_PREPARE)
@require_http_methods(["GET", "POST"])
def tell(request: ActorRequest, person_id: UUID, decision_id: UUID) -> HttpResponse:
    """Note who was told that the procedure is under way."""
    shown = _shown(request, person_id, decision_id)
    form = TellForm(posted_by(request), decision_id=decision_id, initial={"version": shown.version})
    return _form(request, shown, form, note_told, title="Informer de la procédure", said="C’est noté.")


@screen(Permission.COLLEGIAL_DECISION_DECIDE)
@require_http_methods(["GET", "POST"])
def take(request: ActorRequest, person_id: UUID, decision_id: UUID) -> HttpResponse:
    """Note the decision."""
    shown = _shown(request, person_id, decision_id)
    form = DecideForm(posted_by(request), decision_id=decision_id, kind=shown.kind, initial={"version": shown.version})
    return _form(request, shown, form, decide, title="Noter la décision", said="La décision est notée au dossier.")


@screen(Permission.COLLEGIAL_DECISION_DECIDE)
@require_POST
def end(request: ActorRequest, person_id: UUID, decision_id: UUID) -> HttpResponse:
    """Note that it no longer holds."""
    _shown(request, person_id, decision_id)
    form = EndForm(request.POST, decision_id=decision_id)
    return _follow(request, person_id, form, end_decision, said="La fin est notée.")


@screen(Permission.COLLEGIAL_DECISION_PREPARE)
@require_POST
def cancel(request: ActorRequest, person_id: UUID, decision_id: UUID) -> HttpResponse:
    """Give the procedure up."""
    _shown(request, person_id, decision_id)
    form = CancelForm(request.POST, decision_id=decision_id)
    return _follow(request, person_id, form, cancel_decision, said="La procédure est abandonnée. Elle reste visible.")


def _form(
    request: ActorRequest,
    shown: DecisionSnapshot,
    form: RecordForm,
    writer: Callable[..., Any],
    *,
    title: str,
    said: str,
) -> HttpResponse:
    if request.method == "POST" and submit(form, writer, request.actor):
        messages.success(request, said)
        return redirect("collegial_decisions:page", shown.person_id, shown.id)
    context = {**_frame(request, shown.person_id), **_line(shown), "form": form, "title": title}
    return page(request, "ppa/collegial_decisions/form.html", context, form=form)


def _follow(
    request: ActorRequest, person_id: UUID, form: EndForm | CancelForm, writer: Callable[..., Any], *, said: str
) -> HttpResponse:
    if not submit(form, writer, request.actor):
        return refused(request, form)
    messages.success(request, said)
    return redirect("collegial_decisions:page", person_id, form.decision_id)


def _shown(request: ActorRequest, person_id: UUID, decision_id: UUID) -> DecisionSnapshot:
    shown = decision_for(decision_id, actor=request.actor)
    if shown.person_id != person_id:
        raise NotFound
    return shown


def _line(shown: DecisionSnapshot) -> dict[str, Any]:
    return {
        "decision": shown,
        "kind": KIND_LABELS[shown.kind],
        "ground": GROUND_LABELS[shown.ground],
        "state_label": DECISION.label(shown.state),
        "tone": _TONES.get(shown.state, "neutral"),
    }


def _frame(request: ActorRequest, person_id: UUID) -> dict[str, Any]:
    return {**frame_of(person_id, actor=request.actor), "person_id": person_id}


def _facts(person_id: UUID) -> Facts:
    return Facts(type="collegial_decision", person_id=person_id)
