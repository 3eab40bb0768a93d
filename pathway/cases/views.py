"""Pages of the worklist, of one coordination file and of the timeline."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor, Role
from accounts.kernel.http import page, posted_by, submit
from accounts.organisations.directory import organisation_names, professional_names, professionals_at
from accounts.people.page import banner_of, frame_of
from accounts.rights.beside import beside
from pathway.cases import commands, forms
from pathway.cases.queries import Tab, case_for, timeline, worklist, worklist_counts
from pathway.cases.records import CaseSnapshot
from pathway.cases.states import (
    CASE,
    CLOSING_LABELS,
    LEVEL_LABELS,
    OPEN,
    PHASE_LABELS,
    URGENCY_LABELS,
    CaseAction,
    CaseState,
)
from ppa.announcements.queries import count_to_answer, proposals_to_answer

TAB_LABELS = {
    Tab.TO_INCLUDE: "À inclure",
    Tab.MINE: "Mes personnes",
    Tab.ALL: "Toutes les personnes suivies",
    Tab.PROPOSALS: "Propositions de plan",
}

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act on a file as a page: its right, form and command, and the words round them. `action` names its move."""

    name: str
    permission: Permission
    form: type[forms.CaseForm]
    command: Any
    label: str
    intro: str
    done: str
    action: CaseAction | None = None
    tone: str = "neutral"

    def is_open_in(self, state: str) -> bool:
        """Tell whether the act may be done in a state; an act that is no move asks for an open file."""
        return CASE.may(self.action, state) if self.action else state in OPEN - {CaseState.SIGNALLED}


ACTS = {
    act.name: act
    for act in (
        Act(
            name="include",
            permission=Permission.COORDINATION_FILE_INCLUDE,
            form=forms.IncludeForm,
            command=commands.include_and_assign,
            label="Inclure",
            intro="Votre DAC entre dans le cercle de soins de la personne : son dossier complet s’ouvre à votre équipe.",
            done="La personne est incluse.",
            action=CaseAction.INCLUDE,
            tone="primary",
        ),
        Act(
            name="assign",
            permission=Permission.COORDINATION_FILE_ASSIGN,
            form=forms.AssignForm,
            command=commands.assign_case,
            label="Confier à un référent",
            intro="Le référent est le nom et le visage que la personne et ses proches connaîtront.",
            done="Le référent est nommé.",
            action=CaseAction.ASSIGN,
            tone="primary",
        ),
        Act(
            name="start",
            permission=Permission.COORDINATION_FILE_ASSIGN,
            form=forms.StartForm,
            command=commands.start_case,
            label="Commencer le suivi",
            intro="Le premier échange avec la personne a eu lieu, ou vous prenez le relais d’un collègue.",
            done="Le suivi a commencé.",
            action=CaseAction.START,
            tone="primary",
        ),
        Act(
            name="next_action",
            permission=Permission.COORDINATION_FILE_PLAN_ACTION,
            form=forms.NextActionForm,
            command=commands.plan_next_action,
            label="Prochaine action",
            intro="Ce qu’il y a à faire pour la personne, et pour quand.",
            done="La prochaine action est notée.",
        ),
        Act(
            name="level",
            permission=Permission.COORDINATION_FILE_RECORD_LEVEL,
            form=forms.LevelForm,
            command=commands.record_level,
            label="Niveau de gradation",
            intro="Le niveau se réévalue : les évaluations précédentes restent lisibles.",
            done="Le niveau est noté.",
        ),
        Act(
            name="hand_over",
            permission=Permission.COORDINATION_FILE_HAND_OVER,
            form=forms.HandOverForm,
            command=commands.hand_over_case,
            label="Passer le relais",
            intro="Votre collègue commence le suivi quand il a pris connaissance du dossier.",
            done="Le relais est proposé à votre collègue.",
            action=CaseAction.HAND_OVER,
        ),
        Act(
            name="decline",
            permission=Permission.COORDINATION_FILE_DECLINE,
            form=forms.DeclineForm,
            command=commands.decline_case,
            label="Ne pas retenir",
            intro="La personne qui a demandé l’appui verra votre réponse. Une nouvelle demande reste possible.",
            done="La réponse est enregistrée.",
            action=CaseAction.DECLINE,
        ),
        Act(
            name="close",
            permission=Permission.COORDINATION_FILE_CLOSE,
            form=forms.CloseForm,
            command=commands.close_case,
            label="Clore le dossier",
            intro="Votre DAC garde l’accès au dossier trente jours, le temps des derniers courriers. Un décès s’enregistre sur la page de la personne.",
            done="Le dossier est clos.",
            action=CaseAction.CLOSE,
        ),
    )
}


@screen(Permission.COORDINATION_FILE_LIST)
@require_safe
def index(request: Any) -> HttpResponse:
    """Show the worklist of the actor's DAC, one tab at a time."""
    tab = Tab(request.GET["onglet"]) if request.GET.get("onglet") in list(Tab) else Tab.TO_INCLUDE
    counts = worklist_counts(actor=request.actor) | {Tab.PROPOSALS: count_to_answer(actor=request.actor)}
    after = request.GET.get("after", "")
    shows_proposals = tab == Tab.PROPOSALS
    found = (
        proposals_to_answer(actor=request.actor, after=after)
        if shows_proposals
        else worklist(tab, actor=request.actor, after=after)
    )
    context = {
        "tab": tab,
        "title": TAB_LABELS[tab],
        "tabs": [
            {"label": TAB_LABELS[one], "url": f"?onglet={one}", "current": one == tab, "count": counts[one]}
            for one in Tab
        ],
        "lines": [] if shows_proposals else found.items,
        "proposals": found.items if shows_proposals else [],
        "next_url": f"?onglet={tab}&after={found.next_key}" if found.next_key else "",
    }
    return page(request, "pathway/cases/index.html", context)


@screen(Permission.COORDINATION_FILE_READ)
@require_safe
def case(request: Any, case_id: UUID) -> HttpResponse:
    """Show one coordination file with what may be done next."""
    shown = case_for(case_id, actor=request.actor)
    return page(request, "pathway/cases/page.html", _case_context(shown, request.actor))


@screen(Permission.COORDINATION_FILE_SIGNAL)
@require_http_methods(["GET", "POST"])
def signal(request: Any, person_id: UUID) -> HttpResponse:
    """Ask the DAC for its support."""
    own = Facts(type="case", person_id=person_id, organisation_id=request.actor.organisation_id)
    permit(request.actor, Permission.COORDINATION_FILE_SIGNAL, own)
    form = forms.SignalForm(posted_by(request), person_id=person_id)
    if request.method == "POST" and (receipt := submit(form, commands.signal_case, request.actor)):
        messages.success(request, "La demande d’appui est transmise au DAC.")
        return redirect("cases:page", receipt.id)
    context = {"form": form, "banner": banner_of(person_id, actor=request.actor)}
    return page(request, "pathway/cases/signal.html", context, form=form)


@screen(Permission.PATIENT_IDENTITY_READ)
@require_safe
def person_timeline(request: Any, person_id: UUID) -> HttpResponse:
    """Show what happened to a person, all features together."""
    lane = request.GET.get("volet", "")
    found = timeline(person_id, actor=request.actor, lane=lane, after=request.GET.get("after", ""))
    tabs = [{"label": "Tout", "url": "?", "current": lane == ""}]
    tabs += [{"label": name, "url": f"?volet={name}", "current": lane == name} for name in found.lanes]
    context = {
        "banner": banner_of(person_id, actor=request.actor),
        "days": found.days,
        "tabs": tabs,
        "next_url": f"?volet={lane}&after={found.next_key}" if found.next_key else "",
    }
    return page(request, "pathway/cases/timeline.html", context)


def act_view(name: str) -> View:
    """Return the page of one act on a file: its form, then its command."""
    act = ACTS[name]

    @screen(act.permission)
    @require_http_methods(["GET", "POST"])
    def view(request: Any, case_id: UUID) -> HttpResponse:
        shown = case_for(case_id, actor=request.actor)
        form = _form_of(act, shown, request.actor, posted_by(request))
        if request.method == "POST" and submit(form, act.command, request.actor):
            messages.success(request, act.done)
            if act.action == CaseAction.INCLUDE and shown.proposal_id:
                return redirect("announcements:proposal", shown.person_id, shown.proposal_id)
            return redirect("cases:page", case_id)
        context = {**frame_of(shown.person_id, actor=request.actor), "act": act, "case": shown, "form": form}
        return page(request, "pathway/cases/act.html", context, form=form)

    return view


def _form_of(act: Act, shown: CaseSnapshot, actor: Actor, posted: Any = None) -> forms.CaseForm:
    colleagues = professionals_at(shown.organisation_id, Role.COORDINATOR)
    return act.form(posted, case=shown, colleagues=colleagues, me=actor.professional_id)


def _case_context(shown: CaseSnapshot, actor: Actor) -> dict[str, Any]:
    people = {term.professional_id for term in shown.terms} | {
        one.assessor_id for one in shown.levels if one.assessor_id
    }
    names = professional_names(people)
    organisations = organisation_names({one for one in (shown.organisation_id, shown.signaller_id) if one})
    facts = Facts(
        type="case", id=shown.id, person_id=shown.person_id, organisation_id=shown.organisation_id, state=shown.state
    )
    acts = [act for act in ACTS.values() if act.is_open_in(shown.state) and is_permitted(actor, act.permission, facts)]
    include = ACTS["include"]
    return {
        **frame_of(shown.person_id, actor=actor),
        **beside("case", shown.id, person_id=shown.person_id, actor=actor),
        "case": shown,
        "include": include,
        "include_form": _form_of(include, shown, actor) if include in acts else None,
        "state_label": CASE.label(shown.state),
        "is_open": shown.state in OPEN,
        "organisation": organisations[shown.organisation_id],
        "signaller": organisations.get(shown.signaller_id, "") if shown.signaller_id else "",
        "coordinator": names.get(shown.coordinator_id, "") if shown.coordinator_id else "",
        "urgency": URGENCY_LABELS[shown.urgency],
        "level": LEVEL_LABELS[shown.level] if shown.level else "",
        "phase": PHASE_LABELS[shown.phase] if shown.phase else "",
        "closing": CLOSING_LABELS[shown.closing_reason] if shown.closing_reason else "",
        "terms": [{"name": names[term.professional_id], "term": term} for term in shown.terms],
        "levels": [
            {
                "label": LEVEL_LABELS[one.level],
                "one": one,
                "assessor": names.get(one.assessor_id, "") if one.assessor_id else "",
            }
            for one in shown.levels
        ],
        "acts": [
            {"label": act.label, "tone": act.tone, "url": reverse(f"cases:{act.name}", args=[shown.id])}
            for act in acts
            if act != include
        ],
    }
