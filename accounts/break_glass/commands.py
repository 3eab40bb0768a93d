"""Opening a file in an emergency, ending it, reviewing it, telling the person."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from uuid import UUID

from accounts.access.circle import enter, leave
from accounts.access.gate import memberships_of
from accounts.access.models import CircleMembership, Opposition
from accounts.access.permissions import Permission
from accounts.access.records import Facts, OpenMembership, Receipt
from accounts.access.rules import is_stepped_up
from accounts.access.states import CIRCLE, VISIBLE, Basis, Category
from accounts.access.unit import ANY_VERSION, Act, check_version, command
from accounts.break_glass.events import (
    BreakGlassAlerted,
    BreakGlassEnded,
    BreakGlassOpened,
    BreakGlassReviewed,
    NoticeDue,
    PersonTold,
)
from accounts.break_glass.finding import read_finding
from accounts.break_glass.models import BreakGlass, EmergencyAccessNotice
from accounts.break_glass.records import (
    EndBreakGlass,
    FollowBreakGlass,
    OpenBreakGlass,
    ReservedBreakGlass,
    ReviewBreakGlass,
    TellPerson,
)
from accounts.break_glass.rules import (
    LASTS,
    TELLERS,
    TOLD_WITHIN,
    CommentMissing,
    IdentityNotConfirmed,
    OwnReview,
    check_alive,
    check_explanation,
    check_openings,
    check_told,
    new_reference,
)
from accounts.break_glass.states import Action, NoticeAction
from accounts.kernel.actor import Actor
from accounts.kernel.clock import PARIS, now, today
from accounts.kernel.errors import NotAllowed, NotFound, StepUpNeeded
from accounts.kernel.wall import Reason, seeing_everything
from accounts.organisations.directory import coordination_for, has_anyone, is_emergency_service, places_of
from accounts.organisations.models import Professional
from accounts.people.queries import person_snapshot


@command(Permission.BREAK_GLASS_OPEN)
def open_break_glass(record: OpenBreakGlass, act: Act) -> Receipt:
    """Open the emergency set of a person whom the actor has just found exactly, for four hours.

    The one that the actor already has open on her is given again. Raises `FindingOver`,
    `ExplanationTooShort`, `IdentityNotConfirmed`, `StepUpNeeded`, `TooManyOpenings`.
    """
    opened = draft_of(record, act.by)
    act.ask(opening_facts(opened))
    with seeing_everything(Reason.EMERGENCY):
        return _open(opened, act)


@command(Permission.BREAK_GLASS_FOLLOW)
def record_reserved(record: ReservedBreakGlass, act: Act) -> Receipt:
    """Write a break-glass that was opened while nothing could be written; once only."""
    act.ask(Facts(type=BreakGlass.AGGREGATE, id=record.id, person_id=record.person_id))
    if BreakGlass.objects.filter(pk=record.id).exists():
        return Receipt(type=BreakGlass.AGGREGATE, id=record.id, version=1, replayed=True)
    opened = BreakGlass(**{field.name: getattr(record, field.name) for field in fields(record)})
    receipt = act.add(opened, "open", BreakGlassOpened, at=opened.opened_at)
    _follow(opened, act)
    return receipt


def draft_of(record: OpenBreakGlass, by: Actor) -> BreakGlass:
    """Return what an opening would write, once all that it must hold is there; raises as `open_break_glass` does."""
    finding = read_finding(record.finding, actor=by)
    explanation = check_explanation(record.explanation)
    if not record.identity_confirmed:
        raise IdentityNotConfirmed(field="identity_confirmed")
    instant = now()
    if not is_stepped_up(by, instant):
        raise StepUpNeeded
    if by.id is None or by.professional_id is None or by.organisation_id is None:
        raise NotAllowed
    return BreakGlass(
        reference=new_reference(),
        person_id=finding.person_id,
        organisation_id=by.organisation_id,
        professional_id=by.professional_id,
        account_id=by.id,
        reason=record.reason,
        explanation=explanation,
        found_by=finding.found_by,
        opened_at=instant,
        ends_at=instant + LASTS,
    )


def opening_facts(opened: BreakGlass) -> Facts:
    """Return what the gate looks at before the glass is broken."""
    return Facts(
        type=BreakGlass.AGGREGATE, person_id=opened.person_id, organisation_id=opened.organisation_id,
        found_exactly=True, at_emergency=is_emergency_service(opened.organisation_id),
    )  # fmt: skip


def check_openings_of(professional_id: UUID, *, besides: int = 0) -> None:
    """Raise `TooManyOpenings` when one more would pass the limits; `besides` are those that no table holds yet."""
    opened = BreakGlass.objects.filter(professional_id=professional_id)
    instant = now()
    check_openings(
        last_hour=besides + opened.filter(opened_at__gt=instant - timedelta(hours=1)).count(),
        last_day=besides + opened.filter(opened_at__gt=instant - timedelta(days=1)).count(),
    )


def _follow(opened: BreakGlass, act: Act) -> None:
    """Give the opener his place in the circle until the end, and owe the person a notice."""
    enter(
        OpenMembership(
            person_id=opened.person_id, organisation_id=opened.organisation_id, professional_id=opened.professional_id,
            basis=Basis.BREAK_GLASS, source_id=opened.id, starts_at=opened.opened_at, ends_at=opened.ends_at,
        )
    )  # fmt: skip
    notice = EmergencyAccessNotice(
        break_glass=opened,
        person_id=opened.person_id,
        organisation_id=_who_tells(opened),
        due_at=opened.opened_at + TOLD_WITHIN,
    )
    act.add(notice, "due", NoticeDue)


@command(Permission.BREAK_GLASS_END)
def end_break_glass(record: EndBreakGlass, act: Act) -> Receipt:
    """End one's own break-glass now."""
    opened = act.open(BreakGlass, record.id, version=record.version)
    opened.ended_at = now()
    leave(source_ids=[opened.id], bases=[Basis.BREAK_GLASS], at=opened.ended_at)
    return act.advance(opened, Action.END, BreakGlassEnded)


@command(Permission.BREAK_GLASS_FOLLOW)
def expire_break_glass(record: FollowBreakGlass, act: Act) -> Receipt:
    """Note that the four hours are over: the access itself ended with its membership."""
    opened = act.open(BreakGlass, record.id, version=ANY_VERSION)
    opened.ended_at = opened.ends_at
    return act.advance(opened, Action.EXPIRE, BreakGlassEnded, at=opened.ends_at)


@command(Permission.BREAK_GLASS_FOLLOW)
def note_alert(record: FollowBreakGlass, act: Act) -> Receipt:
    """Note that the referents were written to."""
    opened = act.open(BreakGlass, record.id, version=ANY_VERSION)
    opened.alerted_at = now()
    return act.amend(opened, "alert", BreakGlassAlerted)


@command(Permission.BREAK_GLASS_REVIEW)
def review_break_glass(record: ReviewBreakGlass, act: Act) -> Receipt:
    """Judge a break-glass that another person opened; raises `OwnReview` or `CommentMissing`."""
    opened = act.lock(BreakGlass, record.id)
    act.ask(opened.facts_for_review(act.by.organisations))
    if act.by.id == opened.account_id or act.by.professional_id == opened.professional_id:
        raise OwnReview
    comment = " ".join(record.comment.split())
    if not comment:
        raise CommentMissing(field="comment")
    check_version(opened, record.version)
    opened.verdict, opened.comment, opened.reviewed_at = record.verdict, comment, now()
    opened.reviewer_id, opened.reviewed_by_id = act.by.id, act.by.professional_id
    return act.advance(opened, Action.REVIEW, BreakGlassReviewed, reason=record.verdict)


@command(Permission.BREAK_GLASS_TELL_PERSON)
def tell_person(record: TellPerson, act: Act) -> Receipt:
    """Note the day on which the person was told, and how."""
    notice = act.open(EmergencyAccessNotice, record.id, version=record.version)
    check_alive(notice.person.died_on)
    opened_on = notice.break_glass.opened_at.astimezone(PARIS).date()
    check_told(record.told_on, opened_on=opened_on, today=today())
    notice.told_on, notice.means = record.told_on, record.means
    return act.advance(notice, NoticeAction.TELL, PersonTold)


def _open(opened: BreakGlass, act: Act) -> Receipt:
    _queue_behind_others_of(opened.professional_id)
    if running := _running_on(opened.person_id, act.by):
        return Receipt(type=BreakGlass.AGGREGATE, id=running, version=1, replayed=True)
    check_openings_of(opened.professional_id)
    receipt = act.add(opened, "open", BreakGlassOpened)
    _follow(opened, act)
    return receipt


def _queue_behind_others_of(professional_id: UUID) -> None:
    """Make openings by one professional run one after the other: two at once would both find the limit unreached."""
    if not Professional.objects.select_for_update(of=("self",), no_key=True).filter(pk=professional_id).exists():
        raise NotFound


def _running_on(person_id: UUID, actor: Actor) -> UUID | None:
    rows = memberships_of(actor).filter(person_id=person_id, basis=Basis.BREAK_GLASS)
    return rows.order_by("-starts_at").values_list("source_id", flat=True).first()


def _who_tells(opened: BreakGlass) -> UUID:
    """Return who tells the person: the first of `_could_tell` where somebody may and whom she does not refuse, else the opener's."""
    refused = set(
        Opposition.objects.filter(person_id=opened.person_id, lifted_on=None, category=Category.ALL).values_list(
            "organisation_id", flat=True
        )
    )
    for id in _could_tell(opened.person_id):
        if refused.isdisjoint(places_of([id])[id]) and has_anyone(id, TELLERS):
            return id
    return opened.organisation_id


def _could_tell(person_id: UUID) -> Iterator[UUID]:
    """Give the DAC that follows her, who has cared for her longest, who does until a day, who only knows her,
    the DAC of her commune, and who knew her last.
    """
    rows = CircleMembership.objects.filter(person_id=person_id, basis__in=VISIBLE).order_by("starts_at", "id")
    instant = now()
    standing = [row for row in rows if row.ends_at is None or row.ends_at > instant]
    yield from (row.organisation_id for row in sorted(standing, key=_distance))
    person = person_snapshot(person_id)
    if dac := coordination_for(commune=person.contact.commune, departement=person.departement):
        yield dac.id
    ended = [row for row in rows if row not in standing]
    yield from (row.organisation_id for row in sorted(ended, key=lambda row: row.ends_at or instant, reverse=True))


def _distance(row: CircleMembership) -> tuple[bool, bool, bool]:
    return row.basis != Basis.COORDINATION, row.basis not in CIRCLE, row.ends_at is not None
