"""What the layout of every page shows of the signed-in professional."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from accounts.access.permissions import Permission
from accounts.access.rules import MATRIX
from accounts.authentication.labels import ROLE_LABELS
from accounts.authentication.sessions import idle_seconds, present_situations, situation_of
from accounts.break_glass.queries import count_to_review, may_find
from accounts.kernel import read_only
from accounts.kernel.actor import Actor, Role

Count = Callable[[Actor], int]


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the side navigation: shown to the roles that have the right, once its route exists.

    `shown`: tells, when the right alone does not, whether the entry leads an actor anywhere.
    """

    route: str
    label: str
    icon: str
    permission: Permission
    shown: Callable[[Actor], bool] | None = None


LINKS = (
    Link("home", "Accueil", "home", Permission.USER_ACCOUNT_OPEN_OWN_DESK),
    Link("break_glass:search", "Urgence", "ambulance", Permission.BREAK_GLASS_FIND, may_find),
    Link("cases:index", "Dossiers suivis", "clipboard", Permission.COORDINATION_FILE_LIST),
    Link("referrals:incoming", "Demandes reçues", "inbox", Permission.REFERRAL_LIST_INCOMING),
    Link("referrals:outgoing", "Demandes envoyées", "send", Permission.REFERRAL_LIST_OUTGOING),
    Link("alerts:index", "Alertes ERI-SP", "bell", Permission.ERI_SP_ALERT_LIST),
    Link("stays:here", "Séjours", "bed", Permission.STAY_LIST),
    Link("capacity:mine", "Nos places", "chart", Permission.BED_AVAILABILITY_UPDATE),
    Link("break_glass:queue", "Accès d’urgence à revoir", "key", Permission.BREAK_GLASS_REVIEW),
    Link("structures:index", "Structures et équipes", "building", Permission.STRUCTURE_DIRECTORY_READ),
    Link("people:identity_alerts", "Identités à vérifier", "shield", Permission.PATIENT_IDENTITY_LIST_ALERTS),
    Link("indicators:index", "Statistiques", "chart", Permission.STATISTICS_READ_AGGREGATE_OWN_ORG),
    Link("systems:index", "Systèmes raccordés", "link", Permission.FHIR_CLIENT_LIST),
    Link("staff:index", "Comptes et habilitations", "users", Permission.USER_ACCOUNT_LIST_OWN_ORG),
    Link("staff:see_as", "Voir comme…", "eye", Permission.USER_ACCOUNT_SEE_AS),
    Link("rights:waiting", "Copies de dossiers", "document", Permission.RGPD_REQUEST_LIST),
    Link("retention:index", "Conservation", "history", Permission.RETENTION_PURGE_PREVIEW),
    Link("trails:unusual", "Accès à relire", "eye", Permission.ACCESS_LOG_REVIEW),
    Link("trails:mine", "Mes accès", "history", Permission.ACCESS_LOG_READ_OWN_ACCESSES),
    Link("queues:index", "Système", "server", Permission.OUTBOX_QUEUE_READ),
)
_counts: dict[str, Count] = {"break_glass:queue": count_to_review}


def counted(route: str) -> Callable[[Count], Count]:
    """Register the count shown beside a link. It runs on every page: it reads one kept row, it never counts over a table."""

    def register(count: Count) -> Count:
        _counts[route] = count
        return count

    return register


def desk(request: HttpRequest) -> dict[str, Any]:
    """Return the side navigation, read only by the pages that show it; `None` when nobody is signed in."""
    shown: dict[str, Any] = {"is_demo": settings.ENVIRONMENT != "production", "has_prosante": bool(settings.PSC_ISSUER)}
    shown["read_only"] = read_only.mode()
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not actor.is_signed_in:
        return {"desk": None, **shown}
    return {"desk": SimpleLazyObject(lambda: _desk(request, actor, is_demo=shown["is_demo"])), **shown}


def _desk(request: HttpRequest, actor: Actor, *, is_demo: bool) -> dict[str, Any]:
    situation = situation_of(request)
    return {
        "person_name": actor.display_name,
        "organisation_name": situation.organisation_name if situation else "",
        "role_label": ROLE_LABELS[actor.role],
        "links": _links(actor, request.path),
        "is_demo": is_demo,
        "search_url": _search_url(actor),
        "situation_url": _url("situation") if len(present_situations(request)) > 1 else "",
        "account_url": _url("mfa_index"),
        "idle_seconds": idle_seconds(request),
    }


def _links(actor: Actor, here: str) -> list[dict[str, Any]]:
    shown = [(link, url) for link in LINKS if _leads(actor, link) and (url := _url(link.route))]
    current = max((url for _, url in shown if _is_at(url, here)), key=len, default="")
    return [
        {
            "url": url,
            "label": link.label,
            "icon": link.icon,
            "count": _counts[link.route](actor) if link.route in _counts else None,
            "current": url == current,
        }
        for link, url in shown
    ]


def _leads(actor: Actor, link: Link) -> bool:
    return (actor.role, link.permission) in MATRIX and (link.shown is None or link.shown(actor))


def _is_at(url: str, here: str) -> bool:
    return here == url or (url != "/" and here.startswith(url))


def _search_url(actor: Actor) -> str:
    if actor.role == Role.EMERGENCY_DISPATCHER:
        return _url("break_glass:search")
    may_search = (actor.role, Permission.PATIENT_IDENTITY_SEARCH_LIST) in MATRIX
    return _url("people:search") if may_search else ""


@lru_cache
def _url(route: str) -> str:
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""
