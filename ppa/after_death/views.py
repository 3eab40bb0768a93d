"""Pages of the time after a death: how the relatives are to be told, who was, who is called back, who is to be called."""

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
from accounts.kernel.clock import today
from accounts.kernel.errors import NotFound
from accounts.kernel.http import ActorRequest, RecordForm, page, posted_by, refused, submit
from accounts.people.page import frame_of
from accounts.people.queries import person_snapshot
from accounts.people.records import RelativeSnapshot
from ppa.after_death.commands import move_contact, note_contact, plan_contact, state_telling_wish, stop_contacts
from ppa.after_death.forms import MoveForm, NoteForm, PlanForm, StopForm, WishForm
from ppa.after_death.queries import calls_due, contact_for, relatives_followed, wishes_of
from ppa.after_death.reading import facts_of
from ppa.after_death.records import ContactSnapshot
from ppa.after_death.states import CONTACT, ContactState

_TONES = {ContactState.DONE: "ok", ContactState.UNREACHABLE: "warn", ContactState.PLANNED: "info"}


@screen(Permission.BEREAVEMENT_READ)
@require_safe
def calls(request: ActorRequest) -> HttpResponse:
    """List the relatives whom the actor's organisation has to tell or to call back, the earliest first."""
    return page(request, "ppa/after_death/calls.html", {"rows": calls_due(actor=request.actor)})


@screen(Permission.BEREAVEMENT_READ)
@require_safe
def index(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Show the wishes of the person and, after her death, each relative with what is planned and done."""
    wishes = wishes_of(person_id, actor=request.actor)
    died_on = person_snapshot(person_id).died_on
    facts = facts_of(person_id)
    follows = is_permitted(request.actor, Permission.BEREAVEMENT_FOLLOW, facts)
    relatives = [
        (one, [_line(contact) for contact in one.contacts if died_on or contact.state == ContactState.DONE])
        for one in relatives_followed(person_id, actor=request.actor)
    ]
    context = {
        **_frame(request, person_id),
        "died_on": died_on,
        "wish": next(iter(wishes), None),
        "former": wishes[1:],
        "relatives": relatives,
        "told_by_mistake": died_on is None and any(lines for _, lines in relatives),
        "may_follow": follows and died_on is not None,
        "may_state": died_on is None and is_permitted(request.actor, Permission.BEREAVEMENT_STATE_WISH, facts),
    }
    return page(request, "ppa/after_death/index.html", context)


@screen(Permission.BEREAVEMENT_STATE_WISH)
@require_http_methods(["GET", "POST"])
def wish(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Write down how the person wishes her relatives to be told."""
    permit(request.actor, Permission.BEREAVEMENT_STATE_WISH, facts_of(person_id))
    form = WishForm(posted_by(request), person_id=person_id)
    texts = (
        "Prévenir ses proches",
        "Ce que la personne souhaite pour ses proches, le jour de son décès",
        "C’est noté.",
    )
    return _form(request, person_id, form, state_telling_wish, texts)


@screen(Permission.BEREAVEMENT_FOLLOW)
@require_http_methods(["GET", "POST"])
def note(request: ActorRequest, person_id: UUID, contact_id: UUID) -> HttpResponse:
    """Note how a contact went."""
    shown = _shown(request, person_id, contact_id)
    permit(request.actor, Permission.BEREAVEMENT_FOLLOW, facts_of(person_id))
    initial = {"version": shown.version, "by_whom": request.actor.display_name}
    form = NoteForm(posted_by(request), contact_id=contact_id, is_news=shown.is_news, initial=initial)
    return _form(request, person_id, form, note_contact, (shown.label, "", "C’est noté."), relative=shown.relative_id)


@screen(Permission.BEREAVEMENT_FOLLOW)
@require_http_methods(["GET", "POST"])
def move(request: ActorRequest, person_id: UUID, contact_id: UUID) -> HttpResponse:
    """Give a contact another day."""
    shown = _shown(request, person_id, contact_id)
    permit(request.actor, Permission.BEREAVEMENT_FOLLOW, facts_of(person_id))
    form = MoveForm(posted_by(request), contact_id=contact_id, initial={"version": shown.version, "due_on": today()})
    texts = ("Reporter", shown.label, "Le nouveau jour est noté.")
    return _form(request, person_id, form, move_contact, texts, relative=shown.relative_id)


@screen(Permission.BEREAVEMENT_FOLLOW)
@require_http_methods(["GET", "POST"])
def plan(request: ActorRequest, person_id: UUID, relative_id: UUID) -> HttpResponse:
    """Plan one more contact with a relative."""
    permit(request.actor, Permission.BEREAVEMENT_FOLLOW, facts_of(person_id))
    form = PlanForm(posted_by(request), person_id=person_id, relative_id=relative_id)
    texts = ("Convenir d’un appel", "", "L’appel est prévu.")
    return _form(request, person_id, form, plan_contact, texts, relative=relative_id)


@screen(Permission.BEREAVEMENT_FOLLOW)
@require_POST
def stop(request: ActorRequest, person_id: UUID, relative_id: UUID) -> HttpResponse:
    """End all that is planned with a relative who wishes no contact any more."""
    permit(request.actor, Permission.BEREAVEMENT_FOLLOW, facts_of(person_id))
    _relative(request, person_id, relative_id)
    form = StopForm(request.POST, person_id=person_id, relative_id=relative_id)
    if not submit(form, stop_contacts, request.actor):
        return refused(request, form)
    messages.success(request, "Plus aucun appel n’est prévu pour ce proche.")
    return redirect("after_death:index", person_id)


def _form(
    request: ActorRequest,
    person_id: UUID,
    form: RecordForm,
    writer: Callable[..., Any],
    texts: tuple[str, str, str],
    *,
    relative: UUID | None = None,
) -> HttpResponse:
    title, subtitle, said = texts
    if request.method == "POST" and submit(form, writer, request.actor):
        messages.success(request, said)
        return redirect("after_death:index", person_id)
    found = _relative(request, person_id, relative) if relative else None
    stands = next(iter(wishes_of(person_id, actor=request.actor)), None) if relative else None
    context = {
        **_frame(request, person_id),
        "form": form,
        "title": title,
        "subtitle": subtitle,
        "relative": found,
        "wish": stands,
    }
    return page(request, "ppa/after_death/form.html", context, form=form)


def _relative(request: ActorRequest, person_id: UUID, relative_id: UUID) -> RelativeSnapshot:
    for one in relatives_followed(person_id, actor=request.actor):
        if one.relative.id == relative_id:
            return one.relative
    raise NotFound


def _shown(request: ActorRequest, person_id: UUID, contact_id: UUID) -> ContactSnapshot:
    shown = contact_for(contact_id, actor=request.actor)
    if shown.person_id != person_id:
        raise NotFound
    return shown


def _line(contact: ContactSnapshot) -> dict[str, Any]:
    return {
        "contact": contact,
        "state_label": CONTACT.label(contact.state),
        "tone": _TONES.get(contact.state, "neutral"),
        "is_late": contact.is_open and contact.due_on < today(),
    }


def _frame(request: ActorRequest, person_id: UUID) -> dict[str, Any]:
    return {**frame_of(person_id, actor=request.actor), "person_id": person_id}
