"""Pages of a stay's talks: what was asked and what follows, and the form of a talk."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from accounts.kernel.http import ActorRequest, page, posted_by, submit
from accounts.organisations.directory import professional_names
from accounts.people.page import frame_of
from accounts.people.queries import person_snapshot, representatives_of
from pathway.admission_talks.commands import note_talk
from pathway.admission_talks.forms import TalkForm
from pathway.admission_talks.queries import stay_asked, talks_snapshot
from pathway.admission_talks.reading import known_of
from pathway.admission_talks.records import TalkSnapshot
from pathway.admission_talks.rules import Step, TalkOfMinor, next_steps
from pathway.admission_talks.states import DIRECTIVES_LABELS, HANDED_LABELS, TRUSTED_LABELS
from pathway.stays.asking import question_of
from pathway.stays.records import StaySnapshot
from pathway.stays.states import StayState
from ppa.directives.rules import is_adult

READ, RECORD = Permission.ADMISSION_TALK_READ, Permission.ADMISSION_TALK_RECORD
_LINKS = {
    Step.RECORD_DIRECTIVES: ("Enregistrer ses directives", "directives:new", Permission.ADVANCE_DIRECTIVE_UPLOAD),
    Step.NOTE_PLACE: ("Noter où se trouvent ses directives", "directives:new", Permission.ADVANCE_DIRECTIVE_UPLOAD),
    Step.DESIGNATE: (
        "Noter la désignation de sa personne de confiance",
        "trusted_persons:designate",
        Permission.TRUSTED_PERSON_DESIGNATE,
    ),
}
_TEXTS = {
    Step.ASK_LEAVE: "Pour une personne représentée, des directives ou une désignation demandent l’autorisation du juge ou du conseil de famille.",
}


@screen(READ)
@require_safe
def index(request: ActorRequest, stay_id: UUID) -> HttpResponse:
    """Show what was asked during a stay, and what is still to be done."""
    stay = stay_asked(stay_id, actor=request.actor, to=READ)
    talks = talks_snapshot(stay)
    person = person_snapshot(stay.person_id)
    names = professional_names({one.asked_by for one in talks if one.asked_by})
    context = {
        **frame_of(stay.person_id, actor=request.actor),
        "stay": stay,
        "question": question_of(stay, born=person.traits.birth_date, today=today()),
        "talks": [_told(one, names) for one in talks],
        "steps": _steps(talks[0], request.actor) if talks and not person.died_on else [],
        "minor": "" if is_adult(person.traits.birth_date, on=today()) else TalkOfMinor.text,
        "new_url": reverse("admission_talks:new", args=[stay_id]) if _may_record(stay, request.actor) else "",
    }
    return page(request, "pathway/admission_talks/index.html", context)


@screen(RECORD)
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest, stay_id: UUID) -> HttpResponse:
    """Write down that she was asked, and what she answered."""
    stay = stay_asked(stay_id, actor=request.actor, to=RECORD)
    known = {"is_protected": bool(representatives_of(stay.person_id, actor=request.actor))}
    form = TalkForm(posted_by(request), stay_id=stay_id, initial=known)
    if request.method == "POST" and submit(form, note_talk, request.actor):
        messages.success(request, "C’est noté. La personne peut changer d’avis, ou y revenir, quand elle veut.")
        return redirect("admission_talks:index", stay_id)
    context = {**frame_of(stay.person_id, actor=request.actor), "stay": stay, "form": form}
    return page(request, "pathway/admission_talks/new.html", context, form=form)


def _told(talk: TalkSnapshot, names: dict[UUID, str]) -> dict[str, Any]:
    return {
        "talk": talk,
        "asked_by": names.get(talk.asked_by, "") if talk.asked_by else "",
        "directives": DIRECTIVES_LABELS[talk.directives],
        "trusted": TRUSTED_LABELS[talk.trusted],
        "handed": [HANDED_LABELS[one] for one in talk.handed],
    }


def _steps(talk: TalkSnapshot, actor: Actor) -> list[tuple[str, str]]:
    """Return each thing still to be done with the way to it; no way for who may not do it."""
    facts = Facts(type="person", person_id=talk.person_id, signed_request=True)
    steps = []
    known = known_of(talk.person_id)
    for step in next_steps(
        talk.directives, talk.trusted, is_protected=talk.is_protected, where=talk.where, known=known
    ):
        if step in _TEXTS:
            steps.append((_TEXTS[step], ""))
            continue
        label, route, permission = _LINKS[step]
        may = is_permitted(actor, permission, facts)
        steps.append((label, reverse(route, args=[talk.person_id]) if may else ""))
    return steps


def _may_record(stay: StaySnapshot, actor: Actor) -> bool:
    facts = Facts(type="admission_talk", person_id=stay.person_id, organisation_id=stay.organisation_id)
    return stay.state != StayState.CANCELLED and is_permitted(actor, RECORD, facts)
