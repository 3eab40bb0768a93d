"""Writing requests: preparing, sending, and each step of a line.

The request's row is the lock of all its lines, taken first: two structures that admit at
the same instant follow one another, and the second is told so.
"""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from uuid import UUID

from accounts.access.circle import enter, leave
from accounts.access.commands import record_sharing_consent
from accounts.access.permissions import Permission
from accounts.access.records import Facts, OpenMembership, Receipt, RecordSharingConsent, StopForWithdrawal
from accounts.access.states import Basis
from accounts.access.unit import ANY_VERSION, Act, Unit, check_version, command, together
from accounts.kernel.actor import system_actor
from accounts.kernel.clock import instant_of, now, today
from accounts.kernel.errors import NotFound
from accounts.outbox.events import Event
from accounts.people.queries import person_snapshot
from pathway.capacity.commands import release_hold
from pathway.capacity.queries import held_places
from pathway.capacity.records import ReleaseHold
from pathway.referrals.events import (
    LineAdmitted,
    LineAnswered,
    LineChosen,
    LineEnded,
    LineMoved,
    LineReminded,
    LineSent,
    LineSettledIn,
    LineStopped,
    ReferralCompleted,
    ReferralDrafted,
    ReferralRevoked,
    ReferralSent,
    ReferralSettled,
)
from pathway.referrals.models import NOBODY, LineMessage, Request, RequestLine
from pathway.referrals.records import (
    AdmitLine,
    ChooseRecipients,
    ClosePersonRequests,
    CloseRequest,
    CreateDraft,
    DeclineLine,
    Dossier,
    EndLine,
    LineByClock,
    LineStep,
    OfferPlace,
    RevokeRequest,
    SendRequest,
    SendToMore,
    SendToMoreWithConsent,
    SendWithConsent,
    UpdateDraft,
    WaitlistLine,
    WithdrawLine,
    WriteOnLine,
)
from pathway.referrals.rules import (
    GRACE,
    AdmittedElsewhere,
    AlreadyAsked,
    NoRecipient,
    OfferTakesNoRequest,
    RequestNotActive,
    answer_due,
    check_admission,
    check_alive,
    check_offered_day,
    check_rank,
    check_ready,
    check_reminder,
    check_request,
    check_text,
    expires_at,
)
from pathway.referrals.states import (
    BEFORE_ADMISSION,
    LINE,
    LIVE,
    UNANSWERED,
    ClosingReason,
    Destination,
    LineAction,
    LineState,
    MessageKind,
    RequestAction,
    RequestState,
    Urgency,
    WithdrawReason,
)
from pathway.structures.models import CareOffer
from pathway.structures.states import REFERRAL_KINDS

SIGHT_AFTER_END = timedelta(days=30)
STOPPED_BY_WITHDRAWAL = tuple(state for state in BEFORE_ADMISSION if LINE.may(LineAction.WITHDRAW, state))
"""How long a structure still sees a person whose stay is over, to finish its letters. Source: authz_matrix.tsv, REFACC."""


@command(Permission.REFERRAL_CREATE_DRAFT)
def create_draft(record: CreateDraft, act: Act) -> Receipt:
    """Prepare a request in the name of the actor's organisation."""
    act.ask(Facts(type="referral", person_id=record.person_id, organisation_id=act.by.organisation_id))
    check_alive(person_snapshot(record.person_id).died_on)
    request = Request(person_id=record.person_id, sender_id=act.organisation_id, requester_id=act.by.professional_id)
    _fill(request, record)
    return act.add(request, "draft", ReferralDrafted)


@command(Permission.REFERRAL_CREATE_DRAFT)
def update_draft(record: UpdateDraft, act: Act) -> Receipt:
    """Replace the content of a draft."""
    request = act.open(Request, record.request_id, version=record.version)
    _check_draft(request)
    _fill(request, record)
    return act.amend(request, "redraft", ReferralDrafted)


@command(Permission.REFERRAL_CREATE_DRAFT)
def choose_recipients(record: ChooseRecipients, act: Act) -> Receipt:
    """Make the lines of a draft those of the structures chosen: new ones are added, the others withdrawn."""
    request = act.open(Request, record.request_id, version=record.version)
    _check_draft(request)
    if not record.offer_ids:
        raise NoRecipient(field="offers")
    present = {line.offer_id: line for line in _lines(request, [LineState.DRAFT])}
    _add_lines(request, record.offer_ids - present.keys(), act)
    for offer_id, line in present.items():
        if offer_id not in record.offer_ids:
            line.reason = WithdrawReason.NOT_CHOSEN
            act.advance(line, LineAction.WITHDRAW, LineStopped, reason=line.reason)
    return act.amend(request, "choose", ReferralDrafted)


@command(Permission.REFERRAL_SEND)
def send_request(record: SendRequest, act: Act) -> Receipt:
    """Send a draft: every structure chosen sees its minimum set from now on."""
    request = act.lock(Request, record.request_id)
    lines = _lines(request, [LineState.DRAFT])
    act.ask(request.facts(addressed_to=frozenset(line.recipient_id for line in lines)))
    check_version(request, record.version)
    check_alive(person_snapshot(request.person_id).died_on)
    if not lines:
        raise NoRecipient
    check_ready(Dossier(**request.dossier))
    request.sent_at, request.consent_id = now(), record.consent_id
    receipt = act.advance(request, RequestAction.SEND, ReferralSent)
    _send(request, lines, act)
    return receipt


@together
def send_with_consent(record: SendWithConsent, run: Unit) -> Receipt:
    """Record the person's agreement for the structures chosen, and send."""
    request = _request(record.request_id)
    consent = _record_consent(run, request, [line.recipient_id for line in _lines(request, [LineState.DRAFT])], record)
    return run(send_request, SendRequest(request_id=request.pk, version=record.version, consent_id=consent))


@command(Permission.REFERRAL_SEND)
def send_to_more(record: SendToMore, act: Act) -> Receipt:
    """Ask further structures while nobody has admitted the person."""
    request = act.lock(Request, record.request_id)
    offers = _offers(record.offer_ids)
    act.ask(request.facts(addressed_to=frozenset(offer.organisation_id for offer in offers)))
    check_version(request, record.version)
    check_alive(person_snapshot(request.person_id).died_on)
    if request.state != RequestState.ACTIVE or request.admitted_line_id:
        raise RequestNotActive
    if not offers:
        raise NoRecipient(field="offers")
    receipt = act.amend(request, "send_to_more", ReferralSent)
    _send(request, _add_lines(request, record.offer_ids, act), act)
    return receipt


@together
def send_to_more_with_consent(record: SendToMoreWithConsent, run: Unit) -> Receipt:
    """Record the person's agreement for further structures, and ask them."""
    request = _request(record.request_id)
    _record_consent(run, request, [offer.organisation_id for offer in _offers(record.offer_ids)], record)
    return run(send_to_more, SendToMore(request_id=request.pk, version=record.version, offer_ids=record.offer_ids))


@command(Permission.REFERRAL_CANCEL)
def revoke_request(record: RevokeRequest, act: Act) -> Receipt:
    """Take the whole request back; refused once the person is admitted."""
    request = act.open(Request, record.request_id, version=record.version)
    _check_not_admitted(request)
    _withdraw(_lines(request, BEFORE_ADMISSION), act)
    return act.advance(request, RequestAction.REVOKE, ReferralRevoked, reason=record.reason)


@command(Permission.REFERRAL_CANCEL)
def close_request(record: CloseRequest, act: Act) -> Receipt:
    """Close a request that has no object any more: the person went home, or elsewhere."""
    request = act.open(Request, record.request_id, version=record.version)
    _check_not_admitted(request)
    _close(_lines(request, BEFORE_ADMISSION), record.reason, act)
    return act.advance(request, RequestAction.REVOKE, ReferralRevoked, reason=record.reason)


@command(Permission.REFERRAL_ACKNOWLEDGE)
def acknowledge_line(record: LineStep, act: Act) -> Receipt:
    """Note that the structure has opened the request."""
    _, line = _open_line(record.line_id, record.version, act)
    return act.advance(line, LineAction.ACKNOWLEDGE, LineMoved)


@command(Permission.REFERRAL_ACKNOWLEDGE)
def review_line(record: LineStep, act: Act) -> Receipt:
    """Begin to study the request."""
    _, line = _open_line(record.line_id, record.version, act)
    return act.advance(line, LineAction.REVIEW, LineMoved)


@command(Permission.REFERRAL_REQUEST_INFO)
def request_info(record: WriteOnLine, act: Act) -> Receipt:
    """Ask the sender for something that lacks."""
    _, line = _open_line(record.line_id, record.version, act)
    _write(line, MessageKind.QUESTION, check_text(record.text), act)
    _keep_open(line)
    return act.advance(line, LineAction.REQUEST_INFO, LineMoved)


@command(Permission.REFERRAL_SUPPLY_INFO)
def supply_info(record: WriteOnLine, act: Act) -> Receipt:
    """Answer what the structure asked."""
    _, line = _open_line(record.line_id, record.version, act)
    _write(line, MessageKind.ANSWER, check_text(record.text), act)
    return act.advance(line, LineAction.SUPPLY_INFO, LineMoved)


@command(Permission.REFERRAL_MESSAGE_CREATE)
def remind_line(record: WriteOnLine, act: Act) -> Receipt:
    """Ask a silent structure again, once a day at most."""
    line = act.lock(RequestLine, record.line_id)
    act.ask(replace(line.facts(), recipient_ids=frozenset({NOBODY})))
    check_version(line, record.version)
    check_reminder(is_silent=line.state in UNANSWERED, last=line.reminded_at, now=now())
    line.reminded_at = now()
    _write(line, MessageKind.REMINDER, check_text(record.text), act)
    return act.amend(line, "remind", LineReminded)


@command(Permission.REFERRAL_ACCEPT)
def waitlist_line(record: WaitlistLine, act: Act) -> Receipt:
    """Put the person on the structure's waiting list."""
    check_rank(record.rank)
    _, line = _open_line(record.line_id, record.version, act)
    line.rank = record.rank
    return act.advance(line, LineAction.WAITLIST, LineAnswered)


@command(Permission.REFERRAL_ACCEPT)
def agree_in_principle(record: LineStep, act: Act) -> Receipt:
    """Agree without a date yet: the structure now reads the whole dossier. No other line closes."""
    _, line = _open_line(record.line_id, record.version, act)
    receipt = act.advance(line, LineAction.AGREE, LineAnswered)
    _accept(line, act)
    return receipt


@command(Permission.REFERRAL_ACCEPT)
def offer_place(record: OfferPlace, act: Act) -> Receipt:
    """Propose a place from a day on; `pathway.stays.commands.propose_place` holds it and plans the stay."""
    check_offered_day(record.on, today())
    _, line = _open_line(record.line_id, record.version, act)
    line.offered_on, line.stay_id = record.on, record.stay_id
    _keep_open(line)
    receipt = act.advance(line, LineAction.OFFER, LineAnswered)
    _accept(line, act)
    return receipt


@command(Permission.REFERRAL_REFUSE)
def decline_line(record: DeclineLine, act: Act) -> Receipt:
    """Say that it is not possible, why, and what could be tried instead; the structure's sight ends."""
    _, line = _open_line(record.line_id, record.version, act)
    line.reason, line.note, line.alternative = record.reason, record.note.strip(), record.alternative or ""
    return _stop(line, LineAction.DECLINE, act)


@command(Permission.REFERRAL_CANCEL)
def withdraw_line(record: WithdrawLine, act: Act) -> Receipt:
    """Take the request back from one structure."""
    _, line = _open_line(record.line_id, record.version, act)
    line.reason = record.reason
    return _stop(line, LineAction.WITHDRAW, act)


@command(Permission.REFERRAL_CLOSE_ADMITTED)
def admit_line(record: AdmitLine, act: Act) -> Receipt:
    """Note that the person has come, and close the other lines of the request: the first admission wins.

    Raises `AdmittedElsewhere` when another structure was first.
    """
    request, line = _lock_line(record.line_id, act)
    if request.admitted_line_id not in (None, line.pk) and line.recipient_id in act.by.organisations:
        raise AdmittedElsewhere  # its sight ended with the other's admission: told before the gate would say "unknown"
    act.ask(line.facts())
    check_version(line, record.version)
    check_admission(record.at, now=now())
    line.admitted_at, line.stay_id = record.at, record.stay_id
    receipt = act.advance(line, LineAction.ADMIT, LineAdmitted, at=record.at)
    _accept(line, act)
    _close(_lines(request, BEFORE_ADMISSION), ClosingReason.ADMITTED_ELSEWHERE, act)
    request.admitted_line_id = line.pk
    act.amend(request, "settle", ReferralSettled)
    return receipt


@command(Permission.REFERRAL_EXPIRE)
def settle_in_line(record: LineByClock, act: Act) -> Receipt:
    """Note that an admitted person is now in the care of the structure."""
    line = act.open(RequestLine, record.line_id, version=ANY_VERSION)
    line.in_care = True
    return act.amend(line, "settle_in", LineSettledIn)


@command(Permission.STAY_DISCHARGE)
def end_line(record: EndLine, act: Act) -> Receipt:
    """End the accompaniment by the structure, and with it the request."""
    request, line = _lock_line(record.line_id, act)
    act.ask(replace(line.facts(), organisation_id=line.recipient_id))
    return _end(request, line, record.destination, at=record.at, act=act)


@command(Permission.REFERRAL_EXPIRE)
def expire_line(record: LineStep, act: Act) -> Receipt:
    """Give up a line that stayed without an answer; the request stays with its sender.

    The version is that of the silence: raises `StaleVersion` when somebody answered since.
    """
    _, line = _open_line(record.line_id, record.version, act)
    return _stop(line, LineAction.EXPIRE, act)


@command(Permission.PATIENT_IDENTITY_MARK_DECEASED)
def close_person_requests(record: ClosePersonRequests, act: Act) -> Receipt:
    """Close every request of a person who died: part of `pathway.stays.commands.record_death`."""
    act.ask(Facts(type="person", id=record.person_id, person_id=record.person_id))
    open_states = [RequestState.DRAFT, RequestState.ACTIVE]
    found = Request.objects.filter(person_id=record.person_id, state__in=open_states).order_by("id")
    for request_id in list(found.values_list("id", flat=True)):
        _close_for_death(act.lock(Request, request_id), act)
    return Receipt(type="person", id=record.person_id, version=0)


@command(Permission.CONSENT_OPPOSITION_WITHDRAW)
def stop_lines(record: StopForWithdrawal, act: Act) -> Receipt:
    """Withdraw what was asked of organisations the person no longer agrees to: part of `withdraw_sharing_consent`.

    Where she has been admitted, the stay goes on.
    """
    act.ask(Facts(type="consent", person_id=record.person_id))
    found = RequestLine.objects.filter(
        person_id=record.person_id, recipient__in=record.organisation_ids, state__in=STOPPED_BY_WITHDRAWAL
    )
    for line_id in list(found.order_by("id").values_list("id", flat=True)):
        line = act.lock(RequestLine, line_id)
        line.reason = WithdrawReason.PERSON_DISAGREES
        _stop(line, LineAction.WITHDRAW, act)
    return Receipt(type="person", id=record.person_id, version=0)


def release_holds(line_ids: Iterable[UUID], *, reason: str, run: Unit) -> None:
    """Give back the places held for lines, as the consequence of an act of somebody else: part of a larger unit."""
    clerk = replace(system_actor("referrals"), correlation_id=run.by.correlation_id)
    for hold in held_places(line_ids).values():
        run(release_hold, ReleaseHold(hold_id=hold.id, reason=reason), by=clerk)


def _close_for_death(request: Request, act: Act) -> None:
    _close(_lines(request, BEFORE_ADMISSION), ClosingReason.DIED, act)
    admitted = _lines(request, [LineState.ADMITTED])
    for line in admitted:
        _end(request, line, Destination.DIED, at=now(), act=act)
    if not admitted:
        act.advance(request, RequestAction.REVOKE, ReferralRevoked, reason=ClosingReason.DIED)


def _request(request_id: UUID) -> Request:
    request = Request.objects.filter(pk=request_id).first()
    if request is None:
        raise NotFound
    return request


def _lock_line(line_id: UUID, act: Act) -> tuple[Request, RequestLine]:
    request_id = RequestLine.objects.filter(pk=line_id).values_list("request_id", flat=True).first()
    if request_id is None:
        raise NotFound
    return act.lock(Request, request_id), act.lock(RequestLine, line_id)


def _open_line(line_id: UUID, version: int | None, act: Act) -> tuple[Request, RequestLine]:
    request, line = _lock_line(line_id, act)
    act.ask(line.facts())
    check_version(line, version)
    return request, line


def _lines(request: Request, states: Iterable[LineState]) -> list[RequestLine]:
    rows = RequestLine.objects.select_for_update(of=("self",), no_key=True)
    return list(rows.filter(request=request, state__in=list(states)).order_by("id"))


def _fill(request: Request, record: CreateDraft | UpdateDraft) -> None:
    check_request(kind=record.kind, level=record.level, answer_wanted_by=record.answer_wanted_by, now=now())
    request.kind, request.urgency, request.level = record.kind, record.urgency, record.level
    request.needs = sorted(record.needs)
    request.dossier = {name: text.strip() for name, text in asdict(record.dossier).items() if text.strip()}
    request.answer_wanted_by = record.answer_wanted_by


def _check_draft(request: Request) -> None:
    if request.state != RequestState.DRAFT:
        raise RequestNotActive


def _check_not_admitted(request: Request) -> None:
    if request.admitted_line_id:
        raise RequestNotActive


def _offers(offer_ids: Iterable[UUID]) -> list[CareOffer]:
    wanted = set(offer_ids)
    offers = list(CareOffer.objects.filter(pk__in=wanted, is_active=True).order_by("name", "id"))
    if len(offers) != len(wanted) or any(offer.kind not in REFERRAL_KINDS for offer in offers):
        raise OfferTakesNoRequest(field="offers")
    return offers


def _add_lines(request: Request, offer_ids: Iterable[UUID], act: Act) -> list[RequestLine]:
    offers = _offers(offer_ids)
    if request.lines.filter(offer__in=offers, state__in=LIVE).exists():
        raise AlreadyAsked(field="offers")
    lines = [
        RequestLine(
            request=request,
            person_id=request.person_id,
            sender_id=request.sender_id,
            recipient_id=offer.organisation_id,
            offer=offer,
        )
        for offer in offers
    ]
    for line in lines:
        act.add(line, "choose", LineChosen)
    return lines


def _send(request: Request, lines: list[RequestLine], act: Act) -> None:
    sent, urgency = now(), Urgency(request.urgency)
    wanted = request.answer_wanted_by if request.answer_wanted_by and request.answer_wanted_by > sent else None
    for line in lines:
        line.sent_at = sent
        line.answer_due_at = answer_due(sent_at=sent, urgency=urgency, answer_wanted_by=wanted)
        line.expires_at = expires_at(sent_at=sent, urgency=urgency, answer_wanted_by=wanted)
        act.advance(line, LineAction.SEND, LineSent)
        _open_sight(line, Basis.ADDRESSED_REFERRAL, act)


def _record_consent(
    run: Unit, request: Request, organisation_ids: Iterable[UUID], record: SendWithConsent | SendToMoreWithConsent
) -> UUID:
    return run(
        record_sharing_consent,
        RecordSharingConsent(
            person_id=request.person_id,
            organisation_ids=frozenset(organisation_ids),
            given_on=record.consent_given_on,
            means=record.consent_means,
        ),
    ).id


def _open_sight(line: RequestLine, basis: Basis, act: Act) -> None:
    opened = OpenMembership(person_id=line.person_id, organisation_id=line.recipient_id, basis=basis, source_id=line.pk)
    enter(opened, by=act.by)


def _accept(line: RequestLine, act: Act) -> None:
    _open_sight(line, Basis.ACCEPTED_REFERRAL, act)


def _keep_open(line: RequestLine) -> None:
    latest = instant_of(line.offered_on) if line.offered_on else now()
    line.expires_at = max(line.expires_at or latest, latest + GRACE)


def _write(line: RequestLine, kind: MessageKind, text: str, act: Act) -> None:
    LineMessage.objects.create(
        line=line, kind=kind, organisation_id=act.by.organisation_id, author_id=act.by.professional_id, text=text
    )


def _stop(line: RequestLine, action: LineAction, act: Act, event: type[Event] = LineStopped) -> Receipt:
    receipt = act.advance(line, action, event, reason=line.reason)
    leave(source_ids=[line.pk])
    return receipt


def _withdraw(lines: Iterable[RequestLine], act: Act) -> None:
    for line in lines:
        line.reason = WithdrawReason.REQUEST_REVOKED
        _stop(line, LineAction.WITHDRAW, act)


def _close(lines: Iterable[RequestLine], reason: ClosingReason, act: Act) -> None:
    for line in lines:
        line.reason = reason
        _stop(line, LineAction.CLOSE, act)


def _end(request: Request, line: RequestLine, destination: Destination, *, at: datetime, act: Act) -> Receipt:
    line.destination = destination
    receipt = act.advance(line, LineAction.END, LineEnded, at=at)
    act.advance(request, RequestAction.COMPLETE, ReferralCompleted, at=at)
    leave(source_ids=[line.pk], at=now() + SIGHT_AFTER_END)
    return receipt
