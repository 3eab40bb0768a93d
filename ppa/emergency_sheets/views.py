"""Pages of the emergency sheet: writing, signing, handing out, checking that a SAMU would find the person, and the code of a paper."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.doors import public, screen
from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.audit.signing import published_keys
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from accounts.kernel.http import ActorRequest, page, posted_by, refused, submit
from accounts.kernel.keyring import public_keys
from accounts.people.page import frame_of
from ppa.emergency_sheets import forms
from ppa.emergency_sheets.code import read_code
from ppa.emergency_sheets.commands import note_holder, sign_sheet, take_back, withdraw_sheet, write_sheet
from ppa.emergency_sheets.queries import (
    copy_out,
    current_for,
    draft_of,
    holders_of,
    lookup_of,
    scanned_version,
    sheet_of,
    version_for,
    version_paper,
    versions_of,
)
from ppa.emergency_sheets.reading import lines_of, replacement_message
from ppa.emergency_sheets.records import SheetSnapshot
from ppa.emergency_sheets.rules import remarks_on, to_recover, to_replace
from ppa.emergency_sheets.states import EMERGENCY_SHEET, SheetState

TONES = {SheetState.SIGNED: "ok", SheetState.STALE: "warn", SheetState.DRAFTING: "info"}


@screen(Permission.EMERGENCY_SHEET_READ)
@require_safe
def sheet(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Show where the sheet stands, what changed since, what it says, who holds which version."""
    shown = sheet_of(person_id, actor=request.actor)
    held = holders_of(person_id, actor=request.actor) if shown else []
    in_force = shown.id if shown and shown.current else None
    is_stale = bool(shown and shown.current and shown.drift)
    context = {
        **_frame(person_id, request.actor),
        "sheet": shown,
        "state_label": _state_label(shown, is_stale=is_stale),
        "state_tone": "warn" if is_stale else TONES.get(shown.state, "neutral") if shown else "neutral",
        "lines": lines_of(shown.current.content) if shown and shown.current else None,
        "versions": versions_of(person_id, actor=request.actor),
        "to_replace": to_replace([one for one in held if one.sheet_id == in_force], shown.number) if shown else (),
        "to_recover": to_recover(held, in_force),
        "holders": held,
        "withdraw_form": _withdraw_form(shown),
    }
    return page(request, "ppa/emergency_sheets/page.html", context)


@screen(Permission.EMERGENCY_SHEET_UPDATE)
@require_http_methods(["GET", "POST"])
def write(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Complete what the file already says."""
    draft = draft_of(person_id, actor=request.actor)
    initial = {**forms.initial_of(draft.written), "version": draft.version}
    form = forms.WriteForm(posted_by(request), person_id=person_id, initial=initial)
    if request.method == "POST" and submit(form, write_sheet, request.actor):
        messages.success(request, "La fiche est rédigée. Relisez-la, puis signez-la.")
        return redirect("emergency_sheets:sign", person_id)
    context = {**_frame(person_id, request.actor), "form": form, "lines": lines_of(draft.content)}
    return page(request, "ppa/emergency_sheets/write.html", context, form=form)


@screen(Permission.EMERGENCY_SHEET_SIGN)
@require_http_methods(["GET", "POST"])
def sign(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Show the sheet as it will be printed, with what must be looked at again, and sign it."""
    draft = draft_of(person_id, actor=request.actor)
    if draft.sheet_id is None:
        raise NotFound
    initial = {"version": draft.version, "digest": draft.digest}
    form = forms.SignForm(posted_by(request), target=draft.sheet_id, initial=initial)
    if request.method == "POST" and submit(form, sign_sheet, request.actor):
        messages.success(request, f"La version {draft.number} est signée. Donnez-la à ceux qui doivent l’avoir.")
        return redirect("emergency_sheets:page", person_id)
    context = {
        **_frame(person_id, request.actor),
        "form": form,
        "fresh_form": forms.SignForm(None, target=draft.sheet_id, initial=initial),
        "draft": draft,
        "lines": lines_of(draft.content),
        "remarks": remarks_on(draft.content),
    }
    return page(request, "ppa/emergency_sheets/sign.html", context, form=form)


@screen(Permission.EMERGENCY_SHEET_READ)
@require_safe
def version(request: ActorRequest, person_id: UUID, sheet_version_id: UUID) -> HttpResponse:
    """Show one signed version."""
    shown = version_for(person_id, sheet_version_id, actor=request.actor)
    context = {
        **_frame(person_id, request.actor),
        "version": shown,
        "current": current_for(person_id, actor=request.actor),
        "lines": lines_of(shown.content),
    }
    return page(request, "ppa/emergency_sheets/version.html", context)


@screen(Permission.EMERGENCY_SHEET_READ)
@require_safe
def paper(request: ActorRequest, person_id: UUID, sheet_version_id: UUID) -> HttpResponse:
    """Give the PDF of a signed version, to be saved: it never opens inside a page of ours."""
    shown, content = version_paper(person_id, sheet_version_id, actor=request.actor)
    return HttpResponse(
        content,
        content_type=shown.document.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="fiche-urgence-version-{shown.number}.pdf"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
        },
    )


@screen(Permission.EMERGENCY_SHEET_CIRCULATE)
@require_http_methods(["GET", "POST"])
def note_new_holder(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Note who was given the last signed version."""
    shown = _signed(person_id, request.actor)
    initial = {"version": shown.version, "who": request.actor.display_name}
    form = forms.HolderForm(posted_by(request), target=shown.id, initial=initial)
    if request.method == "POST" and submit(form, note_holder, request.actor):
        messages.success(request, "C’est noté.")
        return redirect("emergency_sheets:page", person_id)
    subtitle = f"Version {shown.number}. Rien n’est envoyé d’ici : vous notez ce qui a été fait."
    return _form_page(request, person_id, form, title="Qui a la fiche ?", subtitle=subtitle)


@screen(Permission.EMERGENCY_SHEET_CIRCULATE)
@require_http_methods(["GET", "POST"])
def renew(request: ActorRequest, person_id: UUID, holder_id: UUID) -> HttpResponse:
    """Note that a holder was given the new version."""
    shown, held = copy_out(person_id, holder_id, actor=request.actor)
    if shown.current is None:
        raise NotFound
    initial = {"version": shown.version, "who": request.actor.display_name}
    form = forms.RenewForm(posted_by(request), target=shown.id, holder=held, initial=initial)
    if request.method == "POST" and submit(form, note_holder, request.actor):
        messages.success(request, f"C’est noté : {held.title} a la version {shown.number}.")
        return redirect("emergency_sheets:page", person_id)
    if held.number == shown.number:
        subtitle, message = f"{held.title} a déjà la version {shown.number}.", ""
    else:
        subtitle = f"{held.title} : la version {shown.number} remplace la version {held.number}."
        message = replacement_message(shown.current, former=held.number)
    return _form_page(request, person_id, form, title="Donner la nouvelle version", subtitle=subtitle, message=message)


@screen(Permission.EMERGENCY_SHEET_CIRCULATE)
@require_http_methods(["GET", "POST"])
def recover(request: ActorRequest, person_id: UUID, holder_id: UUID) -> HttpResponse:
    """Note that a holder has no copy any more."""
    shown, held = copy_out(person_id, holder_id, actor=request.actor)
    initial = {"version": shown.version, "who": request.actor.display_name}
    form = forms.TakeBackForm(posted_by(request), target=shown.id, holder_id=holder_id, initial=initial)
    if request.method == "POST" and submit(form, take_back, request.actor):
        messages.success(request, "C’est noté.")
        return redirect("emergency_sheets:page", person_id)
    subtitle = f"{held.title}, version {held.number}"
    return _form_page(request, person_id, form, title="La fiche a été reprise ou détruite", subtitle=subtitle)


@screen(Permission.EMERGENCY_SHEET_CIRCULATE)
@require_safe
def lookup(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Tell whether the SAMU would find the person by the numbers that her family would call from."""
    found = lookup_of(person_id, actor=request.actor)
    context = {**_frame(person_id, request.actor), "lookup": found}
    return page(request, "ppa/emergency_sheets/lookup.html", context)


@screen(Permission.EMERGENCY_SHEET_WITHDRAW)
@require_POST
def withdraw(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Take the sheet out of use."""
    shown = _found(sheet_of(person_id, actor=request.actor))
    form = forms.WithdrawForm(request.POST, target=shown.id)
    if not submit(form, withdraw_sheet, request.actor):
        return refused(request, form)
    messages.success(request, "La fiche est retirée. Prévenez ceux qui en ont une copie.")
    return redirect("emergency_sheets:page", person_id)


@screen(Permission.EMERGENCY_SHEET_READ)
@require_safe
def scanned(request: ActorRequest, sheet_version_id: UUID) -> HttpResponse:
    """Tell an entitled reader whether the paper in his hand is still the one in force."""
    shown = scanned_version(sheet_version_id, actor=request.actor)
    sheet = sheet_of(shown.person_id, actor=request.actor)
    context = {**_frame(shown.person_id, request.actor), "version": shown, "sheet": sheet}
    return page(request, "ppa/emergency_sheets/scanned.html", context)


@public("public keys: whoever holds a paper verifies its code by these, without a connection")
@require_safe
def code_keys(request: HttpRequest) -> JsonResponse:
    """Answer the public keys of our signatures (Ed25519, 32 bytes in hex)."""
    return JsonResponse({"keys": published_keys()})


@public("a signature is checked by arithmetic alone: nothing of anybody is looked up or told")
@require_http_methods(["GET", "POST"])
def check_code(request: HttpRequest) -> HttpResponse:
    """Say whether a code was made here, its version and its day; never whose it is, nor whether it is superseded."""
    form = forms.CodeForm(posted_by(request))
    is_asked = form.is_bound and form.is_valid()
    said = read_code(form.cleaned_data["code"], public_keys()) if is_asked else None
    context = {"form": form, "is_asked": is_asked, "said": said}
    status = 422 if form.is_bound and said is None else 200
    return render(request, "ppa/emergency_sheets/check_code.html", context, status=status)


def _frame(person_id: UUID, actor: Actor) -> dict[str, Any]:
    facts = _facts(person_id, organisation_id=actor.organisation_id)
    rights = {
        "may_write": Permission.EMERGENCY_SHEET_UPDATE,
        "may_circulate": Permission.EMERGENCY_SHEET_CIRCULATE,
    }
    frame = frame_of(person_id, actor=actor)
    alive = frame["banner"] is None or not frame["banner"].died_on
    allowed = {name: is_permitted(actor, right, facts) for name, right in rights.items()}
    return {
        **frame,
        "person_id": person_id,
        "may_write": alive and allowed["may_write"],
        "may_circulate": allowed["may_circulate"],
    }


def _facts(person_id: UUID, **fields: Any) -> Facts:
    return Facts(type="emergency_sheet", person_id=person_id, **fields)


def _state_label(shown: SheetSnapshot | None, *, is_stale: bool) -> str:
    if shown is None:
        return ""
    return EMERGENCY_SHEET.label(SheetState.STALE if is_stale else shown.state)


def _withdraw_form(shown: SheetSnapshot | None) -> forms.WithdrawForm | None:
    if shown is None or shown.state == SheetState.WITHDRAWN:
        return None
    return forms.WithdrawForm(None, target=shown.id, initial={"version": shown.version})


def _found(shown: SheetSnapshot | None) -> SheetSnapshot:
    if shown is None:
        raise NotFound
    return shown


def _signed(person_id: UUID, actor: Actor) -> SheetSnapshot:
    permit(actor, Permission.EMERGENCY_SHEET_CIRCULATE, _facts(person_id))
    shown = _found(sheet_of(person_id, actor=actor))
    if shown.current is None:
        raise NotFound
    return shown


def _form_page(
    request: ActorRequest, person_id: UUID, form: Any, *, title: str, subtitle: str, message: str = ""
) -> HttpResponse:
    context = {
        **_frame(person_id, request.actor),
        "form": form,
        "title": title,
        "subtitle": subtitle,
        "message": message,
        "back": reverse("emergency_sheets:page", args=[person_id]),
    }
    return page(request, "ppa/emergency_sheets/form.html", context, form=form)
