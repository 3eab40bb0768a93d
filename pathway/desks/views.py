"""The desk of the signed-in role, the plans to be read again, and the page of a person."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.break_glass.forms import FindForm
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now
from accounts.kernel.http import page
from accounts.people.page import banner_of, panels_of
from pathway.cases.queries import timeline
from pathway.desks.lanes import Span, draw
from pathway.desks.papers import synthesis_for
from pathway.desks.queries import desk_of
from pathway.stays.queries import spans_of
from pathway.stays.states import StayState
from ppa.plans.queries import plans_waiting
from ppa.plans.states import REVIEW_REASON_LABELS, ReviewReason
from ppa.sheets.paper import handed_pdf

TIMELINE_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Deed:
    """Something the actor may do next for a person."""

    label: str
    url: str
    icon: str
    tone: str = "neutral"


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # (set by ActorMiddleware)
    return actor


@require_safe
@screen(Permission.USER_ACCOUNT_OPEN_OWN_DESK)
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the role: counts first, then the few most pressing of each kind."""
    return page(request, "pathway/desks/home.html", {"own": desk_of(_actor(request)), "form": FindForm()})


@require_safe
@screen(Permission.PPA_LIST)
def plans_to_review(request: HttpRequest) -> HttpResponse:
    """Show every plan to be read again, what waits longest first, or those of one reason."""
    asked = request.GET.get("raison", "")
    reason = ReviewReason(asked) if asked in set(ReviewReason) else None
    rows, next_key = plans_waiting(actor=_actor(request), reason=reason, after=request.GET.get("suite", ""))
    address = reverse("plans_to_review")
    tabs = [("", "Tous"), *REVIEW_REASON_LABELS.items()]
    context = {
        "rows": rows,
        "tabs": [
            {"label": label, "url": f"{address}?raison={word}" if word else address, "current": word == (reason or "")}
            for word, label in tabs
        ],
        "next_url": f"{address}?{urlencode({'raison': reason or '', 'suite': next_key})}" if next_key else "",
    }
    return page(request, "pathway/desks/plans_to_review.html", context)


@require_safe
@screen(Permission.PATIENT_IDENTITY_READ)
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Show a person: banner, panels, journey in lanes, one timeline, what may be done next."""
    actor = _actor(request)
    banner = banner_of(person_id, actor=actor)
    told = timeline(
        person_id, actor=actor, lane=request.GET.get("fil", ""), after=request.GET.get("suite", ""), size=TIMELINE_SHOWN
    )
    return page(
        request,
        "pathway/desks/person.html",
        {
            "banner": banner,
            "panels": [
                (
                    shown,
                    shown.actions if banner.died_on else (*shown.offers, *shown.actions),
                    render_to_string(shown.template, dict(shown.context), request),
                )
                for shown in panels_of(person_id, actor=actor)
            ],
            "deeds": _deeds(person_id, actor, alive=banner.died_on is None),
            "timeline": told,
            "lane": request.GET.get("fil", ""),
            "lanes": draw(_spans(person_id, actor), now=now()),
        },
    )


@require_safe
@screen(Permission.PPA_PRINT_EXPORT_PDF)
def synthesis(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Give what no other paper tells of a person's follow-up, as a PDF."""
    return handed_pdf(synthesis_for(person_id, actor=_actor(request)), "synthese-du-suivi")


def _spans(person_id: UUID, actor: Actor) -> list[Span]:
    """Return the stays to draw; none for an actor who may not read them."""
    if not is_permitted(actor, Permission.STAY_READ, Facts(type="stay", person_id=person_id)):
        return []
    tones = {StayState.ON_LEAVE: "warn", StayState.IN_PROGRESS: "info"}
    return [Span(s.lane, s.label, s.start, s.end, tones.get(s.state, "neutral")) for s in spans_of(person_id)]


def _deeds(person_id: UUID, actor: Actor, *, alive: bool) -> list[Deed]:
    """What is offered is asked of the gate; a death leaves only what a death leaves to do."""
    here = Facts(
        type="person", person_id=person_id, organisation_id=actor.organisation_id, sender_id=actor.organisation_id
    )
    offered = (
        (Permission.REFERRAL_CREATE_DRAFT, Deed("Orienter", reverse("referrals:new", args=[person_id]), "send", "primary")),
        (Permission.ERI_SP_ALERT_RAISE, Deed("Appeler l’équipe rapide", reverse("alerts:new", args=[person_id]), "ambulance", "crit")),
        (Permission.ANNOUNCEMENT_RECORD, Deed("Noter une annonce", reverse("announcements:new", args=[person_id]), "chat")),
        (Permission.RELATIVE_RECORD, Deed("Ajouter un proche", reverse("people:relative", args=[person_id]), "users")),
        (Permission.PATIENT_IDENTITY_UPDATE_LOCAL_TRAITS, Deed("Coordonnées", reverse("people:contact", args=[person_id]), "phone")),
        (Permission.CIRCLE_MEMBERSHIP_READ, Deed("Cercle de soins", reverse("people:circle", args=[person_id]), "shield")),
        (Permission.PPA_PRINT_EXPORT_PDF, Deed("Synthèse du suivi (PDF)", reverse("people:synthesis", args=[person_id]), "document")),
        (Permission.RGPD_REQUEST_READ, Deed("Droits de la personne", reverse("rights:show", args=[person_id]), "document")),
        (Permission.PATIENT_IDENTITY_MARK_DECEASED, Deed("Enregistrer un décès", reverse("stays:death", args=[person_id]), "candle")),
        (Permission.PATIENT_IDENTITY_CORRECT_DEATH, Deed("Décès noté par erreur", reverse("stays:death_by_mistake", args=[person_id]), "history")),
    )  # fmt: skip
    only_after = {Permission.PATIENT_IDENTITY_CORRECT_DEATH}
    still_after = {
        Permission.CIRCLE_MEMBERSHIP_READ,
        Permission.RELATIVE_RECORD,
        Permission.RGPD_REQUEST_READ,
        Permission.PPA_PRINT_EXPORT_PDF,
    }
    return [
        deed
        for permission, deed in offered
        if (permission not in only_after if alive else permission in still_after | only_after)
        and is_permitted(actor, permission, here)
    ]
