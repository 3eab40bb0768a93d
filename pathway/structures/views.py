"""The directory: a list with filters, the page of an offer, its correction, the import of a file."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.http import ActorRequest, page, posted_by, submit
from pathway.structures.commands import import_structures, update_offer
from pathway.structures.forms import DirectoryFilter, ImportForm, UpdateOfferForm
from pathway.structures.page import places_lines
from pathway.structures.queries import (
    area_names,
    departements_listed,
    directory,
    last_import,
    offer_for,
    possible_referents,
)
from pathway.structures.records import OfferSnapshot
from pathway.structures.states import EXCLUSION_LABELS


@require_safe
@screen(Permission.STRUCTURE_DIRECTORY_READ)
def index(request: ActorRequest) -> HttpResponse:
    """Show the structures of the region, filtered."""
    actor = request.actor
    form = DirectoryFilter(request.GET, departements=departements_listed())
    wanted = form.wanted()
    found = directory(
        actor,
        kind=wanted["kind"],
        departement=wanted["departement"],
        text=wanted["text"],
        after=request.GET.get("suite", ""),
    )
    places = places_lines([offer.id for offer in found.offers], actor=actor)
    kept = {"texte": wanted["text"], "type": wanted["kind"], "departement": wanted["departement"]}
    following = "?" + urlencode({**kept, "suite": found.next_key}) if found.next_key else ""
    return page(
        request,
        "pathway/structures/index.html",
        {
            "form": form,
            "rows": [{"offer": offer, "places": places.get(offer.id)} for offer in found.offers],
            "next_url": following,
            "may_import": is_permitted(actor, Permission.STRUCTURE_DIRECTORY_IMPORT, Facts(type="directory")),
        },
    )


@require_safe
@screen(Permission.STRUCTURE_DIRECTORY_READ)
def offer(request: ActorRequest, offer_id: UUID) -> HttpResponse:
    """Show one offer: what for, for whom, how to reach it, its places."""
    actor = request.actor
    found = offer_for(offer_id, actor=actor)
    own = Facts(type="care_offer", id=found.id, organisation_id=found.organisation_id)
    return page(
        request,
        "pathway/structures/offer.html",
        {
            "offer": found,
            "areas": area_names(found.areas),
            "ages": _ages(found),
            "excludes": [EXCLUSION_LABELS[one] for one in sorted(found.criteria.excludes)],
            "levels": sorted(found.criteria.levels),
            "places": places_lines([found.id], actor=actor).get(found.id),
            "may_update": is_permitted(actor, Permission.STRUCTURE_DIRECTORY_UPDATE_OWN_ORG, own),
        },
    )


@require_http_methods(["GET", "POST"])
@screen(Permission.STRUCTURE_DIRECTORY_UPDATE_OWN_ORG)
def update(request: ActorRequest, offer_id: UUID) -> HttpResponse:
    """Correct what the structure says of its offer."""
    actor = request.actor
    staff = possible_referents(offer_id, actor=actor)
    found = offer_for(offer_id, actor=actor)
    form = UpdateOfferForm(posted_by(request), offer=found, staff=staff)
    if request.method == "POST" and submit(form, update_offer, actor):
        messages.success(request, "La fiche est à jour.")
        return redirect("structures:offer", offer_id)
    return page(request, "pathway/structures/update.html", {"form": form, "offer": found}, form=form)


@require_http_methods(["GET", "POST"])
@screen(Permission.STRUCTURE_DIRECTORY_IMPORT)
def import_file(request: ActorRequest) -> HttpResponse:
    """Import a directory file, or show which lines to correct."""
    actor = request.actor
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and submit(form, import_structures, actor):
        messages.success(request, "Le fichier est importé.")
        return redirect("structures:import")
    return page(
        request, "pathway/structures/import.html", {"form": form, "report": last_import("structures")}, form=form
    )


def _ages(found: OfferSnapshot) -> str:
    least, most = found.criteria.min_age, found.criteria.max_age
    if least is not None and most is not None:
        return f"De {least} à {most} ans"
    if least is not None:
        return f"À partir de {least} ans"
    return f"Jusqu’à {most} ans" if most is not None else "À tout âge"
