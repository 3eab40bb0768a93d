"""« Mes places »: one figure an offer, one press to confirm that it has not changed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.access.doors import screen
from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from accounts.kernel.http import ActorRequest, page, submit
from pathway.capacity.commands import declare_places
from pathway.capacity.forms import DeclareForm
from pathway.capacity.queries import places_for
from pathway.structures.queries import offers_of


@require_safe
@screen(Permission.BED_AVAILABILITY_UPDATE)
def mine(request: ActorRequest) -> HttpResponse:
    """Show the figures of the actor's structure."""
    actor = request.actor
    return page(request, "pathway/capacity/mine.html", {"rows": _rows(actor)})


@require_POST
@screen(Permission.BED_AVAILABILITY_UPDATE)
def declare(request: ActorRequest, offer_id: UUID) -> HttpResponse:
    """Keep the figure of one offer; on a refusal, show the page again with the figure that was typed."""
    actor = request.actor
    rows = _rows(actor)
    row = next((row for row in rows if row["offer"].id == offer_id), None)
    if row is None:
        raise NotFound
    form = row["form"] = DeclareForm(request.POST, places=row["places"])
    if submit(form, declare_places, actor):
        messages.success(request, f"Places enregistrées : {row['offer'].name}.")
        return redirect("capacity:mine")
    return page(request, "pathway/capacity/mine.html", {"rows": rows}, form=form)


def _rows(actor: Actor) -> list[dict[str, Any]]:
    offers = [offer for offer in offers_of(actor.organisation_id, actor=actor) if offer.facts_of_kind.nature]
    figures = places_for([offer.id for offer in offers], actor=actor)
    return [
        {"offer": offer, "places": figures[offer.id], "form": DeclareForm(places=figures[offer.id])}
        for offer in offers
        if offer.id in figures
    ]
