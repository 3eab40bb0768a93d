"""Pages of the announcement, of the proposal of a plan and of the answer."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from accounts.kernel.http import page, posted_by, submit
from accounts.organisations.directory import organisation_names, professional_names
from accounts.people.page import banner_of, frame_of
from accounts.rights.beside import beside
from ppa.announcements.commands import announce, answer_proposal, propose_plan
from ppa.announcements.forms import AnnounceForm, AnswerForm, ProposeForm
from ppa.announcements.queries import announcement_for, announcements_of, proposal_for, proposal_of_person
from ppa.announcements.records import ANSWER_LABELS, Answer, ProposalSnapshot
from ppa.announcements.states import PROPOSAL


@screen(Permission.ANNOUNCEMENT_RECORD)
@require_http_methods(["GET", "POST"])
def new(request: Any, person_id: UUID) -> HttpResponse:
    """Record an announcement, and the proposal of a plan when it was made."""
    permit(request.actor, Permission.ANNOUNCEMENT_RECORD, _own_facts(person_id, request.actor))
    form = AnnounceForm(posted_by(request), person_id=person_id)
    if request.method == "POST" and (receipt := submit(form, announce, request.actor)):
        messages.success(request, "L’annonce est enregistrée.")
        return redirect("announcements:page", person_id, receipt.id)
    context = {"form": form, "banner": banner_of(person_id, actor=request.actor)}
    return page(request, "ppa/announcements/new.html", context, form=form)


@screen(Permission.ANNOUNCEMENT_READ)
@require_safe
def announcement(request: Any, person_id: UUID, announcement_id: UUID) -> HttpResponse:
    """Show one announcement and where the proposal of a plan stands."""
    line = announcement_for(announcement_id, actor=request.actor)
    _check_same(line.announcement.person_id, person_id)
    proposal = proposal_of_person(person_id, actor=request.actor)
    rests_on_it = proposal is not None and announcement_id in proposal.announcement_ids
    may_propose = not rests_on_it and is_permitted(
        request.actor, Permission.ANNOUNCEMENT_RECORD, _own_facts(person_id, request.actor)
    )
    context = {
        "line": line,
        "proposal": proposal if rests_on_it else None,
        "proposal_label": PROPOSAL.label(proposal.state) if proposal else "",
        "may_propose": may_propose,
        "banner": banner_of(person_id, actor=request.actor),
        **beside("announcement", announcement_id, person_id=person_id, actor=request.actor),
    }
    return page(request, "ppa/announcements/page.html", context)


@screen(Permission.ANNOUNCEMENT_RECORD)
@require_http_methods(["GET", "POST"])
def propose(request: Any, person_id: UUID, announcement_id: UUID) -> HttpResponse:
    """Record that a plan was proposed, on a day after the announcement."""
    line = announcement_for(announcement_id, actor=request.actor)
    _check_same(line.announcement.person_id, person_id)
    form = ProposeForm(posted_by(request), announcement_id=announcement_id)
    if request.method == "POST" and submit(form, propose_plan, request.actor):
        messages.success(request, "La proposition est transmise au dispositif d’appui à la coordination.")
        return redirect("announcements:page", person_id, announcement_id)
    context = {"form": form, "line": line, "banner": banner_of(person_id, actor=request.actor)}
    return page(request, "ppa/announcements/propose.html", context, form=form)


@screen(Permission.PLAN_PROPOSAL_READ)
@require_http_methods(["GET", "POST"])
def proposal(request: Any, person_id: UUID, proposal_id: UUID) -> HttpResponse:
    """Show a proposal with its answers, and take the next one."""
    shown = proposal_for(proposal_id, actor=request.actor)
    _check_same(shown.person_id, person_id)
    form = AnswerForm(posted_by(request), proposal_id=proposal_id, initial={"version": shown.version})
    if request.method == "POST" and submit(form, answer_proposal, request.actor):
        messages.success(request, "La réponse est notée. Elle peut changer à tout moment.")
        if form.cleaned_data["answer"] == Answer.ACCEPTED and _may_write_plan(person_id, request.actor):
            return redirect("plans:page", person_id)
        return redirect("announcements:proposal", person_id, proposal_id)
    return page(request, "ppa/announcements/proposal.html", _proposal_context(shown, form, request.actor), form=form)


def _proposal_context(shown: ProposalSnapshot, form: AnswerForm, actor: Actor) -> dict[str, Any]:
    facts = Facts(type="plan_proposal", person_id=shown.person_id, organisation_id=shown.owner_id)
    hearers = professional_names({given.heard_by_id for given in shown.answers if given.heard_by_id})
    names = organisation_names({shown.organisation_id, shown.owner_id})
    may_read_announcements = is_permitted(
        actor, Permission.ANNOUNCEMENT_READ, Facts(type="announcement", person_id=shown.person_id)
    )
    return {
        **frame_of(shown.person_id, actor=actor),
        "form": form,
        "accepted_form": AnswerForm.accepted_today(proposal_id=shown.id, version=shown.version),
        "proposal": shown,
        "state_label": PROPOSAL.label(shown.state),
        "proposed_by": names[shown.organisation_id],
        "owner": names[shown.owner_id],
        "may_answer": is_permitted(actor, Permission.PLAN_PROPOSAL_ANSWER, facts),
        "announcements": announcements_of(shown.person_id, actor=actor) if may_read_announcements else [],
        "answers": [
            {
                "label": ANSWER_LABELS[given.answer],
                "given": given,
                "heard_by": hearers.get(given.heard_by_id, "") if given.heard_by_id else "",
            }
            for given in shown.answers
        ],
    }


def _may_write_plan(person_id: UUID, actor: Actor) -> bool:
    here = Facts(type="plan", person_id=person_id, organisation_id=actor.organisation_id)
    return is_permitted(actor, Permission.PPA_CREATE, here)


def _own_facts(person_id: UUID, actor: Actor) -> Facts:
    return Facts(type="announcement", person_id=person_id, organisation_id=actor.organisation_id)


def _check_same(person_id: UUID, named_in_url: UUID) -> None:
    if person_id != named_in_url:
        raise NotFound
