"""Reading the trail, each reader his own part of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import TruncDate

from accounts.access.gate import permit, scope
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.audit.models import AuditRow
from accounts.audit.records import Outcome
from accounts.audit.rules import months_before
from accounts.authentication.labels import ROLE_LABELS
from accounts.kernel.actor import Actor, Role
from accounts.kernel.clock import PARIS, now
from accounts.kernel.errors import NotFound
from accounts.kernel.models import Transition
from accounts.kernel.wall import Reason, seeing_everything
from accounts.organisations.models import Membership, Organisation, Professional
from accounts.people.models import Person
from accounts.people.rules import fold
from accounts.trails.models import AccessReview, HandedList
from accounts.trails.records import Access, AccessList, Trace, Visit
from accounts.trails.rules import Together, day_of, is_night, quality_of, what_of
from accounts.vigilance.queries import spells_of

MOST_ROWS = 20_000
LOOK_BACK = timedelta(days=30)
PAGE = 50
STAY, FINISHED = "stay", "finish"


def handed_list(handed_id: UUID, *, actor: Actor) -> AccessList:
    """Return the list that was asked for in the actor's organisation; raises `NotFound` otherwise."""
    handed = HandedList.objects.filter(pk=handed_id).first()
    if handed is None or handed.organisation_id not in actor.organisations:
        raise NotFound
    permit(actor, Permission.ACCESS_LOG_HAND_TO_PERSON, handed.facts())
    return access_list(handed.person_id, until=handed.created_at)


def access_list(person_id: UUID, *, until: datetime | None = None) -> AccessList:
    """Return who opened a person's file, unscoped: for a list or an export whose gate was asked. Newest day first."""
    until = until or now()
    since = months_before(until, settings.AUDIT_RETENTION)
    rows = AuditRow.objects.filter(_about(person_id), outcome=Outcome.ALLOWED, at__gte=since, at__lte=until)
    with seeing_everything(Reason.AUDIT):
        traces = [trace_of(row) for row in rows.order_by("-at", "-id")[: MOST_ROWS + 1]]
    shown = traces[:MOST_ROWS]
    return AccessList(
        person_id=person_id,
        since=day_of(since),
        until=until,
        lines=tuple(_lines(shown)),
        is_cut=len(traces) > MOST_ROWS,
    )


def _about(person_id: UUID) -> Q:
    """Return the filter that keeps the openings of a person's file: hers, those of the records merged into it until now,
    and those of the record that hers was part of for a time.
    """
    rows = Q(person_id=person_id)
    for spell in spells_of(person_id):
        other = Q(person_id=spell.other_id)
        rows |= other if spell.is_absorbed else other & Q(at__gte=spell.since, at__lte=spell.until)
    return rows


def own_traces(actor: Actor, *, before: datetime | None = None, size: int = PAGE) -> list[Trace]:
    """Return the actor's own rows, newest first. What was refused to him tells neither of whom nor why."""
    permit(actor, Permission.ACCESS_LOG_READ_OWN_ACCESSES, Facts(type="access_log"))
    rows = _own_rows(actor)
    if before is not None:
        rows = rows.filter(at__lt=before)
    return [hidden(trace_of(row)) for row in rows.order_by("-at", "-id")[:size]]


def own_rows(actor: Actor) -> QuerySet[AuditRow]:
    """Return the actor's own rows, once the gate allowed it: for a search over them."""
    permit(actor, Permission.ACCESS_LOG_READ_OWN_ACCESSES, Facts(type="access_log"))
    return _own_rows(actor)


def organisation_traces(
    actor: Actor, *, before: int | None = None, day: date | None = None, size: int = PAGE
) -> list[Trace]:
    """Return the rows of the actor's organisation, newest first, after the row numbered `before`, of one day if named."""
    rows = _organisation_rows(actor)
    if before is not None:
        rows = rows.filter(number__lt=before)
    if day is not None:
        rows = rows.filter(at__gte=_start(day), at__lt=_start(day + timedelta(days=1)))
    return [trace_of(row) for row in rows.order_by("-number")[:size]]


def unusual_candidates(actor: Actor, *, days: timedelta = LOOK_BACK) -> list[Visit]:
    """Return every visit of the organisation's professionals in the last days, with what tells whether it is usual."""
    rows = _organisation_rows(actor).filter(
        at__gte=now() - days, outcome=Outcome.ALLOWED, person_id__isnull=False, professional_id__isnull=False
    )
    grouped = (
        rows.annotate(day=TruncDate("at", tzinfo=PARIS))
        .values("professional_id", "person_id", "role", "day")
        .annotate(
            first=Min("at"), last=Max("at"), rows=Count("id"), first_row=Min("number"), last_row=Max("number"),
            emergencies=Count("break_glass_id"),
        )
        .order_by("-day", "-last_row")
    )  # fmt: skip
    return _with_facts([dict(row) for row in grouped], actor.organisations)


def reviews(actor: Actor) -> dict[tuple[UUID, UUID, date], AccessReview]:
    """Return the visits of the organisation that were looked at, by professional, person and day."""
    permit(actor, Permission.ACCESS_LOG_REVIEW, Facts(type="access_log", organisation_id=actor.organisation_id))
    rows = AccessReview.objects.filter(organisation_id__in=actor.organisations).select_related("reviewer")
    return {(row.professional_id, row.person_id, row.day): row for row in rows.order_by("created_at")}


def names_of(professional_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of professionals."""
    wanted = {one for one in professional_ids if one}
    return {row.id: row.display_name for row in Professional.objects.filter(pk__in=wanted).order_by("pk")}


def visible_people(person_ids: Iterable[UUID | None], *, actor: Actor) -> set[UUID]:
    """Return those of the persons whom the actor may still see."""
    wanted = {one for one in person_ids if one}
    seen = Person.objects.filter(scope(actor, Permission.PATIENT_IDENTITY_READ, person="pk"), pk__in=wanted)
    return set(seen.order_by("pk").values_list("pk", flat=True))


def hidden(trace: Trace) -> Trace:
    """Return a row as its own actor may read it: a refusal tells neither of whom nor why."""
    if trace.outcome == Outcome.ALLOWED:
        return trace
    return replace(trace, person_id=None, rule="not-found" if trace.outcome == Outcome.DENIED else trace.rule)


def trace_of(row: AuditRow) -> Trace:
    """Return a row of the audit as a record."""
    return Trace(
        chain=row.chain, number=row.number, at=row.at, actor_id=row.actor_id, professional_id=row.professional_id,
        organisation_id=row.organisation_id, role=row.role, channel=row.channel, session=row.session,
        action=row.action, object_type=row.object_type, object_id=row.object_id, person_id=row.person_id,
        outcome=Outcome(row.outcome), rule=row.rule, correlation_id=row.correlation_id, ip=row.ip,
        purpose=row.purpose, query=row.query, is_emergency=row.break_glass_id is not None,
    )  # fmt: skip


def _own_rows(actor: Actor) -> QuerySet[AuditRow]:
    return AuditRow.objects.filter(actor_id=actor.id, organisation_id=actor.organisation_id)


def _organisation_rows(actor: Actor) -> QuerySet[AuditRow]:
    permit(actor, Permission.ACCESS_LOG_READ_ORG_TRAIL, Facts(type="access_log", organisation_id=actor.organisation_id))
    return AuditRow.objects.filter(chain=str(actor.organisation_id))


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=PARIS)


def _lines(traces: Sequence[Trace]) -> list[Access]:
    """Return the lines of a list, rows of one day, actor, kind and quality brought together."""
    people = names_of(trace.professional_id for trace in traces)
    places = dict(
        Organisation.objects.filter(pk__in={trace.organisation_id for trace in traces if trace.organisation_id})
        .order_by("pk")
        .values_list("pk", "name")
    )
    groups: dict[Together, list[Trace]] = defaultdict(list)
    for trace in traces:
        who = people.get(trace.professional_id) if trace.professional_id else None
        key = Together(
            day_of(trace.at), f"{who or ''}|{trace.organisation_id}|{trace.role}", what_of(trace), quality_of(trace)
        )
        groups[key].append(trace)
    return [_line(key, rows, people, places) for key, rows in groups.items()]


def _line(key: Together, rows: list[Trace], people: dict[UUID, str], places: dict[UUID, str]) -> Access:
    one = rows[0]
    who = people.get(one.professional_id) if one.professional_id else None
    return Access(
        day=key.day,
        first=rows[-1].at,
        last=one.at,
        times=len({row.correlation_id for row in rows}),
        who=who or ("Logiciel de la structure" if one.role == Role.FHIR_CLIENT else "Le service lui-même"),
        function=ROLE_LABELS.get(Role(one.role), "") if one.role in set(Role) else "",
        organisation=places.get(one.organisation_id, "") if one.organisation_id else "",
        what=key.what,
        quality=key.quality,
        is_emergency=one.is_emergency,
    )


def _with_facts(grouped: list[dict[str, Any]], organisations: Collection[UUID]) -> list[Visit]:
    persons, people = {row["person_id"] for row in grouped}, {row["professional_id"] for row in grouped}
    worked, left = _work_of(organisations, persons)
    families = {row.id: fold(row.family) for row in Professional.objects.filter(pk__in=people).order_by("pk")}
    staff = _staff_of(organisations)
    with seeing_everything(Reason.AUDIT):
        known = {person.pk: person for person in Person.objects.filter(pk__in=persons).order_by("pk")}
    that_day: dict[tuple[UUID, date], int] = defaultdict(int)
    for row in grouped:
        that_day[row["professional_id"], row["day"]] += 1
    return [_visit(row, known.get(row["person_id"]), worked, left, families, staff, that_day) for row in grouped]


def _visit(
    row: dict[str, Any],
    person: Person | None,
    worked: dict[UUID, list[date]],
    left: dict[UUID, list[date]],
    families: dict[UUID, str],
    staff: set[tuple[str, str]],
    that_day: dict[tuple[UUID, date], int],
) -> Visit:
    person_id, day = row["person_id"], row["day"]
    names = _names_of(person) if person else set()
    ends = [end for end in left.get(person_id, []) if end <= day]
    return Visit(
        professional_id=row["professional_id"], person_id=person_id, role=row["role"], day=day, first=row["first"],
        last=row["last"], rows=row["rows"], first_row=row["first_row"], last_row=row["last_row"],
        worked_on=min(worked.get(person_id, []), key=lambda one: abs(day - one), default=None),
        left_on=max(ends, default=None),
        died_on=person.died_on if person else None,
        persons_that_day=that_day[row["professional_id"], day],
        same_name=families.get(row["professional_id"], "") in {family for family, _ in names},
        is_staff=bool(names & staff),
        by_night=is_night(row["first"]) or is_night(row["last"]),
        is_emergency=row["emergencies"] > 0,
    )  # fmt: skip


def _work_of(
    organisations: Collection[UUID], persons: set[UUID]
) -> tuple[dict[UUID, list[date]], dict[UUID, list[date]]]:
    """Return the days on which an organisation did something for each person, and those on which a stay there ended."""
    worked: dict[UUID, list[date]] = defaultdict(list)
    left: dict[UUID, list[date]] = defaultdict(list)
    rows = Transition.objects.filter(organisation_id__in=organisations, person_id__in=persons).order_by("happened_at")
    for person_id, kind, deed, at in rows.values_list("person_id", "aggregate_type", "deed", "happened_at"):
        if person_id is None:
            continue
        worked[person_id].append(day_of(at))
        if (kind, deed) == (STAY, FINISHED):
            left[person_id].append(day_of(at))
    return worked, left


def _names_of(person: Person) -> set[tuple[str, str]]:
    """Return the folded (family name, given name) pairs that a person is known by."""
    givens = {fold(person.usual_given_name), *(fold(name) for name in person.birth_given_names[:1])} - {""}
    families = {fold(person.birth_name), fold(person.usual_name)} - {""}
    return {(family, given) for family in families for given in givens}


def _staff_of(organisations: Collection[UUID]) -> set[tuple[str, str]]:
    rows = Membership.objects.filter(organisation_id__in=organisations).order_by("pk")
    return {
        (fold(family), fold(given)) for family, given in rows.values_list("professional__family", "professional__given")
    }
