"""Reading stays: who is with a structure, one stay, the stays of a person, and the snapshot for the bridge."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.access.gate import is_permitted, permit, scope, unopposed
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.access.states import Category
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from accounts.kernel.errors import NotFound
from accounts.kernel.http import KeyPage
from accounts.people.queries import people_lines
from accounts.people.records import FoundPerson
from pathway.referrals.states import DESTINATION_LABELS, Destination
from pathway.stays.asking import ASKING_KINDS, Question, question_of
from pathway.stays.models import Stay
from pathway.stays.records import StayRow, StaySnapshot, StaySpan
from pathway.stays.rules import recent_since
from pathway.stays.states import LANES, OPEN, PRESENT, STAY, STAY_KIND_LABELS, StayKind, StayState
from pathway.structures.states import KINDS, OfferKind, Setting
from ppa.directives.rules import MAJORITY

TABS: Mapping[str, tuple[StayState, ...]] = {
    "presentes": PRESENT,
    "attendues": (StayState.PLANNED,),
    "sorties": (StayState.FINISHED,),
    "a-demander": PRESENT,
}
"""The tabs of a structure's list, by their word in the address."""
COUNTED = ("presentes", "attendues")

MOST_SHOWN = 50
TONES = {StayState.PLANNED: "info", StayState.IN_PROGRESS: "ok", StayState.ON_LEAVE: "warn"}


def stays_here(
    *, actor: Actor, tab: str = "presentes", after: str = "", size: int = KeyPage.SIZE
) -> tuple[list[StayRow], str]:
    """Return one page of the stays of the actor's structure, with the key of the next page.

    Those to be asked come in the order of their arrival, the others as they last changed. Who comes of age this year is
    looked for with those to be asked, and left out of the page until her birthday.
    """
    rows = _here(actor).filter(state__in=TABS.get(tab, PRESENT))
    if tab == "sorties":
        rows = rows.filter(ended_at__date__gte=recent_since(today()))
    if tab == "a-demander":
        rows = rows.filter(_to_ask(today()), scope(actor, Permission.ADMISSION_TALK_READ))
        page = KeyPage.of(rows, key="admitted_at", after=after, size=size, oldest_first=True)
        return [row for row in _rows(page.items) if row.ask_by], page.next_key
    page = KeyPage.of(rows, key="updated_at", after=after, size=size)
    return _rows(page.items), page.next_key


def counts_here(*, actor: Actor) -> dict[str, int]:
    """Return how many are present and expected in the actor's structure."""
    live = [*PRESENT, StayState.PLANNED]
    counted = _here(actor).filter(state__in=live).order_by("state").values_list("state").annotate(n=Count("pk"))
    by_state = dict(counted)
    return {tab: sum(by_state.get(state, 0) for state in TABS[tab]) for tab in COUNTED}


def stay_for(stay_id: UUID, *, actor: Actor) -> StaySnapshot:
    """Return a stay to a member of the circle; raises `NotFound` to others."""
    stay = _whole().filter(pk=stay_id).first()
    if stay is None:
        raise NotFound
    permit(actor, Permission.STAY_READ, stay.facts())
    return _snapshot(stay)


def stay_snapshot(stay_id: UUID) -> StaySnapshot:
    """Return a stay, unscoped: for the projection."""
    stay = _whole().filter(pk=stay_id).first()
    if stay is None:
        raise NotFound
    return _snapshot(stay)


def stays_of(person_id: UUID) -> list[StaySnapshot]:
    """Return the stays of a person, newest first, without the cancelled ones, unscoped: the caller asked the gate."""
    return [_snapshot(stay) for stay in kept_stays(person_id)[:MOST_SHOWN]]


def present_stay(person_id: UUID) -> StaySnapshot | None:
    """Return where a person is now, unscoped: the caller asked the gate. The latest arrival wins."""
    present = (stay for stay in kept_stays(person_id) if stay.state in PRESENT)
    latest = max(present, key=lambda stay: (stay.admitted_at or stay.created_at, stay.pk), default=None)
    return _snapshot(latest) if latest else None


def spans_of(person_id: UUID) -> list[StaySpan]:
    """Return the stays of a person as bars of her lanes, oldest first, unscoped: the caller asked the gate."""
    admitted = [(stay.admitted_at, stay.pk, stay) for stay in kept_stays(person_id) if stay.admitted_at is not None]
    return [
        StaySpan(
            lane=LANES[StayKind(stay.kind)],
            label=stay.offer.name,
            start=admitted_at,
            end=stay.ended_at,
            state=StayState(stay.state),
        )
        for admitted_at, _, stay in sorted(admitted, key=lambda one: one[:2])
    ]


def present_place(person_id: UUID) -> str:
    """Return the name of the place where a person stays now, unscoped; empty when she is at home."""
    inside = (
        stay.offer.name
        for stay in kept_stays(person_id)
        if stay.state == StayState.IN_PROGRESS and KINDS[OfferKind(stay.offer.kind)].setting == Setting.INSIDE
    )
    return next(inside, "")


def shown_question(stay: StaySnapshot, *, born: date, actor: Actor) -> Question | None:
    """Return where the question of a stay stands, while it may be put or once it was, to who may read the answers; else `None`."""
    facts = Facts(type="admission_talk", person_id=stay.person_id, organisation_id=stay.organisation_id)
    question = question_of(stay, born=born, today=today())
    matters = question.asked_on is not None or stay.state in OPEN
    return question if matters and is_permitted(actor, Permission.ADMISSION_TALK_READ, facts) else None


def _here(actor: Actor) -> QuerySet[Stay]:
    seen = scope(actor, Permission.STAY_LIST)
    return _whole().filter(seen, unopposed(actor, Category.REQUESTS), organisation__in=actor.organisations)


def _to_ask(today: date) -> Q:
    """Return the filter that keeps who is to be asked about directives: nobody asked yet, or a day to come back to it has come."""
    waits = Q(asked_on=None, kind__in=ASKING_KINDS) | Q(ask_again_on__lte=today)
    return waits & Q(person__birth_year__lte=today.year - MAJORITY)


@Rows
def kept_stays() -> QuerySet[Stay]:
    """Read the stays of a person but those that were cancelled, newest first."""
    rows = _whole().filter(person_id=ASKED).exclude(state=StayState.CANCELLED)
    return rows.order_by("-created_at", "-id")


def _whole() -> QuerySet[Stay]:
    return Stay.objects.select_related("organisation", "offer", "line")


def _rows(stays: Iterable[Stay]) -> list[StayRow]:
    found = list(stays)
    people = people_lines({stay.person_id for stay in found})
    return [_row(stay, people[stay.person_id]) for stay in found]


def _row(stay: Stay, person: FoundPerson) -> StayRow:
    state = StayState(stay.state)
    return StayRow(
        id=stay.pk,
        version=stay.version,
        person_id=stay.person_id,
        person_name=person.name,
        birth_year=person.birth_date.year,
        offer_name=stay.offer.name,
        kind_label=STAY_KIND_LABELS[StayKind(stay.kind)],
        state=state,
        state_label=STAY.label(state),
        tone=TONES.get(state, "neutral"),
        planned_for=stay.planned_for,
        admitted_at=stay.admitted_at,
        ended_at=stay.ended_at,
        destination_label=DESTINATION_LABELS[Destination(stay.destination)] if stay.destination else "",
        ask_by=question_of(_snapshot(stay), born=person.birth_date, today=today()).by,
    )


def _snapshot(stay: Stay) -> StaySnapshot:
    return StaySnapshot(
        id=stay.pk,
        version=stay.version,
        person_id=stay.person_id,
        organisation_id=stay.organisation_id,
        organisation_name=stay.organisation.name,
        offer_id=stay.offer_id,
        offer_name=stay.offer.name,
        line_id=stay.line_id,
        request_id=stay.line.request_id if stay.line else None,
        kind=StayKind(stay.kind),
        state=StayState(stay.state),
        planned_for=stay.planned_for,
        admitted_at=stay.admitted_at,
        ended_at=stay.ended_at,
        destination=Destination(stay.destination) if stay.destination else None,
        note=stay.note,
        created_at=stay.created_at,
        updated_at=stay.updated_at,
        asked_on=stay.asked_on,
        ask_again_on=stay.ask_again_on,
    )
