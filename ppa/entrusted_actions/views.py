"""Pages of the actions given to other structures: those that wait for mine, one of them, a new one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.http import ActorRequest, page, posted_by, refused, submit
from accounts.people.page import frame_of
from ppa.entrusted_actions.commands import answer_entrusted, entrust_action, withdraw_entrusted
from ppa.entrusted_actions.forms import AnswerForm, EntrustForm, WithdrawForm
from ppa.entrusted_actions.queries import action_to_give, come_back_to, entrusted_for, waiting_for
from ppa.entrusted_actions.reading import structures_told
from ppa.entrusted_actions.records import EntrustedSnapshot


@screen(Permission.ENTRUSTED_ACTION_LIST)
@require_safe
def waiting(request: ActorRequest) -> HttpResponse:
    """List what the actor's structure was given, and what came back to it."""
    context = {"waiting": waiting_for(request.actor), "back": come_back_to(request.actor)}
    return page(request, "ppa/entrusted_actions/index.html", context)


@screen(Permission.ENTRUSTED_ACTION_ENTRUST)
@require_http_methods(["GET", "POST"])
def give(request: ActorRequest, person_id: UUID, action_id: UUID) -> HttpResponse:
    """Give an action of a plan to a structure."""
    action = action_to_give(person_id, action_id, actor=request.actor)
    structures = structures_told(person_id, besides=request.actor.organisations)
    posted = posted_by(request)
    initial = {"what": action.what, "due_on": action.due_on}
    form = EntrustForm(posted, action_id=action_id, structures=structures, initial=initial)
    if posted is not None and (receipt := submit(form, entrust_action, request.actor)):
        messages.success(
            request, "L’action est confiée. La structure la trouve sur son bureau ; sa réponse viendra ici."
        )
        return redirect("entrusted_actions:page", receipt.id)
    frame = frame_of(person_id, actor=request.actor)
    context = {**frame, "form": form, "person_id": person_id, "may_choose": bool(structures)}
    return page(request, "ppa/entrusted_actions/give.html", context, form=form)


@screen(Permission.ENTRUSTED_ACTION_READ)
@require_http_methods(["GET", "POST"])
def entrusted(request: ActorRequest, entrusted_id: UUID) -> HttpResponse:
    """Show an action that was given, and take the answer of the structure that has it."""
    actor = request.actor
    shown = entrusted_for(entrusted_id, actor=actor)
    may_answer = shown.is_open and _may(Permission.ENTRUSTED_ACTION_ANSWER, shown, request)
    posted = posted_by(request)
    form = None
    if may_answer or posted is not None:
        form = AnswerForm(posted, entrusted_id=entrusted_id, state=shown.state, initial={"version": shown.version})
    if form is not None and posted is not None and submit(form, answer_entrusted, actor):
        messages.success(request, "Merci : votre réponse est transmise à qui suit le plan.")
        return redirect("entrusted_actions:waiting")
    may_withdraw = shown.is_open and not may_answer and _may(Permission.ENTRUSTED_ACTION_WITHDRAW, shown, request)
    context = {
        **frame_of(shown.person_id, actor=actor),
        "shown": shown,
        "form": form,
        "withdraw_form": WithdrawForm(None, entrusted_id=entrusted_id, initial={"version": shown.version})
        if may_withdraw
        else None,
    }
    return page(request, "ppa/entrusted_actions/page.html", context, form=form)


@screen(Permission.ENTRUSTED_ACTION_WITHDRAW)
@require_POST
def withdraw(request: ActorRequest, entrusted_id: UUID) -> HttpResponse:
    """Take an action back."""
    entrusted_for(entrusted_id, actor=request.actor)
    form = WithdrawForm(request.POST, entrusted_id=entrusted_id)
    if not submit(form, withdraw_entrusted, request.actor):
        return refused(request, form)
    messages.success(request, "L’action est reprise : la structure ne la voit plus.")
    return redirect("entrusted_actions:page", entrusted_id)


def _may(permission: Permission, shown: EntrustedSnapshot, request: ActorRequest) -> bool:
    facts = Facts(
        type="entrusted_action",
        id=shown.id,
        person_id=shown.person_id,
        organisation_id=shown.organisation_id,
        state=shown.state,
    )
    return is_permitted(request.actor, permission, facts)
