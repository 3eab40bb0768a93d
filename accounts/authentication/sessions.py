"""Who a session acts as: its account's professional, in one of his present functions."""

from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest

from accounts.authentication.models import User
from accounts.kernel.actor import ANONYMOUS, Actor, Channel, Role
from accounts.kernel.clock import today
from accounts.organisations.models import Membership

SITUATION = "situation"
AUTHENTICATED_AT = "authenticated_at"


def situations_of(user: User) -> list[Membership]:
    """Return the functions an account may act in today, by organisation name."""
    if user.professional_id is None:
        return []
    day = today()
    rows = Membership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day), professional_id=user.professional_id, starts_on__lte=day
    )
    return list(rows.select_related("organisation", "professional").order_by("organisation__name", "role", "id"))


def actor_of(request: HttpRequest) -> Actor:
    """Return the actor of a request; anonymous unless the account is active and has a function today."""
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return ANONYMOUS
    situation = _chosen(situations_of(user), request.session.get(SITUATION, ""))
    if situation is None:
        return ANONYMOUS
    since = request.session.get(AUTHENTICATED_AT)
    return Actor(
        role=Role(situation.role),
        channel=Channel.WEB,
        id=user.id,
        professional_id=situation.professional_id,
        organisation_id=situation.organisation_id,
        display_name=situation.professional.display_name,
        session=(request.session.session_key or "")[:12],
        authenticated_at=datetime.fromtimestamp(since, UTC) if since else None,
        ip=request.META.get("REMOTE_ADDR", ""),
    )


def _chosen(situations: list[Membership], chosen: str) -> Membership | None:
    for situation in situations:
        if chosen and situation.id == UUID(chosen):
            return situation
    return situations[0] if situations else None
