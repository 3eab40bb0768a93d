"""Pages of accounts and functions: who works here, with what right, and what a function opens."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.doors import screen
from accounts.access.permissions import Permission
from accounts.access.rules import MATRIX, is_stepped_up
from accounts.authentication.labels import ROLE_LABELS
from accounts.authentication.passwords import first_password
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotFound, StepUpNeeded
from accounts.kernel.http import ActorRequest, page, posted_by, refused, submit
from accounts.staff.commands import (
    allow_sessions,
    ask_reset,
    close_account,
    confirm_reset,
    end_function,
    grant_function,
    open_staff_account,
    review_staff,
)
from accounts.staff.forms import (
    BeginForm,
    ConfirmForm,
    FinishForm,
    GrantForm,
    OpeningForm,
    ResetForm,
    ReviewForm,
    SessionsForm,
)
from accounts.staff.queries import last_review, places, staff, staff_member
from accounts.staff.records import StaffSnapshot
from accounts.staff.rules import is_review_due
from accounts.staff.seeing import STANDINGS, menu_of, rights_of, screens_of

CRUMBS = [{"label": "Comptes et habilitations", "url": reverse_lazy("staff:index")}]
SEEN_ROLES = tuple(role for role in Role if role not in {Role.FHIR_CLIENT, Role.ANONYMOUS, Role.SYSTEM})


@screen(Permission.USER_ACCOUNT_LIST_OWN_ORG)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    """List the people of the organisation and its units."""
    shown, following = staff(request.actor, after=_uuid(request.GET.get("apres", "")))
    review = last_review(request.actor)
    context = {
        "people": [_line(one) for one in shown],
        "next_key": following or "",
        "review": review,
        "review_due": is_review_due(review[0] if review else None, today()),
        "may_open": _may(request, Permission.USER_ACCOUNT_CREATE_OWN_ORG),
        "may_review": _may(request, Permission.USER_ACCOUNT_REVIEW_HABILITATIONS_ANNUAL),
    }
    return page(request, "accounts/staff/index.html", context)


@screen(Permission.USER_ACCOUNT_CREATE_OWN_ORG)
@require_http_methods(["GET", "POST"])
def begin(request: ActorRequest) -> HttpResponse:
    """Open an account with its first function; the first password is shown once."""
    _ask_for_both_factors(request)
    password = first_password()
    posted = posted_by(request)
    form = BeginForm(posted, places=places(request.actor), password=password)
    receipt = submit(form, open_staff_account, request.actor) if posted else None
    if receipt is None:
        return page(request, "accounts/staff/begin.html", {"form": form, "crumbs": CRUMBS}, form=form)
    person = staff_member(receipt.id, actor=request.actor)
    if receipt.replayed or receipt.type != "user_account":
        messages.success(request, "La fonction est ouverte. Cette personne garde son moyen de connexion.")
        return redirect("staff:member", receipt.id)
    return page(request, "accounts/staff/password.html", {"person": person, "password": password, "is_new": True})


@screen(Permission.USER_ACCOUNT_LIST_OWN_ORG)
@require_safe
def member(request: ActorRequest, staff_id: UUID) -> HttpResponse:
    """Show somebody's account and functions, and what may be done."""
    person = staff_member(staff_id, actor=request.actor)
    is_self = staff_id == request.actor.professional_id
    others = not is_self and not person.works_elsewhere and bool(person.username)
    context = {
        **_line(person),
        "crumbs": CRUMBS,
        "functions": [{"one": one, "role": ROLE_LABELS[one.role]} for one in person.functions],
        "is_self": is_self,
        "may_grant": not is_self and _may(request, Permission.USER_ACCOUNT_GRANT_ROLE_OWN_ORG),
        "may_close": others and _may(request, Permission.USER_ACCOUNT_DISABLE),
        "may_allow_sessions": others and _may(request, Permission.USER_ACCOUNT_ALLOW_SESSIONS),
        "may_ask_reset": others and person.is_local and _may(request, Permission.USER_ACCOUNT_ASK_RESET),
        "may_confirm": others
        and person.reset_asked_by_id not in (None, request.actor.id)
        and _may(request, Permission.USER_ACCOUNT_RESET_MFA),
    }
    return page(request, "accounts/staff/member.html", context)


@screen(Permission.USER_ACCOUNT_GRANT_ROLE_OWN_ORG)
@require_http_methods(["GET", "POST"])
def grant(request: ActorRequest, staff_id: UUID) -> HttpResponse:
    """Give another function."""
    person = staff_member(staff_id, actor=request.actor)
    _ask_for_both_factors(request)
    form = GrantForm(posted_by(request), staff_id=staff_id, places=places(request.actor))
    if request.method == "POST" and submit(form, grant_function, request.actor):
        messages.success(request, "La fonction est ouverte : elle compte dès maintenant.")
        return redirect("staff:member", staff_id)
    return page(request, "accounts/staff/grant.html", {"person": person, "form": form}, form=form)


@screen(Permission.USER_ACCOUNT_GRANT_ROLE_OWN_ORG)
@require_http_methods(["GET", "POST"])
def finish(request: ActorRequest, staff_id: UUID) -> HttpResponse:
    """End a function now."""
    person = staff_member(staff_id, actor=request.actor)
    _ask_for_both_factors(request)
    chosen = _uuid(request.GET.get("fonction", ""))
    held = {one.id: one for one in person.functions if one.is_present}
    form = FinishForm(posted_by(request), staff_id=staff_id, initial={"function": chosen})
    if request.method == "POST":
        return _follow(request, form, end_function, "La fonction est terminée : elle n’ouvre plus rien.")
    if chosen not in held:
        raise NotFound
    context = {"person": person, "function": held[chosen], "role": ROLE_LABELS[held[chosen].role], "form": form}
    return page(request, "accounts/staff/finish.html", context)


@screen(Permission.USER_ACCOUNT_DISABLE)
@require_POST
def opening(request: ActorRequest, staff_id: UUID) -> HttpResponse:
    """Close an account, or open it again."""
    form = OpeningForm(request.POST, staff_id=staff_id)
    said = "Le compte est ouvert." if request.POST.get("is_open") else "Le compte est fermé, ses sessions aussi."
    return _follow(request, form, close_account, said)


@screen(Permission.USER_ACCOUNT_ALLOW_SESSIONS)
@require_POST
def sessions(request: ActorRequest, staff_id: UUID) -> HttpResponse:
    """Allow one session, or two."""
    return _follow(request, SessionsForm(request.POST, staff_id=staff_id), allow_sessions, "C’est noté.")


@screen(Permission.USER_ACCOUNT_ASK_RESET)
@require_POST
def reset(request: ActorRequest, staff_id: UUID) -> HttpResponse:
    """Ask for a reset."""
    said = "La demande attend une seconde personne : une autre personne qui gère les habilitations la confirme ici."
    return _follow(request, ResetForm(request.POST, staff_id=staff_id), ask_reset, said)


@screen(Permission.USER_ACCOUNT_RESET_MFA)
@require_POST
def confirm(request: ActorRequest, staff_id: UUID) -> HttpResponse:
    """Confirm what somebody else asked for; the first password is shown once."""
    person = staff_member(staff_id, actor=request.actor)
    password = first_password()
    receipt = submit(ConfirmForm(request.POST, staff_id=staff_id, password=password), confirm_reset, request.actor)
    if receipt is None or receipt.replayed:
        messages.error(request, "Rien n’a été réinitialisé : la demande n’attend plus, ou c’est vous qui l’avez faite.")
        return redirect("staff:member", staff_id)
    return page(request, "accounts/staff/password.html", {"person": person, "password": password, "is_new": False})


@screen(Permission.USER_ACCOUNT_REVIEW_HABILITATIONS_ANNUAL)
@require_http_methods(["GET", "POST"])
def review(request: ActorRequest) -> HttpResponse:
    """Read every present function of the organisation again, once a year."""
    people, after = staff(request.actor)
    while after:
        more, after = staff(request.actor, after=after)
        people += more
    rows = [
        {"person": person, "function": one, "role": ROLE_LABELS[one.role]}
        for person in people
        for one in person.functions
        if one.is_present
    ]
    form = ReviewForm(posted_by(request), initial={"functions": len(rows)})
    if request.method == "POST" and submit(form, review_staff, request.actor):
        messages.success(request, "La revue des habilitations est notée à votre nom.")
        return redirect("staff:index")
    context = {"rows": rows, "form": form, "last": last_review(request.actor), "crumbs": CRUMBS}
    return page(request, "accounts/staff/review.html", context, form=form)


@screen(Permission.USER_ACCOUNT_SEE_AS)
@require_safe
def see_as(request: ActorRequest) -> HttpResponse:
    """Show what a function opens: menu, rights, screens. No content, and nobody's place is taken."""
    role = next((one for one in SEEN_ROLES if one == request.GET.get("fonction")), SEEN_ROLES[0])
    standing = request.GET.get("lien", "")
    standing = standing if standing in STANDINGS else next(iter(STANDINGS))
    context = {
        "role": role,
        "role_label": ROLE_LABELS[role],
        "roles": [{"code": one, "label": ROLE_LABELS[one]} for one in SEEN_ROLES],
        "standing": standing,
        "standing_label": STANDINGS[standing].label,
        "standings": [{"code": code, "label": one.label} for code, one in STANDINGS.items()],
        "menu": menu_of(role),
        "objects": rights_of(role, standing),
        "screens": screens_of(role),
    }
    return page(request, "accounts/staff/see_as.html", context)


def _line(person: StaffSnapshot) -> dict[str, Any]:
    present = [one for one in person.functions if one.is_present]
    kinds = dict.fromkeys((one.role, one.ends_on) for one in present)
    return {
        "person": person,
        "present": [
            {
                "role": ROLE_LABELS[role],
                "ends_on": ends_on,
                "places": [one.organisation for one in present if (one.role, one.ends_on) == (role, ends_on)],
            }
            for role, ends_on in kinds
        ],
    }


def _follow(request: ActorRequest, form: Any, writer: Callable[..., Any], said: str) -> HttpResponse:
    if not submit(form, writer, request.actor):
        return refused(request, form)
    messages.success(request, said)
    return redirect("staff:member", form.staff_id)


def _ask_for_both_factors(request: ActorRequest) -> None:
    """Ask for both factors before the form is filled rather than after."""
    if not is_stepped_up(request.actor, now()):
        raise StepUpNeeded


def _may(request: ActorRequest, permission: Permission) -> bool:
    return (request.actor.role, permission) in MATRIX


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
