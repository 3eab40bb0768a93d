"""Pages about identities and the circle of care: find, register, reach, who stands round, who may see."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.access.commands import (
    agree_and_add,
    declare_treating,
    end_membership,
    lift_opposition,
    record_opposition,
    record_sharing_consent,
    review_claim,
    withdraw_sharing_consent,
)
from accounts.access.doors import screen
from accounts.access.gate import is_permitted, permit
from accounts.access.notices import notice_text
from accounts.access.permissions import Permission
from accounts.access.queries import agreements_of, circle_of, claims_of, refusals_by
from accounts.access.records import NOTICE_VERSION, Facts
from accounts.kernel.actor import Actor, Mandate
from accounts.kernel.errors import NotFound
from accounts.kernel.http import page, posted_by, refused, submit
from accounts.organisations.queries import known_structures
from accounts.people.commands import (
    change_relative,
    create_same_team,
    record_relative,
    register_person,
    settle_identity_alert,
    update_contact,
)
from accounts.people.forms import (
    ChangeRelativeForm,
    ConsentForm,
    ContactForm,
    DeclareTreatingForm,
    EndMembershipForm,
    LiftForm,
    OppositionForm,
    RegisterPersonForm,
    RelativeForm,
    ReviewClaimForm,
    SameTeamForm,
    SearchForm,
    SettleAlertForm,
    WithdrawForm,
)
from accounts.people.pace import hold_pace
from accounts.people.page import banner_of
from accounts.people.phones import phone
from accounts.people.queries import (
    alert_pairs,
    find_people,
    person_for,
    relatives_of,
    relatives_snapshot,
    speakers_for,
    team_choices,
)
from accounts.people.records import HeldRole, RelativeSnapshot
from accounts.people.states import RELATIVE_ROLE_LABELS, STATEABLE_ROLES, RelativeRole


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # (set by ActorMiddleware)
    return actor


@require_http_methods(["GET", "POST"])
@screen(Permission.PATIENT_IDENTITY_SEARCH_LIST)
def search(request: HttpRequest) -> HttpResponse:
    """Find persons within one's sight; what is typed comes in the body, never in an address."""
    form = SearchForm(posted_by(request))
    asked = form["q"].value() if form.is_bound and form.is_valid() else ""
    if asked:
        hold_pace(asked, by=_actor(request))
    found = find_people(form.cleaned_data["q"], actor=_actor(request)) if asked else []
    return page(
        request,
        "accounts/people/search.html",
        {"form": form, "found": found, "asked": bool(asked)},
        form=form if form.errors else None,
    )


@require_http_methods(["GET", "POST"])
@screen(Permission.PATIENT_IDENTITY_CREATE)
def register(request: HttpRequest) -> HttpResponse:
    """Register a person for one's organisation."""
    form = RegisterPersonForm(posted_by(request))
    if request.method == "POST" and (receipt := submit(form, register_person, _actor(request))):
        messages.success(request, "La personne est enregistrée.")
        return redirect("people:page", receipt.id)
    return page(request, "accounts/people/register.html", {"form": form}, form=form)


@require_http_methods(["GET", "POST"])
@screen(Permission.PATIENT_IDENTITY_UPDATE_LOCAL_TRAITS)
def contact(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Change how a person is reached."""
    actor = _actor(request)
    person = person_for(person_id, actor=actor)
    present = person.contact
    first, second, *_ = (*map(phone, present.phones), "", "")
    form = ContactForm(
        posted_by(request),
        person_id=person_id,
        present=present,
        initial={
            "version": person.version,
            "usual_name": person.usual_name,
            "usual_given_name": person.usual_given_name,
            "phone": first,
            "second_phone": second,
            "street": present.street,
            "postal_code": present.postal_code,
            "city": present.city,
        },
    )
    if request.method == "POST" and submit(form, update_contact, actor):
        messages.success(request, "Les coordonnées sont à jour.")
        return redirect("people:page", person_id)
    return page(
        request, "accounts/people/contact.html", {"form": form, "banner": banner_of(person_id, actor=actor)}, form=form
    )


@require_http_methods(["GET", "POST"])
@screen(Permission.RELATIVE_RECORD)
def relative(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Record somebody round the person."""
    actor = _actor(request)
    banner = banner_of(person_id, actor=actor)
    form = RelativeForm(posted_by(request), person_id=person_id)
    if request.method == "POST" and submit(form, record_relative, actor):
        messages.success(request, "Ce proche est enregistré.")
        return redirect("people:page", person_id)
    return page(request, "accounts/people/relative.html", {"form": form, "banner": banner, "present": None}, form=form)


@require_http_methods(["GET"])
@screen(Permission.RELATIVE_READ)
def relatives(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Show the people round the person: roles with their days, phones, the order of the calls."""
    actor = _actor(request)
    known = relatives_of(person_id, actor=actor)
    context = {
        "banner": banner_of(person_id, actor=actor),
        "relatives": [(one, _role_lines(one)) for one in known if one.active],
        "former": [(one, _role_lines(one)) for one in known if not one.active],
        "may_change": is_permitted(actor, Permission.RELATIVE_RECORD, Facts(type="relative", person_id=person_id)),
        "has_delegate": any(RelativeRole.ENS_DELEGATE in one.roles for one in known),
    }
    return page(request, "accounts/people/relatives.html", context)


def _role_lines(relative: RelativeSnapshot) -> list[tuple[str, HeldRole]]:
    return [(RELATIVE_ROLE_LABELS[held.role], held) for held in reversed(relative.history)]


@require_http_methods(["GET", "POST"])
@screen(Permission.RELATIVE_RECORD)
def change(request: HttpRequest, person_id: UUID, relative_id: UUID) -> HttpResponse:
    """Write down what changed of a relative."""
    actor = _actor(request)
    banner = banner_of(person_id, actor=actor)
    permit(actor, Permission.RELATIVE_RECORD, Facts(type="relative", person_id=person_id))
    present = next((one for one in relatives_snapshot(person_id) if one.id == relative_id), None)
    if present is None:
        raise NotFound
    first, second, *_ = (*map(phone, present.contact.phones), "", "")
    initial = {
        "version": present.version,
        "given": present.given,
        "family": present.family,
        "relation": present.relation,
        "roles": [str(role) for role in present.roles if role in STATEABLE_ROLES],
        "call_rank": present.call_rank,
        "birth_date": present.birth_date,
        "phone": first,
        "second_phone": second,
        "street": present.contact.street,
        "postal_code": present.contact.postal_code,
        "city": present.contact.city,
    }
    form = ChangeRelativeForm(posted_by(request), present=present, initial=initial)
    if request.method == "POST" and submit(form, change_relative, actor):
        messages.success(request, "C’est noté. Ce qui valait avant reste dans l’historique.")
        return redirect("people:relatives", person_id)
    return page(
        request, "accounts/people/relative.html", {"form": form, "banner": banner, "present": present}, form=form
    )


@require_http_methods(["GET"])
@screen(Permission.CIRCLE_MEMBERSHIP_READ)
def circle(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Show who stands round the person, on which ground, what she agreed to and what she refused."""
    actor = _actor(request)
    here = Facts(type="circle", person_id=person_id, treating_claim=True)
    told = is_permitted(actor, Permission.CONSENT_OPPOSITION_READ, here)
    members = circle_of(person_id, actor=actor)
    return page(
        request,
        "accounts/people/circle.html",
        {
            "banner": banner_of(person_id, actor=actor),
            "members": [member for member in members if member.is_present],
            "past": [member for member in members if not member.is_present],
            "claims": claims_of(person_id, actor=actor),
            "told": told,
            "agreements": agreements_of(person_id, actor=actor) if told else [],
            "refusals": refusals_by(person_id, actor=actor) if told else [],
            "speakers": dict(speakers_for(person_id)) if told else {},
            "may_record": is_permitted(actor, Permission.CONSENT_OPPOSITION_RECORD_CONSENT, here),
            "may_add_team": is_permitted(actor, Permission.CIRCLE_MEMBERSHIP_CREATE_SAME_TEAM, here)
            and bool(team_choices(person_id, actor=actor)),
            "may_withdraw": is_permitted(actor, Permission.CONSENT_OPPOSITION_WITHDRAW, here),
            "may_declare": not is_permitted(actor, Permission.CONSENT_OPPOSITION_RECORD_CONSENT, here)
            and is_permitted(actor, Permission.CIRCLE_MEMBERSHIP_SELF_JOIN, here),
        },
    )


@require_http_methods(["GET", "POST"])
@screen(Permission.CONSENT_OPPOSITION_RECORD_CONSENT)
def consent(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Record the person's agreement to sharing; the notice she is read stands on the page."""
    actor = _actor(request)
    banner = banner_of(person_id, actor=actor)
    permit(actor, Permission.CONSENT_OPPOSITION_RECORD_CONSENT, Facts(type="consent", person_id=person_id))
    form = ConsentForm(
        posted_by(request),
        person_id=person_id,
        structures=known_structures(actor=actor),
        relatives=speakers_for(person_id),
    )
    writer = agree_and_add if form.is_bound and form["enters"].value() else record_sharing_consent
    if request.method == "POST" and submit(form, writer, actor):
        messages.success(request, "L’accord de la personne est enregistré.")
        return redirect("people:circle", person_id)
    context = {"form": form, "banner": banner, "notice": notice_text(NOTICE_VERSION), "version": NOTICE_VERSION}
    return page(request, "accounts/people/consent.html", context, form=form)


@require_http_methods(["POST"])
@screen(Permission.CONSENT_OPPOSITION_WITHDRAW)
def withdraw(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Take an agreement back, with effect from the next request."""
    permit(_actor(request), Permission.CONSENT_OPPOSITION_WITHDRAW, Facts(type="consent", person_id=person_id))
    form = WithdrawForm(request.POST)
    if not submit(form, withdraw_sharing_consent, _actor(request)):
        return refused(request, form)
    messages.success(
        request,
        "L’accord est retiré. Ces structures n’ont plus accès au dossier, et les demandes qui leur étaient faites sont retirées.",
    )
    return _back_to_circle(request, person_id)


@require_http_methods(["GET", "POST"])
@screen(Permission.CONSENT_OPPOSITION_RECORD_OPPOSITION)
def opposition(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Record the person's refusal that a structure opens her file."""
    actor = _actor(request)
    banner = banner_of(person_id, actor=actor)
    permit(actor, Permission.CONSENT_OPPOSITION_RECORD_OPPOSITION, Facts(type="opposition", person_id=person_id))
    form = OppositionForm(
        posted_by(request),
        person_id=person_id,
        structures=known_structures(actor=actor),
        relatives=speakers_for(person_id),
    )
    if request.method == "POST" and submit(form, record_opposition, actor):
        messages.success(request, "Le refus de la personne est enregistré et s’applique dès maintenant.")
        return _back_to_circle(request, person_id)
    context = {"form": form, "banner": banner, "notice": notice_text(NOTICE_VERSION), "version": NOTICE_VERSION}
    return page(request, "accounts/people/opposition.html", context, form=form)


@require_http_methods(["POST"])
@screen(Permission.CONSENT_OPPOSITION_WITHDRAW)
def lift(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Take a refusal back."""
    permit(_actor(request), Permission.CONSENT_OPPOSITION_WITHDRAW, Facts(type="opposition", person_id=person_id))
    form = LiftForm(request.POST)
    if not submit(form, lift_opposition, _actor(request)):
        return refused(request, form)
    messages.success(request, "Le refus est levé.")
    return _back_to_circle(request, person_id)


@require_http_methods(["GET", "POST"])
@screen(Permission.CIRCLE_MEMBERSHIP_CREATE_SAME_TEAM)
def same_team(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Let another place of one's establishment into the circle, once the person is told."""
    actor = _actor(request)
    banner = banner_of(person_id, actor=actor)
    permit(actor, Permission.CIRCLE_MEMBERSHIP_CREATE_SAME_TEAM, Facts(type="circle", person_id=person_id))
    form = SameTeamForm(
        posted_by(request),
        person_id=person_id,
        places=team_choices(person_id, actor=actor),
    )
    if request.method == "POST" and submit(form, create_same_team, actor):
        messages.success(request, "Ce service fait maintenant partie de l’équipe de soins de la personne.")
        return redirect("people:circle", person_id)
    return page(request, "accounts/people/same_team.html", {"form": form, "banner": banner}, form=form)


@require_http_methods(["POST"])
@screen(Permission.CIRCLE_MEMBERSHIP_END)
def leave(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """End a membership of the circle."""
    form = EndMembershipForm(request.POST)
    if not submit(form, end_membership, _actor(request)):
        return refused(request, form)
    messages.success(request, "Cette structure ne fait plus partie du cercle de soins.")
    return _back_to_circle(request, person_id)


@require_http_methods(["GET", "POST"])
@screen(Permission.CIRCLE_MEMBERSHIP_SELF_JOIN)
def declare(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Declare that one takes care of a person whom one knows; it is reviewed afterwards."""
    actor = _actor(request)
    banner = banner_of(person_id, actor=actor)
    form = DeclareTreatingForm(posted_by(request), person_id=person_id)
    if request.method == "POST" and submit(form, declare_treating, actor):
        messages.success(request, "Le dossier vous est ouvert. Votre déclaration sera relue par le cercle de soins.")
        return redirect("people:page", person_id)
    return page(request, "accounts/people/declare.html", {"form": form, "banner": banner}, form=form)


@require_http_methods(["POST"])
@screen(Permission.CIRCLE_MEMBERSHIP_REVIEW_CLAIM)
def review(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Confirm or refuse a declared relation."""
    form = ReviewClaimForm(request.POST)
    if not submit(form, review_claim, _actor(request)):
        return refused(request, form)
    messages.success(request, "Votre réponse est enregistrée et s’applique dès maintenant.")
    return _back_to_circle(request, person_id)


def _back_to_circle(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Return to the circle, or home when what was just done closed it to the actor."""
    here = Facts(type="circle", person_id=person_id)
    still_open = is_permitted(_actor(request), Permission.PATIENT_IDENTITY_READ, here)
    return redirect("people:circle", person_id) if still_open else redirect("home")


@require_http_methods(["GET", "POST"])
@screen(Permission.PATIENT_IDENTITY_LIST_ALERTS)
def identity_alerts(request: HttpRequest) -> HttpResponse:
    """Compare records that look alike, and say whether they are one person."""
    actor = _actor(request)
    form = SettleAlertForm(posted_by(request))
    if request.method == "POST" and submit(form, settle_identity_alert, actor):
        messages.success(request, "Votre réponse est enregistrée.")
        return redirect("people:identity_alerts")
    return page(
        request,
        "accounts/people/identity_alerts.html",
        {
            "form": form,
            "pairs": alert_pairs(actor=actor),
            "mandated": Mandate.IDENTITY_VIGILANCE in actor.mandates,
        },
        form=form,
    )
