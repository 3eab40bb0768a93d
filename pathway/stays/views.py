"""Pages of stays: who is here, one stay, an arrival, a discharge, a death."""

from typing import Any
from urllib.parse import urlencode
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
from accounts.kernel.actor import Actor
from accounts.kernel.http import page, posted_by, submit
from accounts.people.page import banner_of, frame_of
from accounts.people.queries import person_snapshot
from accounts.rights.beside import beside
from pathway.referrals.queries import line_for
from pathway.referrals.states import DESTINATION_LABELS
from pathway.stays.commands import (
    admit_person,
    correct_death,
    discharge,
    end_leave,
    open_stay,
    propose_place,
    record_death,
    start_leave,
)
from pathway.stays.forms import AdmitForm, CorrectDeathForm, DeathForm, DischargeForm, OpenForm, ProposeForm, StepForm
from pathway.stays.queries import TONES, counts_here, shown_question, stay_for, stays_here
from pathway.stays.records import StaySnapshot
from pathway.stays.states import STAY, STAY_KIND_LABELS, StayAction
from pathway.structures.queries import offers_of

TAB_LABELS = {
    "presentes": "Présentes",
    "attendues": "Attendues",
    "sorties": "Sorties récentes",
    "a-demander": "Directives à demander",
}


@screen(Permission.STAY_LIST)
@require_safe
def here(request: Any) -> HttpResponse:
    """Show who is with the actor's structure, who is expected, who left lately."""
    asked = request.GET.get("etat", "")
    tab = asked if asked in TAB_LABELS else "presentes"
    rows, next_key = stays_here(actor=request.actor, tab=tab, after=request.GET.get("after", ""))
    counts = counts_here(actor=request.actor)
    address = reverse("stays:here")
    context = {
        "rows": rows,
        "asks": tab == "a-demander",
        "tabs": [
            {
                "label": label,
                "url": f"{address}?{urlencode({'etat': each})}",
                "current": each == tab,
                "count": counts.get(each, 0),
            }
            for each, label in TAB_LABELS.items()
        ],
        "next_url": f"{address}?{urlencode({'etat': tab, 'after': next_key})}" if next_key else "",
    }
    return page(request, "pathway/stays/here.html", context)


@screen(Permission.STAY_READ)
@require_safe
def stay_page(request: Any, stay_id: UUID) -> HttpResponse:
    """Show one stay, with what may be done next."""
    stay = stay_for(stay_id, actor=request.actor)
    context = {
        "stay": stay,
        "kind_label": STAY_KIND_LABELS[stay.kind],
        "state_label": STAY.label(stay.state),
        "tone": TONES.get(stay.state, "neutral"),
        "destination_label": DESTINATION_LABELS[stay.destination] if stay.destination else "",
        "buttons": _buttons(stay, request.actor),
        "question": shown_question(stay, born=person_snapshot(stay.person_id).traits.birth_date, actor=request.actor),
        **frame_of(stay.person_id, actor=request.actor),
        **beside("stay", stay_id, person_id=stay.person_id, actor=request.actor),
    }
    return page(request, "pathway/stays/stay.html", context)


@screen(Permission.STAY_LEAVE)
@require_http_methods(["GET", "POST"])
def start_of_leave(request: Any, stay_id: UUID) -> HttpResponse:
    """The person goes home for some days."""
    texts = {
        "title": "Départ en permission",
        "hint": "Sa place reste la sienne jusqu’à son retour.",
        "done": "Le départ en permission est noté.",
    }
    return _step(request, stay_id, StepForm, start_leave, texts)


@screen(Permission.STAY_LEAVE)
@require_http_methods(["GET", "POST"])
def end_of_leave(request: Any, stay_id: UUID) -> HttpResponse:
    """The person is back."""
    texts = {"title": "Retour de permission", "hint": "", "done": "Le retour est noté."}
    return _step(request, stay_id, StepForm, end_leave, texts)


@screen(Permission.STAY_DISCHARGE)
@require_http_methods(["GET", "POST"])
def leave_for_good(request: Any, stay_id: UUID) -> HttpResponse:
    """The stay is over: where the person goes, and what to hand on."""
    texts = {
        "title": "Préparer la sortie",
        "hint": "La demande d’origine sera close en même temps. Un décès s’enregistre depuis la page de la personne.",
        "done": "La sortie est enregistrée.",
    }
    return _step(request, stay_id, DischargeForm, discharge, texts)


@screen(Permission.REFERRAL_ACCEPT)
@require_http_methods(["GET", "POST"])
def propose(request: Any, line_id: UUID) -> HttpResponse:
    """Propose a place to the person of a request."""
    line = line_for(line_id, actor=request.actor)
    form = ProposeForm(posted_by(request), line_id=line_id, initial={"version": line.row.version})
    if request.method == "POST" and submit(form, propose_place, request.actor):
        messages.success(request, "Votre proposition est transmise.")
        return redirect("referrals:line", line_id)
    hint = "Une de vos places sera réservée, pour sept jours au plus." if line.counts_places else ""
    context = {
        "form": form,
        "title": "Proposer une place",
        "hint": hint,
        "submit": "Proposer cette place",
        "back": reverse("referrals:line", args=[line_id]),
        **frame_of(line.row.person_id, actor=request.actor),
    }
    return page(request, "pathway/referrals/step.html", context, form=form)


@screen(Permission.REFERRAL_CLOSE_ADMITTED)
@require_http_methods(["GET", "POST"])
def admit(request: Any, line_id: UUID) -> HttpResponse:
    """Note that the person of a request has come."""
    line = line_for(line_id, actor=request.actor)
    form = AdmitForm(posted_by(request), line_id=line_id, initial={"version": line.row.version})
    if request.method == "POST" and (receipt := submit(form, admit_person, request.actor)):
        messages.success(request, "L’arrivée est enregistrée. Les autres structures sollicitées sont prévenues.")
        return redirect("stays:stay", receipt.id)
    context = {
        "form": form,
        "title": "La personne est arrivée",
        "hint": "Les demandes faites aux autres structures seront closes, et leurs places libérées.",
        "submit": "Enregistrer l’arrivée",
        "back": reverse("referrals:line", args=[line_id]),
        **frame_of(line.row.person_id, actor=request.actor),
    }
    return page(request, "pathway/referrals/step.html", context, form=form)


@screen(Permission.STAY_OPEN)
@require_http_methods(["GET", "POST"])
def open_directly(request: Any, person_id: UUID) -> HttpResponse:
    """Note the arrival of somebody for whom no request was made."""
    own = Facts(type="stay", person_id=person_id, organisation_id=request.actor.organisation_id)
    permit(request.actor, Permission.STAY_OPEN, own)
    offers = {offer.id: offer.name for offer in offers_of(request.actor.organisation_id, actor=request.actor)}
    form = OpenForm(posted_by(request), person_id=person_id, offers=offers)
    if request.method == "POST" and (receipt := submit(form, open_stay, request.actor)):
        messages.success(request, "L’arrivée est enregistrée.")
        return redirect("stays:stay", receipt.id)
    context = {
        "form": form,
        "title": "Accueillir la personne",
        "hint": "Pour une arrivée sans demande préalable.",
        "submit": "Enregistrer l’arrivée",
        "back": reverse("people:page", args=[person_id]),
        **frame_of(person_id, actor=request.actor),
    }
    return page(request, "pathway/referrals/step.html", context, form=form)


@screen(Permission.PATIENT_IDENTITY_MARK_DECEASED)
@require_http_methods(["GET", "POST"])
def death(request: Any, person_id: UUID) -> HttpResponse:
    """Record a death, gently: what was under way stops with it."""
    permit(
        request.actor,
        Permission.PATIENT_IDENTITY_MARK_DECEASED,
        Facts(type="person", id=person_id, person_id=person_id),
    )
    form = DeathForm(posted_by(request), person_id=person_id)
    if request.method == "POST" and submit(form, record_death, request.actor):
        messages.success(request, "Le décès est enregistré. Plus rien ne sera envoyé à son sujet.")
        return redirect("people:page", person_id)
    context = {"form": form, "banner": banner_of(person_id, actor=request.actor)}
    return page(request, "pathway/stays/death.html", context, form=form)


@screen(Permission.PATIENT_IDENTITY_CORRECT_DEATH)
@require_http_methods(["GET", "POST"])
def death_by_mistake(request: Any, person_id: UUID) -> HttpResponse:
    """Take back a death recorded by mistake: what it stopped begins again."""
    facts = Facts(type="person", id=person_id, person_id=person_id)
    permit(request.actor, Permission.PATIENT_IDENTITY_CORRECT_DEATH, facts)
    form = CorrectDeathForm(posted_by(request), person_id=person_id)
    if request.method == "POST" and submit(form, correct_death, request.actor):
        messages.success(request, "Le décès noté par erreur est annulé.")
        return redirect("people:page", person_id)
    context = {"form": form, "banner": banner_of(person_id, actor=request.actor)}
    return page(request, "pathway/stays/death_by_mistake.html", context, form=form)


def _step(request: Any, stay_id: UUID, form_class: Any, writer: Any, texts: dict[str, str]) -> HttpResponse:
    stay = stay_for(stay_id, actor=request.actor)
    form = form_class(posted_by(request), stay_id=stay_id, initial={"version": stay.version})
    if request.method == "POST" and submit(form, writer, request.actor):
        messages.success(request, texts["done"])
        return redirect("stays:stay", stay_id)
    context = {
        "form": form,
        "title": texts["title"],
        "hint": texts["hint"],
        "submit": "Enregistrer",
        "back": reverse("stays:stay", args=[stay_id]),
        **frame_of(stay.person_id, actor=request.actor),
    }
    return page(request, "pathway/referrals/step.html", context, form=form)


_ROUTES = {
    StayAction.LEAVE: ("stays:leave", Permission.STAY_LEAVE, "neutral"),
    StayAction.RETURN: ("stays:return", Permission.STAY_LEAVE, "primary"),
    StayAction.FINISH: ("stays:discharge", Permission.STAY_DISCHARGE, "neutral"),
}


def _buttons(stay: StaySnapshot, actor: Actor) -> list[dict[str, str]]:
    facts = Facts(type="stay", id=stay.id, person_id=stay.person_id, organisation_id=stay.organisation_id)
    found = []
    for move in STAY.moves_from(stay.state):
        route, permission, tone = _ROUTES.get(StayAction(move.action), ("", None, ""))
        if permission and is_permitted(actor, permission, facts):
            found.append({"label": move.label, "url": reverse(route, args=[stay.id]), "tone": tone})
    return found
