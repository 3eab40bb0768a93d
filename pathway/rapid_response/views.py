"""Pages of the rapid response: the call, the alert with its clock, the list of a team."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.http import RecordForm, page, posted_by, refused, submit
from accounts.people.page import banner_of, frame_of
from pathway.rapid_response import commands, forms
from pathway.rapid_response.queries import (
    alert_for,
    alert_page,
    alerts_for,
    facts_of,
    relay_offers,
    teams_covering,
)
from pathway.rapid_response.records import AlertSnapshot
from pathway.rapid_response.states import ALERT, AlertAction

BY_CALLER = {AlertAction.CANCEL}
WITH_A_FORM = {AlertAction.CLOSE: "close", AlertAction.DECLINE: "decline", AlertAction.CANCEL: "cancel"}


@dataclass(frozen=True, slots=True)
class Step:
    """A button of the alert's page: a plain step, or the name of a page with a form."""

    action: str
    label: str
    page: str
    tone: str


@dataclass(frozen=True, slots=True)
class Deed:
    """A form about one alert: its class, its command, its title and what is said once it is done."""

    form: type[forms.AlertForm]
    command: Callable[..., Any]
    permission: Permission
    title: str
    button: str
    done: str


DEEDS = {
    "decline": Deed(forms.DeclineForm, commands.decline_alert, Permission.ERI_SP_ALERT_FOLLOW, "Réorienter l’appel", "Réorienter", "L’appel est réorienté. Le service qui vous a appelés est prévenu."),
    "close": Deed(forms.CloseForm, commands.close_alert, Permission.ERI_SP_ALERT_FOLLOW, "Terminer l’intervention", "Terminer", "L’intervention est terminée."),
    "cancel": Deed(forms.CancelForm, commands.cancel_alert, Permission.ERI_SP_ALERT_CANCEL, "Annuler l’appel", "Annuler l’appel", "L’appel est annulé. L’équipe est prévenue."),
    "relay": Deed(forms.RelayForm, commands.plan_relay, Permission.ERI_SP_ALERT_FOLLOW, "Préparer le relais", "Enregistrer le relais", "Le relais est préparé."),
    "pause": Deed(forms.PauseForm, commands.pause_alert, Permission.ERI_SP_ALERT_FOLLOW, "Mettre le chronomètre en pause", "Mettre en pause", "Le chronomètre est en pause."),
}  # fmt: skip


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # (set by ActorMiddleware)
    return actor


@require_safe
@screen(Permission.ERI_SP_ALERT_LIST)
def index(request: HttpRequest) -> HttpResponse:
    """List the alerts that one's organisation received or sent."""
    everything = request.GET.get("voir") == "toutes"
    rows = alerts_for(_actor(request), open_only=not everything)
    return page(request, "pathway/rapid_response/index.html", {"rows": rows, "everything": everything})


@require_http_methods(["GET", "POST"])
@screen(Permission.ERI_SP_ALERT_RAISE)
def new(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Call the rapid team of the sector."""
    actor = _actor(request)
    banner = banner_of(person_id, actor=actor)
    _check_may_call(person_id, actor)
    teams = teams_covering(person_id, actor=actor)
    form = forms.CallForm(
        posted_by(request),
        person_id=person_id,
        teams=teams,
        initial={"callback_phone": ""},
    )
    if request.method == "POST" and (receipt := submit(form, commands.call_rapid_response, actor)):
        messages.success(request, "L’équipe rapide est appelée.")
        return redirect("alerts:page", receipt.id)
    return page(request, "pathway/rapid_response/new.html", {"form": form, "banner": banner, "teams": teams}, form=form)


def _check_may_call(person_id: UUID, actor: Actor) -> None:
    """Raise as the gate does when the call would be refused whatever the person agrees to: her agreement comes with it."""
    here = Facts(type="eri_sp_alert", person_id=person_id, organisation_id=actor.organisation_id)
    if not is_permitted(actor, Permission.ERI_SP_ALERT_RAISE, here):
        permit(actor, Permission.ERI_SP_ALERT_RAISE, here)


@require_safe
@screen(Permission.ERI_SP_ALERT_READ)
def alert(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Show an alert, its clock and what may be done now."""
    actor = _actor(request)
    shown = alert_page(alert_id, actor=actor)
    return page(
        request,
        "pathway/rapid_response/page.html",
        {
            "shown": shown,
            "alert": shown.alert,
            **frame_of(shown.alert.person_id, actor=actor),
            "steps": _steps(shown.alert, actor),
            "may_follow": is_permitted(actor, Permission.ERI_SP_ALERT_FOLLOW, facts_of(shown.alert)),
            "clock_form": forms.ResumeForm(alert_id=alert_id, initial={"version": shown.alert.version}),
        },
    )


@require_safe
@screen(Permission.ERI_SP_ALERT_READ)
def clock(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Draw the clock alone, for the page that asks every thirty seconds."""
    shown = alert_page(alert_id, actor=_actor(request))
    return page(request, "pathway/rapid_response/_clock.html", {"shown": shown})


@require_http_methods(["POST"])
@screen(Permission.ERI_SP_ALERT_FOLLOW)
def follow(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Note a step of the team."""
    form = forms.FollowForm(request.POST, alert_id=alert_id)
    return _done(request, form, commands.follow_alert, alert_id, "C’est noté.")


@require_http_methods(["POST"])
@screen(Permission.ERI_SP_ALERT_FOLLOW)
def resume(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Let the clock run again."""
    form = forms.ResumeForm(request.POST, alert_id=alert_id)
    return _done(request, form, commands.resume_alert, alert_id, "Le chronomètre repart.")


def deed_view(name: str) -> Callable[..., HttpResponse]:
    """Return the page of one deed on an alert."""
    deed = DEEDS[name]

    @require_http_methods(["GET", "POST"])
    @screen(deed.permission)
    def view(request: HttpRequest, alert_id: UUID) -> HttpResponse:
        actor = _actor(request)
        shown = alert_for(alert_id, actor=actor)
        more = {"offers": relay_offers(shown, actor=actor)} if deed.form is forms.RelayForm else {}
        form = deed.form(
            posted_by(request),
            alert_id=alert_id,
            initial={"version": shown.version},
            **more,
        )
        if request.method == "POST" and submit(form, deed.command, actor):
            messages.success(request, deed.done)
            return redirect("alerts:page", alert_id) if deed.form is not forms.DeclineForm else redirect("alerts:index")
        context = {"form": form, "deed": deed, "alert": shown, **frame_of(shown.person_id, actor=actor)}
        return page(request, "pathway/rapid_response/deed.html", context, form=form)

    return view


def _steps(shown: AlertSnapshot, actor: Actor) -> list[Step]:
    facts = facts_of(shown)
    team = is_permitted(actor, Permission.ERI_SP_ALERT_FOLLOW, facts)
    caller = is_permitted(actor, Permission.ERI_SP_ALERT_CANCEL, facts)
    return [
        Step(
            move.action,
            move.label,
            WITH_A_FORM.get(AlertAction(move.action), ""),
            "primary" if number == 0 else "neutral",
        )
        for number, move in enumerate(ALERT.moves_from(shown.state))
        if (caller if move.action in BY_CALLER else team)
    ]


def _done(
    request: HttpRequest, form: RecordForm, command: Callable[..., Any], alert_id: UUID, said: str
) -> HttpResponse:
    if not submit(form, command, _actor(request)):
        return refused(request, form)
    messages.success(request, said)
    return redirect("alerts:page", alert_id)
