"""Pages about systems: which are connected, for whom, with what rights; opened and widened by two persons."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.access.unit import Command
from accounts.kernel.http import ActorRequest, RecordForm, page, posted_by, refused, submit
from accounts.systems import commands
from accounts.systems.forms import AnswerForm, CloseForm, RegisterForm, RotateForm, ScopesForm
from accounts.systems.queries import acts_on, client_for, registered_clients


@require_safe
@screen(Permission.FHIR_CLIENT_LIST)
def index(request: ActorRequest) -> HttpResponse:
    """List the systems, those with something to confirm first."""
    clients = sorted(registered_clients(request.actor), key=lambda one: one.ask is None)
    may_register = is_permitted(request.actor, Permission.FHIR_CLIENT_PROPOSE, Facts(type="fhir_client"))
    return page(request, "accounts/systems/index.html", {"clients": clients, "may_register": may_register})


@require_http_methods(["GET", "POST"])
@screen(Permission.FHIR_CLIENT_PROPOSE)
def register(request: ActorRequest) -> HttpResponse:
    """Register a system; a second person opens it."""
    form = RegisterForm(posted_by(request))
    if request.method == "POST" and (receipt := submit(form, commands.propose_client, request.actor)):
        messages.success(request, "Le système est enregistré. Une autre personne doit confirmer ses portées.")
        return redirect("systems:client", receipt.id)
    return page(request, "accounts/systems/register.html", {"form": form}, form=form)


@require_safe
@screen(Permission.FHIR_CLIENT_LIST)
def client(request: ActorRequest, client_id: UUID) -> HttpResponse:
    """Show one system and what may be done with it."""
    shown = client_for(client_id, actor=request.actor)
    context = {"client": shown, "acts": acts_on(shown, actor=request.actor), "me": request.actor.id}
    return page(request, "accounts/systems/client.html", context)


@require_http_methods(["GET", "POST"])
@screen(Permission.FHIR_CLIENT_PROPOSE)
def scopes(request: ActorRequest, client_id: UUID) -> HttpResponse:
    """Ask for other scopes of a system."""
    shown = client_for(client_id, actor=request.actor)
    form = ScopesForm(
        posted_by(request),
        client_id=client_id,
        initial={"scopes": "\n".join(shown.scopes)},
    )
    if request.method == "POST" and submit(form, commands.ask_scopes, request.actor):
        messages.success(request, "La demande est enregistrée. Une autre personne doit la confirmer.")
        return redirect("systems:client", client_id)
    return page(request, "accounts/systems/scopes.html", {"form": form, "client": shown}, form=form)


@require_http_methods(["GET", "POST"])
@screen(Permission.FHIR_CLIENT_ROTATE_KEY)
def rotate(request: ActorRequest, client_id: UUID) -> HttpResponse:
    """Change a system's keys."""
    shown = client_for(client_id, actor=request.actor)
    form = RotateForm(posted_by(request), client_id=client_id, initial={"jwks_url": shown.keys.url})
    if request.method == "POST" and submit(form, commands.rotate_keys, request.actor):
        messages.success(request, "Les clés sont remplacées. Les anciennes ne valent plus rien, leurs jetons non plus.")
        return redirect("systems:client", client_id)
    return page(request, "accounts/systems/rotate.html", {"form": form, "client": shown}, form=form)


@require_POST
@screen(Permission.FHIR_CLIENT_REGISTER)
def open_(request: ActorRequest, client_id: UUID) -> HttpResponse:
    """Open a new system that a colleague registered."""
    return _done(request, client_id, AnswerForm(request.POST), commands.open_client, "Le système est ouvert.")


@require_POST
@screen(Permission.FHIR_CLIENT_WIDEN_SCOPE)
def widen(request: ActorRequest, client_id: UUID) -> HttpResponse:
    """Grant the scopes that a colleague asked for."""
    return _done(request, client_id, AnswerForm(request.POST), commands.widen_scopes, "Les portées sont accordées.")


@require_POST
@screen(Permission.FHIR_CLIENT_PROPOSE)
def refuse(request: ActorRequest, client_id: UUID) -> HttpResponse:
    """Refuse a request, or take one's own back."""
    return _done(request, client_id, AnswerForm(request.POST), commands.refuse_ask, "La demande est écartée.")


@require_POST
@screen(Permission.FHIR_CLIENT_DISABLE)
def close(request: ActorRequest, client_id: UUID) -> HttpResponse:
    """Close a system at once."""
    form = CloseForm(request.POST, client_id=client_id)
    return _done(request, client_id, form, commands.disable_client, "Le système est fermé : il n’obtient plus rien.")


def _done(request: ActorRequest, client_id: UUID, form: RecordForm, act: Command[Any], said: str) -> HttpResponse:
    client_for(client_id, actor=request.actor)
    if not submit(form, act, request.actor):
        return refused(request, form)
    messages.success(request, said)
    return redirect("systems:client", client_id)
