"""Pages of requests: the sender's in three steps, its follow-up, and the inbox of the structures asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel import read_only
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from accounts.kernel.http import page, posted_by, submit
from accounts.people.page import banner_of, frame_of
from pathway.referrals.commands import (
    acknowledge_line,
    agree_in_principle,
    choose_recipients,
    close_request,
    create_draft,
    decline_line,
    remind_line,
    request_info,
    review_line,
    revoke_request,
    send_to_more_with_consent,
    send_with_consent,
    supply_info,
    update_draft,
    waitlist_line,
    withdraw_line,
)
from pathway.referrals.forms import (
    KIND_CHOICES,
    ChooseForm,
    DeclineForm,
    DraftForm,
    LineForm,
    MessageForm,
    RevokeForm,
    SendForm,
    SendToMoreForm,
    WaitlistForm,
    WithdrawForm,
)
from pathway.referrals.queries import (
    facts_of_line,
    incoming,
    incoming_counts,
    line_for,
    line_snapshot,
    live_requests,
    lost_requests,
    matches_for,
    outgoing,
    request_for,
)
from pathway.referrals.records import CloseRequest, LineRow, LineStep, RequestView
from pathway.referrals.states import LINE, UNANSWERED, LineAction, LineState, RequestState
from pathway.structures.states import OfferKind


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that may be done with a line: its command, its form, its right, its words."""

    action: LineAction
    command: Any
    permission: Permission
    done: str
    form: type[LineForm] = LineForm
    hint: str = ""


ANSWERS: Mapping[str, Step] = {
    "etude": Step(
        LineAction.REVIEW, review_line, Permission.REFERRAL_ACKNOWLEDGE, "L’étude de la demande est commencée."
    ),
    "complement": Step(
        LineAction.REQUEST_INFO,
        request_info,
        Permission.REFERRAL_REQUEST_INFO,
        "Votre question est transmise.",
        MessageForm,
        "L’équipe qui demande répondra ici même.",
    ),
    "attente": Step(
        LineAction.WAITLIST,
        waitlist_line,
        Permission.REFERRAL_ACCEPT,
        "La personne est sur votre liste d’attente.",
        WaitlistForm,
    ),
    "accord": Step(
        LineAction.AGREE,
        agree_in_principle,
        Permission.REFERRAL_ACCEPT,
        "Votre accord de principe est transmis. Les autres structures restent sollicitées jusqu’à l’arrivée de la personne.",
    ),
    "refus": Step(
        LineAction.DECLINE,
        decline_line,
        Permission.REFERRAL_REFUSE,
        "Votre réponse est transmise. Merci d’avoir dit pourquoi.",
        DeclineForm,
        "L’équipe qui demande lira votre raison et votre proposition. Le dossier ne vous sera plus ouvert.",
    ),
}
"""What a structure answers, by its word in the address."""

FOLLOW_UPS: Mapping[str, Step] = {
    "reponse": Step(
        LineAction.SUPPLY_INFO,
        supply_info,
        Permission.REFERRAL_SUPPLY_INFO,
        "Votre réponse est transmise.",
        MessageForm,
    ),
    "retrait": Step(
        LineAction.WITHDRAW,
        withdraw_line,
        Permission.REFERRAL_CANCEL,
        "La demande est retirée auprès de cette structure.",
        WithdrawForm,
        "La structure en sera informée.",
    ),
}
"""What the sender does with a line, by its word in the address; the reminder has no move of its own."""

REMINDER = Step(
    LineAction.SEND,
    remind_line,
    Permission.REFERRAL_MESSAGE_CREATE,
    "La relance est transmise.",
    MessageForm,
    "Un mot bref suffit. Vous pouvez aussi appeler la structure.",
)
REMINDER_WORD, REMINDER_TEXT = (
    "relance",
    "Bonjour, avez-vous pu prendre connaissance de cette demande ? Merci d’avance.",
)
STEPS_OF_A_REQUEST = ("Ce qui est demandé", "Structures", "Accord et envoi")
INBOX_LABELS = {"nouvelles": "Nouvelles", "etude": "À l’étude", "attente": "Acceptées", "admises": "Admises"}
OUTBOX_LABELS = {"encours": "En cours", "abouties": "Abouties", "brouillons": "Brouillons", "closes": "Closes"}


@screen(Permission.REFERRAL_LIST_OUTGOING)
@require_safe
def outgoing_list(request: Any) -> HttpResponse:
    """Show what the actor's organisation asked, with what waits for it on top."""
    tab = _tab(request, OUTBOX_LABELS)
    rows, next_key = outgoing(actor=request.actor, tab=tab, after=request.GET.get("after", ""))
    context = {
        "rows": rows,
        "lost": lost_requests(actor=request.actor) if tab == "encours" else [],
        "tabs": _tabs("referrals:outgoing", OUTBOX_LABELS, tab, {}),
        "next_url": _next_url("referrals:outgoing", tab, next_key),
    }
    return page(request, "pathway/referrals/outgoing.html", context)


@screen(Permission.REFERRAL_LIST_INCOMING)
@require_safe
def incoming_list(request: Any) -> HttpResponse:
    """Show what the actor's structure received, by where it stands."""
    tab = _tab(request, INBOX_LABELS)
    rows, next_key = incoming(actor=request.actor, tab=tab, after=request.GET.get("after", ""))
    context = {
        "rows": rows,
        "tabs": _tabs("referrals:incoming", INBOX_LABELS, tab, incoming_counts(actor=request.actor)),
        "next_url": _next_url("referrals:incoming", tab, next_key),
    }
    return page(request, "pathway/referrals/incoming.html", context)


@screen(Permission.REFERRAL_CREATE_DRAFT)
@require_http_methods(["GET", "POST"])
def new(request: Any, person_id: UUID) -> HttpResponse:
    """First step: what is asked, how soon, what is told."""
    own = Facts(type="referral", person_id=person_id, organisation_id=request.actor.organisation_id)
    permit(request.actor, Permission.REFERRAL_CREATE_DRAFT, own)
    form = DraftForm(posted_by(request), person_id=person_id)
    if request.method == "POST" and (receipt := submit(form, create_draft, request.actor)):
        return redirect("referrals:choose", receipt.id)
    context = {
        "form": form,
        "steps": _steps(0),
        "live": live_requests(person_id, actor=request.actor),
        "banner": banner_of(person_id, actor=request.actor),
        "back": reverse("people:page", args=[person_id]),
    }
    return page(request, "pathway/referrals/draft.html", context, form=form)


@screen(Permission.REFERRAL_CREATE_DRAFT)
@require_http_methods(["GET", "POST"])
def edit(request: Any, request_id: UUID) -> HttpResponse:
    """First step again: change a draft."""
    view = request_for(request_id, actor=request.actor)
    if view.request.state != RequestState.DRAFT:
        return redirect("referrals:request", request_id)
    form = DraftForm(posted_by(request), request=view.request)
    if request.method == "POST" and submit(form, update_draft, request.actor):
        return redirect("referrals:choose", request_id)
    context = {
        "form": form,
        "steps": _steps(0, request_id),
        "live": [],
        "banner": banner_of(view.request.person_id, actor=request.actor),
        "back": reverse("referrals:request", args=[request_id]),
    }
    return page(request, "pathway/referrals/draft.html", context, form=form)


@screen(Permission.REFERRAL_CREATE_DRAFT)
@require_http_methods(["GET", "POST"])
def choose(request: Any, request_id: UUID) -> HttpResponse:
    """Second step: the structures that could receive the person, with reasons and places."""
    view = request_for(request_id, actor=request.actor)
    if view.request.state != RequestState.DRAFT:
        return redirect("referrals:request", request_id)
    matches = matches_for(request_id, actor=request.actor, kinds=_kinds(request))
    names = {match.candidate.offer.id: match.candidate.offer.name for match in matches}
    chosen = [str(line.offer_id) for line in view.row.lines if line.state == LineState.DRAFT]
    initial = {"version": view.request.version, "offers": chosen}
    form = ChooseForm(posted_by(request), request_id=request_id, offers=names, initial=initial)
    if request.method == "POST" and submit(form, choose_recipients, request.actor):
        return redirect("referrals:send", request_id)
    context = {
        "form": form,
        "view": view,
        "matches": matches,
        "kinds": _kind_choices(request, view),
        "steps": _steps(1, request_id),
        "banner": banner_of(view.request.person_id, actor=request.actor),
    }
    return page(request, "pathway/referrals/choose.html", context, form=form)


@screen(Permission.REFERRAL_SEND)
@require_http_methods(["GET", "POST"])
def send(request: Any, request_id: UUID) -> HttpResponse:
    """Third step: read again, record the person's agreement, send."""
    view = request_for(request_id, actor=request.actor)
    if view.request.state != RequestState.DRAFT:
        return redirect("referrals:request", request_id)
    form = SendForm(posted_by(request), request_id=request_id, initial={"version": view.request.version})
    if request.method == "POST" and submit(form, send_with_consent, request.actor):
        messages.success(request, "La demande est envoyée. Vous verrez ici chaque réponse.")
        return redirect("referrals:request", request_id)
    context = {
        "form": form,
        "view": view,
        "steps": _steps(2, request_id),
        "banner": banner_of(view.request.person_id, actor=request.actor),
    }
    return page(request, "pathway/referrals/send.html", context, form=form)


@screen(Permission.REFERRAL_SEND)
@require_http_methods(["GET", "POST"])
def send_more(request: Any, request_id: UUID) -> HttpResponse:
    """Ask further structures while nobody has admitted the person."""
    view = request_for(request_id, actor=request.actor)
    matches = matches_for(request_id, actor=request.actor, kinds=_kinds(request))
    names = {match.candidate.offer.id: match.candidate.offer.name for match in matches}
    initial = {"version": view.request.version}
    form = SendToMoreForm(posted_by(request), request_id=request_id, offers=names, initial=initial)
    if request.method == "POST" and submit(form, send_to_more_with_consent, request.actor):
        messages.success(request, "La demande est envoyée à ces structures.")
        return redirect("referrals:request", request_id)
    context = {
        "form": form,
        "view": view,
        "matches": matches,
        "kinds": _kind_choices(request, view),
        "banner": banner_of(view.request.person_id, actor=request.actor),
    }
    return page(request, "pathway/referrals/send_more.html", context, form=form)


@screen(Permission.REFERRAL_READ_FULL_DOSSIER)
@require_safe
def request_page(request: Any, request_id: UUID) -> HttpResponse:
    """Show a request to its sender: every structure, where it stands and since when."""
    view = request_for(request_id, actor=request.actor)
    return page(request, "pathway/referrals/request.html", _request_context(view, request.actor))


@screen(Permission.REFERRAL_CANCEL)
@require_http_methods(["GET", "POST"])
def revoke(request: Any, request_id: UUID) -> HttpResponse:
    """Take a whole request back, with its reason."""
    view = request_for(request_id, actor=request.actor)
    form = RevokeForm(posted_by(request), request_id=request_id, initial={"version": view.request.version})
    if request.method == "POST" and submit(form, _revoke_or_close, request.actor):
        messages.success(request, "La demande est retirée ; les structures en sont informées.")
        return redirect("referrals:request", request_id)
    context = {
        "form": form,
        "title": "Retirer la demande",
        "hint": "Les structures sollicitées en seront informées. Rien n’est effacé.",
        "submit": "Retirer la demande",
        "back": reverse("referrals:request", args=[request_id]),
        **frame_of(view.request.person_id, actor=request.actor),
    }
    return page(request, "pathway/referrals/step.html", context, form=form)


@screen(Permission.REFERRAL_READ_MINIMUM_DATASET, writes=True)
@require_safe
def line_page(request: Any, line_id: UUID) -> HttpResponse:
    """Show a line to the structure asked; opening it for the first time is a fact, noted through the command."""
    line = line_for(line_id, actor=request.actor)
    if (
        line.row.state == LineState.SENT
        and not read_only.mode()
        and _may(request.actor, Permission.REFERRAL_ACKNOWLEDGE, line_id)
    ):
        acknowledge_line(LineStep(line_id=line_id, version=line.row.version), by=request.actor)
        line = line_for(line_id, actor=request.actor)
    context = {
        "view": line,
        "crumbs": [{"label": "Demandes reçues", "url": reverse("referrals:incoming")}],
        "buttons": _buttons(line_id, line.row.state, request.actor),
        **frame_of(line.row.person_id, actor=request.actor),
    }
    return page(request, "pathway/referrals/line.html", context)


@screen(Permission.REFERRAL_ACKNOWLEDGE)
@require_http_methods(["GET", "POST"])
def answer(request: Any, line_id: UUID, step: str) -> HttpResponse:
    """Let a structure answer: one page a step."""
    chosen = ANSWERS.get(step)
    if chosen is None:
        raise NotFound
    line = line_for(line_id, actor=request.actor)
    back = reverse("referrals:line", args=[line_id])
    done = reverse("referrals:incoming") if chosen.action == LineAction.DECLINE else back
    return _step(request, chosen, line.row, done=done, back=back)


@screen(Permission.REFERRAL_LIST_OUTGOING)
@require_http_methods(["GET", "POST"])
def follow(request: Any, line_id: UUID, step: str) -> HttpResponse:
    """Let the sender answer a question, remind a structure, or take the request back from it."""
    chosen = REMINDER if step == REMINDER_WORD else FOLLOW_UPS.get(step)
    if chosen is None:
        raise NotFound
    row = _line_of_sender(line_id, request.actor)
    back = reverse("referrals:request", args=[row.request_id])
    return _step(request, chosen, row, done=back, back=back)


def _step(request: Any, step: Step, row: LineRow, *, done: str, back: str) -> HttpResponse:
    initial = {"version": row.version, **({"text": REMINDER_TEXT} if step is REMINDER else {})}
    form = step.form(posted_by(request), line_id=row.id, initial=initial)
    if request.method == "POST" and submit(form, step.command, request.actor):
        messages.success(request, step.done)
        return redirect(done)
    title = "Relancer" if step is REMINDER else _label(step.action)
    context = {
        "form": form,
        "title": title,
        "hint": step.hint,
        "submit": title,
        "back": back,
        **frame_of(row.person_id, actor=request.actor),
    }
    return page(request, "pathway/referrals/step.html", context, form=form)


def _revoke_or_close(record: Any, *, by: Actor) -> Any:
    return (close_request if isinstance(record, CloseRequest) else revoke_request)(record, by=by)


def _line_of_sender(line_id: UUID, actor: Actor) -> LineRow:
    view = request_for(line_snapshot(line_id).request_id, actor=actor)
    return next(row for row in view.row.lines if row.id == line_id)


def _request_context(view: RequestView, actor: Actor) -> dict[str, Any]:
    request_id, is_open = view.request.id, view.request.state in (RequestState.DRAFT, RequestState.ACTIVE)
    facts = Facts(
        type="referral", id=request_id, person_id=view.request.person_id, organisation_id=view.request.sender_id,
        sender_id=view.request.sender_id,
    )  # fmt: skip
    may_act = is_open and not view.row.is_settled and is_permitted(actor, Permission.REFERRAL_CANCEL, facts)
    return {
        "view": view,
        "lines": [_line_card(row, view, may_act=may_act) for row in view.row.lines],
        "is_draft": view.request.state == RequestState.DRAFT,
        "may_act": may_act,
        "banner": banner_of(view.request.person_id, actor=actor),
    }


def _line_card(row: LineRow, view: RequestView, *, may_act: bool) -> dict[str, Any]:
    steps = [(word, step) for word, step in FOLLOW_UPS.items() if LINE.may(step.action, row.state)]
    links = [(_label(step.action), reverse("referrals:follow", args=[row.id, word])) for word, step in steps]
    if row.state in UNANSWERED:
        links.insert(0, ("Relancer", reverse("referrals:follow", args=[row.id, REMINDER_WORD])))
    return {
        "row": row,
        "links": links if may_act and row.state != LineState.DRAFT else [],
        "messages": view.messages.get(row.id, ()),
        "note": view.notes.get(row.id, ""),
    }


def _buttons(line_id: UUID, state: LineState, actor: Actor) -> list[dict[str, Any]]:
    """The moves that the table opens from a state to this actor, as links in the order of the table."""
    urls = {step.action: reverse("referrals:answer", args=[line_id, word]) for word, step in ANSWERS.items()}
    urls[LineAction.OFFER] = reverse("stays:propose", args=[line_id])
    urls[LineAction.ADMIT] = reverse("stays:admit", args=[line_id])
    facts = facts_of_line(line_id)
    moves = [(LineAction(move.action), move.label) for move in LINE.moves_from(state)]
    return [
        {"label": label, "url": urls[action], "tone": _TONES.get(action, "neutral")}
        for action, label in moves
        if action in urls and is_permitted(actor, _RIGHTS[action], facts)
    ]


_RIGHTS = {step.action: step.permission for step in ANSWERS.values()} | {
    LineAction.OFFER: Permission.REFERRAL_ACCEPT,
    LineAction.ADMIT: Permission.REFERRAL_CLOSE_ADMITTED,
}
_TONES = {
    LineAction.REVIEW: "primary",
    LineAction.OFFER: "primary",
    LineAction.ADMIT: "primary",
    LineAction.DECLINE: "quiet",
}


def _label(action: LineAction) -> str:
    return next(move.label for move in LINE.moves if move.action == action)


def _steps(current: int, request_id: UUID | None = None) -> list[dict[str, Any]]:
    names = ("referrals:edit", "referrals:choose", "referrals:send")
    return [
        {
            "label": label,
            "state": "done" if index < current else "current" if index == current else "todo",
            "url": reverse(names[index], args=[request_id]) if request_id and index < current else "",
        }
        for index, label in enumerate(STEPS_OF_A_REQUEST)
    ]


def _kinds(request: HttpRequest) -> list[OfferKind]:
    known = {code for code, _ in KIND_CHOICES}
    return [OfferKind(code) for code in request.GET.getlist("type") if code in known]


def _kind_choices(request: HttpRequest, view: RequestView) -> list[dict[str, Any]]:
    chosen = _kinds(request) or [view.request.kind]
    return [{"code": code, "label": label, "is_chosen": code in chosen} for code, label in KIND_CHOICES]


def _tab(request: HttpRequest, labels: Mapping[str, str]) -> str:
    tab = request.GET.get("etat", "")
    return tab if tab in labels else next(iter(labels))


def _tabs(route: str, labels: Mapping[str, str], current: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"{reverse(route)}?{urlencode({'etat': tab})}",
            "current": tab == current,
            "count": counts.get(tab, 0),
        }
        for tab, label in labels.items()
    ]


def _next_url(route: str, tab: str, next_key: str) -> str:
    return f"{reverse(route)}?{urlencode({'etat': tab, 'after': next_key})}" if next_key else ""


def _may(actor: Actor, permission: Permission, line_id: UUID) -> bool:
    return is_permitted(actor, permission, facts_of_line(line_id))
