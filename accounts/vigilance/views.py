"""Pages of identity vigilance: two records side by side, their merge, and its end."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.doors import screen
from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.kernel.errors import NotAllowed
from accounts.kernel.http import ActorRequest, page, posted_by, refused, submit
from accounts.people.pace import hold_pace
from accounts.people.page import banner_of
from accounts.people.queries import find_people, person_facts
from accounts.vigilance.commands import merge_records, note_merge_read, part_records
from accounts.vigilance.forms import MergeForm, NoteReadForm, PartForm, SearchForm
from accounts.vigilance.queries import comparison_of, holds_mandate, merge_for, record_to_read
from accounts.vigilance.queries import merges as merges_here
from accounts.vigilance.records import Comparison, Side
from accounts.vigilance.states import MergeState

CRUMBS = [{"label": "Identités à comparer", "url": reverse_lazy("people:identity_alerts")}]


@screen(Permission.PATIENT_IDENTITY_COMPARE)
@require_http_methods(["GET", "POST"])
def choose(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Find the record to compare a person's with; what is typed comes in the body."""
    permit(request.actor, Permission.PATIENT_IDENTITY_COMPARE, person_facts(person_id))
    form = SearchForm(posted_by(request))
    asked = form.is_bound and form.is_valid()
    if asked:
        hold_pace(form.cleaned_data["q"], by=request.actor)
    found = find_people(form.cleaned_data["q"], actor=request.actor) if asked else []
    context = {
        "banner": banner_of(person_id, actor=request.actor),
        "form": form,
        "asked": asked,
        "found": [one for one in found if one.id != person_id],
    }
    return page(request, "accounts/vigilance/choose.html", context, form=form if form.errors else None)


@screen(Permission.PATIENT_IDENTITY_COMPARE)
@require_safe
def compare(request: ActorRequest, person_id: UUID, other_id: UUID) -> HttpResponse:
    """Show two records side by side."""
    comparison = comparison_of(person_id, other_id, actor=request.actor)
    return page(request, "accounts/vigilance/compare.html", {"comparison": comparison, "crumbs": CRUMBS})


@screen(Permission.PATIENT_IDENTITY_MERGE)
@require_http_methods(["GET", "POST"])
def merge(request: ActorRequest, person_id: UUID, other_id: UUID) -> HttpResponse:
    """Merge two records; both factors are asked for before the form is filled."""
    for one in (person_id, other_id):
        permit(request.actor, Permission.PATIENT_IDENTITY_MERGE, person_facts(one))
    comparison = comparison_of(person_id, other_id, actor=request.actor)
    first, second = comparison.sides
    form = MergeForm(
        posted_by(request),
        choices=_choices(comparison),
        initial={
            "kept": next(iter(comparison.keepable)) if len(comparison.keepable) == 1 else None,
            "person_version": first.person.version,
            "other_version": second.person.version,
        },
    )
    if request.method == "POST" and (receipt := submit(form, merge_records, request.actor)):
        messages.success(request, "Les deux dossiers n’en font plus qu’un.")
        return redirect("vigilance:merged", receipt.id)
    context = {"comparison": comparison, "form": form, "crumbs": CRUMBS}
    return page(request, "accounts/vigilance/merge.html", context, form=form)


@screen(Permission.PATIENT_IDENTITY_MERGE)
@require_safe
def merges(request: ActorRequest) -> HttpResponse:
    """List the merges that the organisation made."""
    if not holds_mandate(request.actor):
        raise NotAllowed
    return page(
        request, "accounts/vigilance/merges.html", {"merges": merges_here(actor=request.actor), "crumbs": CRUMBS}
    )


@screen(Permission.PATIENT_IDENTITY_UNMERGE)
@require_http_methods(["GET", "POST"])
def merged(request: ActorRequest, merge_id: UUID) -> HttpResponse:
    """Show a merge, what was written since, and part the records again when they were two persons."""
    found = merge_for(merge_id, actor=request.actor)
    form = PartForm(posted_by(request), merge_id=merge_id, initial={"version": found.version})
    if request.method == "POST" and submit(form, part_records, request.actor):
        messages.success(request, "Chaque personne a retrouvé son dossier.")
        return redirect("vigilance:merged", merge_id)
    crumbs = [*CRUMBS, {"label": "Dossiers réunis", "url": reverse("vigilance:merges")}]
    context = {"merge": found, "form": form, "stands": found.state == MergeState.JOINED, "crumbs": crumbs}
    return page(request, "accounts/vigilance/merged.html", context, form=form)


@screen(Permission.PATIENT_IDENTITY_NOTE_READ)
@require_POST
def note_read(request: ActorRequest, merge_id: UUID) -> HttpResponse:
    """Note that a physician has read what both records held."""
    person_id = record_to_read(merge_id, actor=request.actor)
    form = NoteReadForm(request.POST, merge_id=merge_id)
    receipt = submit(form, note_merge_read, request.actor)
    if receipt is None:
        return refused(request, form)
    messages.success(request, "Votre relecture est notée.")
    return redirect("people:page", person_id)


def _choices(comparison: Comparison) -> list[tuple[UUID, str]]:
    return [(side.person.id, _named(side, comparison)) for side in comparison.sides]


def _named(side: Side, comparison: Comparison) -> str:
    person = side.person
    known = f", connu de {', '.join(side.origins)}" if side.origins else ""
    kept = "" if person.id in comparison.keepable else " (ne peut pas être gardé : l’autre identité est qualifiée)"
    return f"{person.display_name}, {person.traits.birth_date:%d/%m/%Y}{known}{kept}"
