"""Pages of the opinions asked of named professionals: those that wait for me, one of them, a new one."""

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
from accounts.kernel.http import ActorRequest, page, posted_by, refused, submit
from accounts.people.page import frame_of
from accounts.rights.beside import beside
from pathway.cases.queries import open_case_ids
from pathway.opinions.commands import ask_opinion, give_opinion, withdraw_opinion
from pathway.opinions.forms import AskForm, GiveForm, WithdrawForm
from pathway.opinions.queries import askable, opinion_for, opinions_awaited_from


@screen(Permission.OPINION_READ)
@require_safe
def awaited(request: ActorRequest) -> HttpResponse:
    """List the questions that wait for the actor."""
    return page(request, "pathway/opinions/index.html", {"lines": opinions_awaited_from(request.actor)})


@screen(Permission.OPINION_ASK)
@require_http_methods(["GET", "POST"])
def ask(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Ask somebody for an opinion about a person whose file is followed."""
    permit(request.actor, Permission.OPINION_READ, Facts(type="opinion", person_id=person_id))
    case_ids = open_case_ids(person_id)
    if not case_ids:
        raise NotFound
    who = askable(person_id, actor=request.actor)
    posted = posted_by(request)
    form = AskForm(posted, case_id=case_ids[0], askable=who)
    if posted is not None and (receipt := submit(form, ask_opinion, request.actor)):
        messages.success(
            request, "La demande d’avis est transmise. Le dossier s’ouvre à cette personne, jusqu’à sa réponse."
        )
        return redirect("opinions:page", receipt.id)
    frame = frame_of(person_id, actor=request.actor)
    context = {**frame, "form": form, "person_id": person_id, "may_choose": bool(who)}
    return page(request, "pathway/opinions/ask.html", context, form=form)


@screen(Permission.OPINION_READ)
@require_http_methods(["GET", "POST"])
def opinion(request: ActorRequest, opinion_id: UUID) -> HttpResponse:
    """Show a question with its answer, and take the answer of who was asked."""
    actor = request.actor
    shown = opinion_for(opinion_id, actor=actor)
    is_mine = shown.is_open and shown.expert_id == actor.professional_id
    posted = posted_by(request)
    form = GiveForm(posted, opinion_id=opinion_id, initial={"version": shown.version}) if is_mine or posted else None
    if form is not None and posted is not None and submit(form, give_opinion, actor):
        messages.success(request, "Merci : votre avis est rendu. Le dossier de la personne se referme pour vous.")
        return redirect("opinions:awaited")
    own = Facts(type="opinion", person_id=shown.person_id, organisation_id=shown.organisation_id)
    may_withdraw = shown.is_open and is_permitted(actor, Permission.OPINION_WITHDRAW, own)
    context = {
        **frame_of(shown.person_id, actor=actor),
        **beside("opinion", opinion_id, person_id=shown.person_id, actor=actor),
        "shown": shown,
        "form": form,
        "withdraw_form": WithdrawForm(None, opinion_id=opinion_id, initial={"version": shown.version})
        if may_withdraw
        else None,
    }
    return page(request, "pathway/opinions/page.html", context, form=form)


@screen(Permission.OPINION_WITHDRAW)
@require_POST
def withdraw(request: ActorRequest, opinion_id: UUID) -> HttpResponse:
    """Take a question back."""
    opinion_for(opinion_id, actor=request.actor)
    form = WithdrawForm(request.POST, opinion_id=opinion_id)
    if not submit(form, withdraw_opinion, request.actor):
        return refused(request, form)
    messages.success(request, "La demande d’avis est retirée.")
    return redirect("opinions:page", opinion_id)
