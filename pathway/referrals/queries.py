"""Reading requests: what a structure received, what an organisation sent, and the snapshots for papers and the bridge."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet

from accounts.access.gate import is_permitted, memberships_of, permit, read_once, scope, unopposed
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.access.states import ADDRESSED, Category
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotFound
from accounts.kernel.http import KeyPage
from accounts.people.queries import people_lines, person_snapshot, relatives_snapshot
from accounts.people.records import FoundPerson, PersonSnapshot
from accounts.people.states import RelativeRole
from pathway.capacity.queries import places_for
from pathway.referrals.models import LineMessage, Request, RequestLine
from pathway.referrals.records import (
    Candidate,
    Dossier,
    LineRow,
    LineSnapshot,
    LineView,
    Match,
    Message,
    RequestRow,
    RequestSnapshot,
    RequestView,
    Situation,
    Waiting,
    minimum_of,
    sections_of,
)
from pathway.referrals.rules import AdmittedElsewhere, is_lost, match_offers, waiting
from pathway.referrals.states import (
    LINE,
    LINE_FACTS,
    LIVE,
    MAY_EXPIRE,
    MESSAGE_LABELS,
    REQUEST,
    SHOWN_TO_RECIPIENT,
    UNANSWERED,
    URGENCY_LABELS,
    ClosingReason,
    Destination,
    LineState,
    MessageKind,
    RequestState,
    Urgency,
    reason_label,
)
from pathway.structures.queries import directory, offers_covering
from pathway.structures.states import EXCLUSION_LABELS, KINDS, Exclusion, OfferKind

INBOX: Mapping[str, tuple[LineState, ...]] = {
    "nouvelles": (LineState.SENT, LineState.RECEIVED, LineState.INFO_SUPPLIED),
    "etude": (LineState.UNDER_REVIEW, LineState.INFO_REQUESTED),
    "attente": (LineState.WAITLISTED, LineState.AGREED_IN_PRINCIPLE, LineState.OFFERED),
    "admises": (LineState.ADMITTED,),
}
"""The tabs of a structure's inbox, by their word in the address."""

ANSWERS = (
    LineState.OFFERED,
    LineState.AGREED_IN_PRINCIPLE,
    LineState.WAITLISTED,
    LineState.INFO_REQUESTED,
    LineState.DECLINED,
)
MOST_SHOWN = 50
NEAR_MISSES = 20


def incoming(*, actor: Actor, tab: str = "nouvelles", after: str = "") -> tuple[list[LineRow], str]:
    """Return one page of what the actor's structure received, with the key of the next page: minimum set only."""
    rows = _incoming(actor).filter(state__in=INBOX.get(tab, INBOX["nouvelles"]))
    page = KeyPage.of(_with_names(rows), key="updated_at", after=after)
    return _line_rows(page.items), page.next_key


def incoming_counts(*, actor: Actor) -> dict[str, int]:
    """Return how many lines wait under each tab of the inbox."""
    states = [state for tab in INBOX.values() for state in tab]
    counted = _incoming(actor).filter(state__in=states).order_by("state").values_list("state").annotate(n=Count("pk"))
    by_state = dict(counted)
    return {tab: sum(by_state.get(state, 0) for state in states) for tab, states in INBOX.items()}


def outgoing(*, actor: Actor, tab: str = "encours", after: str = "") -> tuple[list[RequestRow], str]:
    """Return one page of what the actor's organisation asked: `encours`, `brouillons`, `abouties` or `closes`."""
    rows = _outgoing(actor)
    active = rows.filter(state=RequestState.ACTIVE)
    chosen = {
        "brouillons": rows.filter(state=RequestState.DRAFT),
        "abouties": active.exclude(admitted_line_id=None),
        "closes": rows.filter(state__in=[RequestState.COMPLETED, RequestState.REVOKED]),
    }.get(tab, active.filter(admitted_line_id=None))
    page = KeyPage.of(_with_lines(chosen), key="updated_at", after=after)
    return _request_rows(page.items), page.next_key


def lost_requests(*, actor: Actor) -> list[RequestRow]:
    """Return the active requests that no structure can answer any more: send to others, or take back."""
    live = RequestLine.objects.filter(request=OuterRef("pk"), state__in=[*LIVE, LineState.ENDED])
    rows = _outgoing(actor).filter(~Exists(live), state=RequestState.ACTIVE, admitted_line_id=None)
    return _request_rows(_with_lines(rows).order_by("updated_at", "id")[:MOST_SHOWN])


def silences(*, actor: Actor) -> list[LineRow]:
    """Return the lines of the actor's organisation that stay without an answer past the usual time, oldest first."""
    rows = _sent_lines(actor).filter(state__in=list(UNANSWERED), answer_due_at__lt=now())
    return _line_rows(_with_names(rows).order_by("answer_due_at", "id")[:MOST_SHOWN])


def answers_received(*, actor: Actor) -> list[LineRow]:
    """Return the lines whose structure answered and that wait for the sender, newest first."""
    rows = _sent_lines(actor).filter(
        state__in=ANSWERS, request__state=RequestState.ACTIVE, request__admitted_line_id=None
    )
    return _line_rows(_with_names(rows).order_by("-updated_at", "-id")[:MOST_SHOWN])


def request_for(request_id: UUID, *, actor: Actor) -> RequestView:
    """Return a request to its sender's organisation; raises `NotFound` to anybody else."""
    request = _with_lines(Request.objects.filter(pk=request_id)).first()
    if request is None or request.sender_id not in actor.organisations:
        raise NotFound
    permit(actor, Permission.REFERRAL_READ_FULL_DOSSIER, request.facts())
    lines = list(request.lines.all())
    return RequestView(
        request=_request(request),
        row=_request_rows([request])[0],
        sections=sections_of(Dossier(**request.dossier)),
        needs=_needs(request),
        messages=_messages([line.pk for line in lines]),
        notes={line.pk: line.note for line in lines if line.note},
    )


def line_for(line_id: UUID, *, actor: Actor) -> LineView:
    """Return a line to the structure asked: the minimum set, or the whole dossier once the matrix gives it.

    Raises `NotFound` to others, and once the line is declined, withdrawn, closed or expired;
    `AdmittedElsewhere` when another structure was first, so that nobody waits for her.
    """
    line = _with_names(RequestLine.objects.filter(pk=line_id)).first()
    if line is None or line.recipient_id not in actor.organisations:
        raise NotFound
    if line.reason == ClosingReason.ADMITTED_ELSEWHERE:
        raise AdmittedElsewhere
    if line.state not in SHOWN_TO_RECIPIENT:
        raise NotFound
    permit(actor, Permission.REFERRAL_READ_MINIMUM_DATASET, line.facts())
    is_full = is_permitted(actor, Permission.REFERRAL_READ_FULL_DOSSIER, line.facts())
    if is_full:
        permit(actor, Permission.REFERRAL_READ_FULL_DOSSIER, line.facts())
    dossier = Dossier(**line.request.dossier)
    return LineView(
        line=_line(line),
        row=_line_rows([line])[0],
        sections=sections_of(dossier if is_full else minimum_of(dossier)),
        needs=_needs(line.request),
        is_full=is_full,
        sender_phone=line.sender.phone,
        counts_places=KINDS[OfferKind(line.offer.kind)].nature is not None,
        messages=_messages([line.pk]).get(line.pk, ()),
    )


@read_once
def requests_of(person_id: UUID) -> list[RequestRow]:
    """Return the requests sent for a person, newest first, unscoped: the caller has asked the gate."""
    return _request_rows(sent_requests(person_id))


@Rows
def sent_requests() -> QuerySet[Request]:
    """Read the requests sent for a person, newest first."""
    rows = Request.objects.filter(person_id=ASKED).exclude(state=RequestState.DRAFT)
    return _with_lines(rows).order_by("-created_at", "-id")[:MOST_SHOWN]


def live_requests(person_id: UUID, *, actor: Actor) -> list[RequestRow]:
    """Return the requests that the actor's organisation already has in hand for a person: follow them, ask once."""
    rows = _outgoing(actor).filter(person_id=person_id, state__in=[RequestState.DRAFT, RequestState.ACTIVE])
    return _request_rows(_with_lines(rows).order_by("-updated_at", "-id")[:MOST_SHOWN])


def matches_for(request_id: UUID, *, actor: Actor, kinds: Collection[OfferKind] = ()) -> tuple[Match, ...]:
    """Return the structures that could receive the person of a request, compared with reasons, best first.

    `kinds`: those to look among, the kind asked for when empty. Structures of another
    place stay in the list as near misses; those that already have the request do not.
    """
    request = request_for(request_id, actor=actor).request
    person = person_snapshot(request.person_id)
    situation = _situation(request, person)
    wanted = sorted(kinds) or [request.kind]
    near = offers_covering(commune=situation.commune, departement=situation.departement, kinds=wanted, actor=actor)
    covering = {offer.id for offer in near}
    far = [offer for kind in wanted for offer in directory(actor, kind=kind, size=NEAR_MISSES).offers]
    offers = {offer.id: offer for offer in [*near, *far] if offer.id not in request.offer_ids}
    places = places_for(offers, actor=actor)
    return match_offers(
        situation,
        [Candidate(offer=offer, places=places.get(offer.id), covers=offer.id in covering) for offer in offers.values()],
    )


def request_snapshot(request_id: UUID) -> RequestSnapshot:
    """Return a request, unscoped: for the projection."""
    request = _with_lines(Request.objects.filter(pk=request_id)).first()
    if request is None:
        raise NotFound
    return _request(request)


def line_snapshot(line_id: UUID) -> LineSnapshot:
    """Return a line, unscoped: for the projection and for commands of features above."""
    line = RequestLine.objects.filter(pk=line_id).select_related("request").first()
    if line is None:
        raise NotFound
    return _line(line)


def open_line_ids(request_id: UUID) -> list[UUID]:
    """Return the live lines of a request, unscoped: for what must end with an admission."""
    rows = RequestLine.objects.filter(request_id=request_id, state__in=LIVE)
    return list(rows.order_by("id").values_list("id", flat=True))


def live_line_ids_of(person_id: UUID) -> list[UUID]:
    """Return the live lines of a person, unscoped: for what must end with a death."""
    rows = RequestLine.objects.filter(person_id=person_id, state__in=LIVE)
    return list(rows.order_by("id").values_list("id", flat=True))


def lines_to_expire(*, limit: int = 100) -> list[tuple[UUID, int]]:
    """Return the lines whose time is over, oldest first, each with the version that was silent."""
    due = RequestLine.objects.filter(state__in=MAY_EXPIRE, expires_at__lt=now())
    return list(due.order_by("expires_at", "id").values_list("id", "version")[:limit])


def lines_to_settle_in(before: datetime, *, limit: int = 100) -> list[UUID]:
    """Return the lines admitted before an instant whose person is not yet told as being in care."""
    due = RequestLine.objects.filter(state=LineState.ADMITTED, in_care=False, admitted_at__lt=before)
    return list(due.order_by("admitted_at", "id").values_list("id", flat=True)[:limit])


def facts_of_request(request_id: UUID) -> Facts:
    """Return what the gate looks at for a request: for the projection."""
    request = Request.objects.filter(pk=request_id).first()
    if request is None:
        raise NotFound
    return request.facts()


def facts_of_line(line_id: UUID) -> Facts:
    """Return what the gate looks at for a line: for showing or hiding a button."""
    line = RequestLine.objects.filter(pk=line_id).first()
    if line is None:
        raise NotFound
    return line.facts()


def _situation(request: RequestSnapshot, person: PersonSnapshot) -> Situation:
    born, day = person.traits.birth_date, today()
    roles = {role for relative in relatives_snapshot(person.id) for role in relative.roles}
    return Situation(
        kind=request.kind,
        level=request.level,
        age=day.year - born.year - ((day.month, day.day) < (born.month, born.day)),
        commune=person.contact.commune,
        departement=person.departement,
        needs=request.needs,
        has_carer=True if RelativeRole.CARER in roles else None,
    )


def _incoming(actor: Actor) -> QuerySet[RequestLine]:
    seen = scope(actor, Permission.REFERRAL_LIST_INCOMING)
    standing = memberships_of(actor).filter(person_id=OuterRef("person_id"), basis__in=ADDRESSED)
    return RequestLine.objects.filter(
        seen, Exists(standing), unopposed(actor, Category.REQUESTS), recipient__in=actor.organisations
    )


def _outgoing(actor: Actor) -> QuerySet[Request]:
    seen = scope(actor, Permission.REFERRAL_LIST_OUTGOING)
    return Request.objects.filter(seen, unopposed(actor, Category.REQUESTS), sender__in=actor.organisations)


def _sent_lines(actor: Actor) -> QuerySet[RequestLine]:
    seen = scope(actor, Permission.REFERRAL_LIST_OUTGOING)
    return RequestLine.objects.filter(seen, unopposed(actor, Category.REQUESTS), sender__in=actor.organisations)


def _with_names(rows: QuerySet[RequestLine]) -> QuerySet[RequestLine]:
    return rows.select_related("request", "offer", "sender")


def _with_lines(rows: QuerySet[Request]) -> QuerySet[Request]:
    lines = RequestLine.objects.select_related("request", "offer", "sender").order_by("created_at", "id")
    return rows.prefetch_related(Prefetch("lines", queryset=lines))


def _line_rows(lines: Iterable[RequestLine]) -> list[LineRow]:
    found = list(lines)
    people = people_lines({line.person_id for line in found})
    return [_line_row(line, people[line.person_id]) for line in found]


def _request_rows(requests: Iterable[Request]) -> list[RequestRow]:
    found = list(requests)
    people = people_lines({request.person_id for request in found})
    return [_request_row(request, people[request.person_id]) for request in found]


def _line_row(line: RequestLine, person: FoundPerson) -> LineRow:
    state = LineState(line.state)
    return LineRow(
        id=line.pk,
        version=line.version,
        request_id=line.request_id,
        person_id=line.person_id,
        person_name=person.name,
        birth_year=person.birth_date.year,
        city=person.city,
        kind_label=KINDS[OfferKind(line.request.kind)].label,
        urgency_label=URGENCY_LABELS[Urgency(line.request.urgency)],
        level=line.request.level,
        sender_name=line.sender.name,
        offer_id=line.offer_id,
        offer_name=line.offer.name,
        offer_phone=line.offer.phone,
        state=state,
        state_label=LINE.label(state),
        tone=LINE_FACTS[state].tone,
        detail=_detail(line, state),
        waiting=_waiting(line, state),
        updated_at=line.updated_at,
    )


def _detail(line: RequestLine, state: LineState) -> str:
    if state == LineState.WAITLISTED:
        return f"rang {line.rank}"
    if state == LineState.OFFERED and line.offered_on:
        return f"à partir du {line.offered_on:%d/%m/%Y}"
    if state == LineState.DECLINED and line.alternative:
        other = KINDS[OfferKind(line.alternative)].long_label
        return f"{reason_label(state, line.reason)} ; la structure propose : {other}"
    return reason_label(state, line.reason)


def _waiting(line: RequestLine, state: LineState) -> Waiting | None:
    if line.sent_at is None or line.answer_due_at is None:
        return None
    until = None if state in UNANSWERED else line.updated_at
    return waiting(since=line.sent_at, due=line.answer_due_at, until=until, now=now())


def _request_row(request: Request, person: FoundPerson) -> RequestRow:
    lines = [line for line in request.lines.all() if line.reason != "not-chosen"]
    state = RequestState(request.state)
    return RequestRow(
        id=request.pk,
        version=request.version,
        person_id=request.person_id,
        person_name=person.name,
        city=person.city,
        kind_label=KINDS[OfferKind(request.kind)].label,
        urgency_label=URGENCY_LABELS[Urgency(request.urgency)],
        state=state,
        state_label=REQUEST.label(state),
        is_settled=request.admitted_line_id is not None,
        is_lost=state == RequestState.ACTIVE and is_lost(LineState(line.state) for line in lines),
        sent_at=request.sent_at,
        created_at=request.created_at,
        lines=tuple(_line_row(line, person) for line in lines),
    )


def _needs(request: Request) -> tuple[str, ...]:
    return tuple(EXCLUSION_LABELS[Exclusion(need)] for need in request.needs)


def _messages(line_ids: Iterable[UUID]) -> dict[UUID, tuple[Message, ...]]:
    rows = LineMessage.objects.filter(line_id__in=list(line_ids)).select_related("author", "organisation")
    found: dict[UUID, tuple[Message, ...]] = {}
    for row in rows.order_by("created_at", "id"):
        kind = MessageKind(row.kind)
        author = " · ".join(str(each) for each in (row.author, row.organisation) if each)
        message = Message(kind=kind, label=MESSAGE_LABELS[kind], author=author, text=row.text, at=row.created_at)
        found[row.line_id] = (*found.get(row.line_id, ()), message)
    return found


def _request(request: Request) -> RequestSnapshot:
    return RequestSnapshot(
        id=request.pk,
        version=request.version,
        person_id=request.person_id,
        sender_id=request.sender_id,
        requester_id=request.requester_id,
        state=RequestState(request.state),
        kind=OfferKind(request.kind),
        urgency=Urgency(request.urgency),
        level=request.level,
        needs=frozenset(Exclusion(need) for need in request.needs),
        dossier=Dossier(**request.dossier),
        answer_wanted_by=request.answer_wanted_by,
        group_identifier=request.group_identifier,
        consent_id=request.consent_id,
        admitted_line_id=request.admitted_line_id,
        offer_ids=tuple(line.offer_id for line in request.lines.all() if line.state in SHOWN_TO_RECIPIENT),
        created_at=request.created_at,
        sent_at=request.sent_at,
        updated_at=request.updated_at,
    )


def _line(line: RequestLine) -> LineSnapshot:
    return LineSnapshot(
        id=line.pk,
        version=line.version,
        request_id=line.request_id,
        person_id=line.person_id,
        sender_id=line.sender_id,
        requester_id=line.request.requester_id,
        recipient_id=line.recipient_id,
        offer_id=line.offer_id,
        group_identifier=line.request.group_identifier,
        urgency=Urgency(line.request.urgency),
        answer_wanted_by=line.request.answer_wanted_by,
        state=LineState(line.state),
        in_care=line.in_care,
        rank=line.rank,
        offered_on=line.offered_on,
        stay_id=line.stay_id,
        reason=line.reason,
        note=line.note,
        alternative=OfferKind(line.alternative) if line.alternative else None,
        destination=Destination(line.destination) if line.destination else None,
        created_at=line.created_at,
        sent_at=line.sent_at,
        updated_at=line.updated_at,
    )
