"""Who a session acts as: its account's professional, in one of his present functions."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from accounts.access.rules import MANDATED
from accounts.authentication.models import User
from accounts.authentication.open_sessions import note_use, remember, renew_key
from accounts.authentication.records import Held, ProvenIdentity
from accounts.authentication.rules import is_session_over
from accounts.authentication.situations import held_by
from accounts.authentication.states import Way
from accounts.kernel.actor import ANONYMOUS, Actor, Channel, Mandate, Role
from accounts.kernel.clock import now
from accounts.organisations.models import FUNCTIONS

SITUATION = "situation"
AUTHENTICATED_AT = "authenticated_at"
STARTED_AT = "started_at"
SEEN_AT = "seen_at"
GRANT_DUE_AT = "grant_due_at"
AT_EMERGENCY_POST = "emergency_post"
EMERGENCY_IDLE_SECONDS = 10 * 60
SEEN_EVERY = timedelta(seconds=60)


def begin(request: HttpRequest, user: User) -> None:
    """Start the clocks of a session that just signed in, beside the account's others."""
    request.session[STARTED_AT] = request.session[SEEN_AT] = now().timestamp()
    proven: ProvenIdentity | None = getattr(request, "proven", None)
    if proven is None:
        remember(request, user, way=Way.LOCAL)
        return
    remember(request, user, way=Way.PROSANTE, grant=dict(proven.grant), due_in=proven.lasts)
    request.session[GRANT_DUE_AT] = (now() + proven.lasts).timestamp()
    request.session[AUTHENTICATED_AT] = proven.proven_at.timestamp()
    request.session[SITUATION] = getattr(request, "situation_before", "") or _declared_situation(user, proven.places)


def _declared_situation(user: User, places: frozenset[str]) -> str:
    """Return the one function of an account at a place that its holder declares to Pro Santé Connect, else nothing.

    Declarations come late and often without a number: they choose among our functions, they neither open nor close one.
    """
    declared = [one for one in situations_of(user) if places & one.places]
    return str(declared[0].id) if len(declared) == 1 else ""


def came_by(request: HttpRequest) -> Way:
    """Return what opened the request's session."""
    return Way.PROSANTE if GRANT_DUE_AT in request.session else Way.LOCAL


def note_both_factors(request: HttpRequest) -> None:
    """Note that whoever holds this session has just given what the account needs."""
    request.session[AUTHENTICATED_AT] = now().timestamp()


def confirm_both_factors(request: HttpRequest) -> None:
    """Do so in a session that is open already: its rights rise, so its key changes."""
    note_both_factors(request)
    renew_key(request)


def forget_second_factor(request: HttpRequest) -> None:
    """Take back what the second factor gave: the session reaches its enrolment page only."""
    request.session.pop(AUTHENTICATED_AT, None)


def is_fully_signed_in(request: HttpRequest) -> bool:
    """Tell whether both factors were given in this session."""
    return AUTHENTICATED_AT in request.session


def is_over(request: HttpRequest) -> bool:
    """Tell whether a session has ended by time, and note that it is in use otherwise.

    A part of a page that refreshes by itself is no sign that somebody is there.
    """
    present = now()
    started, seen = (_instant(request.session.get(key)) or present for key in (STARTED_AT, SEEN_AT))
    idle = timedelta(seconds=idle_seconds(request))
    if is_session_over(started_at=started, seen_at=seen, at=present, idle=idle):
        return True
    by_itself = request.method == "GET" and request.headers.get("HX-Request") == "true"
    if SEEN_AT not in request.session or (present - seen > SEEN_EVERY and not by_itself):
        request.session.setdefault(STARTED_AT, present.timestamp())
        request.session[SEEN_AT] = present.timestamp()
        note_use(request)
    return False


def idle_seconds(request: HttpRequest) -> int:
    """Return how long a session may stay without a click: less at a post of emergency dispatch, which several people share."""
    longest: int = settings.SESSION_IDLE_SECONDS
    return min(longest, EMERGENCY_IDLE_SECONDS) if AT_EMERGENCY_POST in request.session else longest


def note_post(request: HttpRequest, actor: Actor) -> None:
    """Note when a session begins to serve at a post of emergency dispatch, or leaves it."""
    if (actor.role == Role.EMERGENCY_DISPATCHER) == (AT_EMERGENCY_POST in request.session) or not actor.is_signed_in:
        return
    if AT_EMERGENCY_POST in request.session:
        del request.session[AT_EMERGENCY_POST]
    else:
        request.session[AT_EMERGENCY_POST] = True


def situations_of(user: User) -> list[Held]:
    """Return the functions that an account holds today and was granted, by organisation name."""
    return _functions(held_by(user.pk))


def _functions(held: Iterable[Held]) -> list[Held]:
    return [one for one in held if one.role in FUNCTIONS]


def mandates_among(held: Iterable[Held], organisation_id: UUID) -> frozenset[Mandate]:
    """Return the mandates for an organisation among what an account holds."""
    here = (one.role for one in held if one.organisation_id == organisation_id)
    return frozenset(Mandate(role) for role in here if role in list(Mandate))


def choose_situation(request: HttpRequest, situation_id: UUID) -> bool:
    """Act in another present function of the account from now on; return False when it is none of his."""
    if not any(situation.id == situation_id for situation in present_situations(request)):
        return False
    request.session[SITUATION] = str(situation_id)
    return True


def present_situations(request: HttpRequest) -> list[Held]:
    """Return the functions of the signed-in account, read once a request."""
    return _functions(_held(request))


def _held(request: HttpRequest) -> list[Held]:
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return []
    found: list[Held] | None = getattr(request, "held", None)
    if found is None:
        found = held_by(user.pk)
        request.held = found  # type: ignore[attr-defined]  # (kept for the time of one request)
    return found


def situation_of(request: HttpRequest) -> Held | None:
    """Return the function a session acts in: the chosen one, or the only one; `None` while there is a choice to make."""
    situations = present_situations(request)
    chosen = request.session.get(SITUATION, "")
    for situation in situations:
        if str(situation.id) == chosen:
            return situation
    return situations[0] if len(situations) == 1 else None


def actor_of(request: HttpRequest) -> Actor:
    """Return the actor of a request; anonymous unless both factors were given and the account has a function today."""
    user = request.user
    if not isinstance(user, User) or not is_fully_signed_in(request):
        return ANONYMOUS
    situation = situation_of(request)
    if situation is None:
        return ANONYMOUS
    return Actor(
        role=Role(situation.role),
        channel=Channel.WEB,
        id=user.id,
        professional_id=situation.professional_id,
        organisation_id=situation.organisation_id,
        stands_for=situation.establishment,
        display_name=situation.professional_name,
        session=(request.session.session_key or "")[:12],
        authenticated_at=_instant(request.session.get(AUTHENTICATED_AT)),
        ip=request.META.get("REMOTE_ADDR", ""),
        mandates=mandates_among(_held(request), situation.organisation_id)
        if situation.role in MANDATED
        else frozenset(),
    )


def _instant(stamp: float | None) -> datetime | None:
    return datetime.fromtimestamp(stamp, UTC) if stamp else None
