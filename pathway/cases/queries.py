"""Reading coordination files: the worklist of a DAC, one file, and the one timeline of a person."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.access.gate import permit, permitted_among, read_once, scope, unopposed
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.access.states import Category
from accounts.kernel.actor import Actor
from accounts.kernel.clock import PARIS, today
from accounts.kernel.errors import NotFound
from accounts.kernel.http import KeyPage
from accounts.kernel.models import Transition
from accounts.kernel.states import Lifecycle
from accounts.organisations.directory import organisation_names, professional_names
from accounts.people.page import TimelineKind, timeline_kinds
from accounts.people.queries import people_lines, person_facts
from accounts.people.records import FoundPerson
from pathway.cases.models import Case, WorklistCount
from pathway.cases.records import AssessedLevel, CaseSnapshot, CoordinatorTerm
from pathway.cases.states import (
    CASE,
    FOLLOWED,
    OPEN,
    URGENCY_LABELS,
    CaseState,
    ClosingReason,
    Origin,
    Phase,
    Urgency,
)

MOST_DUE = 50


class Tab(StrEnum):
    """The parts of a worklist; the values stand in addresses."""

    TO_INCLUDE = "a-inclure"
    MINE = "mes-personnes"
    ALL = "toutes"
    PROPOSALS = "propositions"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistLine:
    """One file on a worklist. `person` is the minimum set while `is_partial`: only the birth year may be shown."""

    id: UUID
    person: FoundPerson
    is_partial: bool
    state: CaseState
    state_label: str
    urgency: Urgency
    urgency_label: str
    level: int | None
    coordinator: str
    signaller: str
    reason: str
    next_action: str
    due_on: date | None
    is_late: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHeading:
    """What every page of a person says of her file; `coordinator` is empty until one is named."""

    id: UUID
    state: CaseState
    level: int | None
    phase: Phase | None
    organisation: str
    coordinator: str
    next_action: str
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineDay:
    """What happened on one day, newest first, in the words of each life cycle: ready for `c-timeline`."""

    date: date
    events: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage:
    """A page of the timeline; `lanes` are those open to the actor; `next_key` is empty on the last page."""

    days: tuple[TimelineDay, ...]
    lanes: tuple[str, ...]
    next_key: str


def worklist(tab: Tab, *, actor: Actor, after: str = "") -> KeyPage:
    """Return a page of a DAC's files as lines, last changed first; names are opened for this page only."""
    page = KeyPage.of(_of_tab(tab, actor).filter(_listable(actor)), key="updated_at", after=after)
    page.items = _lines(page.items)
    return page


def due_actions(*, actor: Actor, until: date, mine: bool = True) -> list[WorklistLine]:
    """Return at most 50 files whose next action is due by a day, the most pressing first."""
    rows = Case.objects.filter(_listable(actor), organisation_id=_dac_of(actor), due_on__lte=until)
    if mine:
        rows = rows.filter(coordinator_id=actor.professional_id)
    return _lines(list(rows.order_by("due_on", "id")[:MOST_DUE]))


def worklist_counts(*, actor: Actor) -> dict[Tab, int]:
    """Return how many files each tab of the actor's DAC holds, from the kept counters; proposals are not files."""
    dac_id = _dac_of(actor)
    permit(actor, Permission.COORDINATION_FILE_LIST, Facts(type="case", organisation_id=dac_id))
    rows = WorklistCount.objects.filter(organisation_id=dac_id).order_by("pk")
    followed = [row for row in rows if row.state in FOLLOWED]
    return {
        Tab.TO_INCLUDE: sum(row.number for row in rows if row.state == CaseState.SIGNALLED),
        Tab.MINE: sum(row.number for row in followed if row.coordinator_id == actor.professional_id),
        Tab.ALL: sum(row.number for row in followed),
    }


def number_to_include(organisation_id: UUID) -> int:
    """Return how many files of a DAC wait to be included: a number from the kept counters, for the navigation."""
    return sum(number for (number,) in signalled_counts(organisation_id))


@Rows
def signalled_counts() -> QuerySet[WorklistCount, tuple[int]]:
    """Read the kept counters of the files of a DAC that wait to be included."""
    rows = WorklistCount.objects.filter(organisation_id=ASKED, state=CaseState.SIGNALLED)
    return rows.order_by("pk").values_list("number")


def case_for(case_id: UUID, *, actor: Actor) -> CaseSnapshot:
    """Return one file to its DAC or to a member of the person's circle; raises `NotFound` otherwise."""
    row = _found(case_id)
    permit(actor, Permission.COORDINATION_FILE_READ, row.facts())
    return _snapshot(row)


def case_heading(person_id: UUID, *, actor: Actor) -> CaseHeading | None:
    """Return what a person's page says of her open file, of her last one when none is open, else `None`."""
    permit(actor, Permission.COORDINATION_FILE_READ, Facts(type="case", person_id=person_id))
    row = _last_file(person_id)
    if row is None:
        return None
    return CaseHeading(
        id=row.id,
        state=CaseState(row.state),
        level=row.level,
        phase=Phase(row.phase) if row.phase else None,
        organisation=row.organisation.name,
        coordinator=row.coordinator.display_name if row.coordinator else "",
        next_action=row.next_action,
        due_on=row.due_on,
    )


def case_snapshot(case_id: UUID) -> CaseSnapshot:
    """Return a file, unscoped: for the projection and for commands that already asked the gate."""
    return _snapshot(_found(case_id))


def every_case() -> Iterator[UUID]:
    """Yield the id of every file, unscoped: for rebuilding the projection."""
    return Case.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000)


def open_case_ids(person_id: UUID) -> list[UUID]:
    """Return the open files of a person, unscoped, in a stable order: for the act that closes them."""
    return [row.id for row in open_files(person_id)]


@Rows
def open_files() -> QuerySet[Case]:
    """Read the open files of a person, in a stable order."""
    return Case.objects.filter(person_id=ASKED, state__in=OPEN).order_by("id")


def was_signalled(person_id: UUID, organisation_id: UUID, *, since: datetime) -> bool:
    """Tell whether a person has an open file at a DAC, or had one opened since an instant, unscoped."""
    known = Q(state__in=OPEN) | Q(created_at__gte=since)
    return Case.objects.filter(known, person_id=person_id, organisation_id=organisation_id).exists()


def timeline(
    person_id: UUID, *, actor: Actor, lane: str = "", after: str = "", size: int = KeyPage.SIZE
) -> TimelinePage:
    """Return what happened to a person, newest first: each kind of deed that the actor may read, in one list."""
    permit(actor, Permission.PATIENT_IDENTITY_READ, person_facts(person_id))
    kinds = _open_kinds(person_id, actor)
    shown = {kind.aggregate_type: kind for kind in kinds if lane in ("", kind.lane)}
    told = Q(pk__in=[])
    for kind in shown.values():
        told |= Q(aggregate_type=kind.aggregate_type, deed__in=_told_deeds(kind.lifecycle))
    page = KeyPage.of(Transition.objects.filter(told, person_id=person_id), key="happened_at", after=after, size=size)
    names = organisation_names({row.organisation_id for row in page.items if row.organisation_id})
    days = tuple(
        TimelineDay(date=day, events=tuple(_event(row, shown[row.aggregate_type], names, actor) for row in rows))
        for day, rows in groupby(page.items, key=lambda row: row.happened_at.astimezone(PARIS).date())
    )
    return TimelinePage(days=days, lanes=tuple(sorted({kind.lane for kind in kinds})), next_key=page.next_key)


def _of_tab(tab: Tab, actor: Actor) -> QuerySet[Case]:
    rows = Case.objects.filter(organisation_id=_dac_of(actor))
    if tab == Tab.TO_INCLUDE:
        return rows.filter(state=CaseState.SIGNALLED)
    if tab == Tab.MINE:
        return rows.filter(state__in=FOLLOWED, coordinator_id=actor.professional_id)
    return rows.filter(state__in=FOLLOWED)


def _listable(actor: Actor) -> Q:
    return scope(actor, Permission.COORDINATION_FILE_LIST) & unopposed(actor, Category.SOCIAL)


def _dac_of(actor: Actor) -> UUID:
    if actor.organisation_id is None:
        raise NotFound
    return actor.organisation_id


def _lines(rows: list[Case]) -> list[WorklistLine]:
    people = people_lines(row.person_id for row in rows)
    coordinators = professional_names({row.coordinator_id for row in rows if row.coordinator_id})
    signallers = organisation_names({row.signaller_id for row in rows if row.signaller_id})
    day = today()
    return [
        WorklistLine(
            id=row.id,
            person=people[row.person_id],
            is_partial=row.state == CaseState.SIGNALLED,
            state=CaseState(row.state),
            state_label=CASE.label(row.state),
            urgency=Urgency(row.urgency),
            urgency_label=URGENCY_LABELS[Urgency(row.urgency)],
            level=row.level,
            coordinator=coordinators.get(row.coordinator_id, "") if row.coordinator_id else "",
            signaller=signallers.get(row.signaller_id, "") if row.signaller_id else "",
            reason=row.reason,
            next_action=row.next_action,
            due_on=row.due_on,
            is_late=row.due_on is not None and row.due_on < day,
            updated_at=row.updated_at,
        )
        for row in rows
    ]


def _open_kinds(person_id: UUID, actor: Actor) -> list[TimelineKind]:
    kinds = sorted(timeline_kinds.values(), key=lambda kind: kind.aggregate_type)
    told = Facts(type="timeline", person_id=person_id)
    allowed = permitted_among(actor, {kind.permission for kind in kinds}, told)
    return [kind for kind in kinds if kind.permission in allowed]


def _told_deeds(lifecycle: Lifecycle) -> list[str]:
    names: Iterable[str] = [*(str(move.action) for move in lifecycle.moves), *lifecycle.deeds]
    return [name for name in names if lifecycle.deed(name)]


def _event(row: Transition, kind: TimelineKind, names: dict[UUID, str], actor: Actor) -> dict[str, object]:
    return {
        "title": kind.lifecycle.deed(row.deed),
        "time": row.happened_at,
        "text": "",
        "who": "",
        "where": names.get(row.organisation_id, "") if row.organisation_id else "",
        "icon": kind.icon,
        "tone": kind.tone,
        "url": _way(row, kind, actor),
    }


def _way(row: Transition, kind: TimelineKind, actor: Actor) -> str:
    if kind.url is None or row.person_id is None or (kind.opens and not kind.opens(row.aggregate_id, actor)):
        return ""
    return kind.url(row.aggregate_id, row.person_id)


@read_once
def _last_file(person_id: UUID) -> Case | None:
    """Return a person's open file, her last one when none is open."""
    newest = files_of_person(person_id)
    return next((row for row in newest if row.state in OPEN), newest[0] if newest else None)


@Rows
def files_of_person() -> QuerySet[Case]:
    """Read a person's files, newest first."""
    rows = Case.objects.filter(person_id=ASKED).select_related("organisation", "coordinator")
    return rows.order_by("-created_at", "-id")


def _found(case_id: UUID) -> Case:
    row = Case.objects.filter(pk=case_id).first()
    if row is None:
        raise NotFound
    return row


def _snapshot(row: Case) -> CaseSnapshot:
    return CaseSnapshot(
        id=row.id,
        person_id=row.person_id,
        version=row.version,
        state=CaseState(row.state),
        organisation_id=row.organisation_id,
        signaller_id=row.signaller_id,
        proposal_id=row.proposal_id,
        origin=Origin(row.origin),
        coordinator_id=row.coordinator_id,
        urgency=Urgency(row.urgency),
        caller=row.caller,
        reason=row.reason,
        decline_reason=row.decline_reason,
        closing_reason=ClosingReason(row.closing_reason) if row.closing_reason else None,
        note=row.note,
        level=row.level,
        phase=Phase(row.phase) if row.phase else None,
        next_action=row.next_action,
        due_on=row.due_on,
        included_at=row.included_at,
        closed_at=row.closed_at,
        terms=tuple(
            CoordinatorTerm(professional_id=term.professional_id, since=term.since, until=term.until)
            for term in row.coordinators.order_by("-since", "-id")
        ),
        levels=tuple(
            AssessedLevel(
                id=one.id,
                level=one.level,
                reason=one.reason,
                assessed_on=one.assessed_on,
                assessor_id=one.assessor_id,
            )
            for one in row.levels.order_by("-assessed_on", "-id")
        ),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
