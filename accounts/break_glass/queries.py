"""Finding somebody by an exact identity, the opener's own accesses, the review queue, the notices to give."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from accounts.access.gate import current_trail, memberships_of, permit, refusals_of, scope, unopposed
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.access.reserved import reserved_by
from accounts.access.states import Basis
from accounts.audit.models import AuditRow
from accounts.audit.records import AuditEntry, Outcome
from accounts.break_glass.finding import read_finding, sealed
from accounts.break_glass.models import BreakGlass, EmergencyAccessNotice
from accounts.break_glass.records import (
    BreakGlassSnapshot,
    Consulted,
    Finding,
    Letter,
    Notice,
    Recognised,
    ReservedBreakGlass,
    Review,
    ToReview,
)
from accounts.break_glass.rules import (
    MOST_FOUND,
    REVIEWED_WITHIN,
    AccessOver,
    OwnReview,
    TooManySearches,
    check_alive,
    check_searches,
    read_wanted,
)
from accounts.break_glass.states import (
    BREAK_GLASS,
    FOUND_BY_LABELS,
    REASON_LABELS,
    VERDICT_LABELS,
    FoundBy,
    NoticeState,
    Reason,
    State,
    Verdict,
)
from accounts.kernel import read_only
from accounts.kernel.actor import Actor, Role
from accounts.kernel.clock import PARIS, now, today
from accounts.kernel.errors import NotFound
from accounts.kernel.wall import Reason as Above
from accounts.kernel.wall import seeing_everything
from accounts.organisations.directory import is_emergency_service
from accounts.people.pace import tell_referents
from accounts.people.queries import found_exactly, people_lines, person_snapshot
from accounts.people.states import SEX_LABELS

MOST_OWN = 20
MOST_LISTED = 100

CONSULTED_LABELS = {
    Permission.PATIENT_IDENTITY_READ: "Identité et coordonnées",
    Permission.PATIENT_IDENTITY_READ_INS_FULL: "Matricule INS",
    Permission.CIRCLE_MEMBERSHIP_READ: "Équipes qui suivent la personne",
    Permission.RELATIVE_READ: "Proches",
    Permission.CONSENT_OPPOSITION_READ: "Accords et refus",
    Permission.EMERGENCY_SHEET_READ: "Fiche Urgence Pallia signée",
    Permission.PPA_READ_VALIDATED: "Plan personnalisé signé",
    Permission.PPA_PRINT_EXPORT_PDF: "Plan personnalisé, en PDF",
    Permission.ADVANCE_DIRECTIVE_READ_EXISTENCE: "Existence de directives anticipées",
    Permission.ADVANCE_DIRECTIVE_READ_CONTENT: "Contenu des directives anticipées",
    Permission.ADVANCE_DIRECTIVE_DOWNLOAD_FILE: "Document des directives anticipées",
    Permission.TRUSTED_PERSON_READ: "Personne de confiance",
}


def find(text: str, *, actor: Actor) -> list[Recognised]:
    """Return at most five persons whom a whole identity designates, with just enough to recognise them.

    Somebody who refuses the actor, or emergency access, is not found. Raises
    `NothingToSearch` for less than an identity and `TooManySearches`; each person shown is
    one row of the audit.
    """
    wanted = read_wanted(text)
    permit(actor, Permission.BREAK_GLASS_FIND, _search_facts(actor))
    _check_pace(actor)
    with seeing_everything(Above.EMERGENCY):
        people = found_exactly(
            among=~Q(Exists(refusals_of(actor).filter(person_id=OuterRef("pk")))),
            phone=wanted.phone, words=wanted.words, birth_date=wanted.birth_date, ins=wanted.ins, limit=MOST_FOUND,
        )  # fmt: skip
    for person in people:
        current_trail().note(
            AuditEntry(
                actor=actor, action=Permission.BREAK_GLASS_FIND, object_type="person", object_id=person.id,
                person_id=person.id, rule=f"found-by-{wanted.found_by}",
            )
        )  # fmt: skip
    return [
        Recognised(
            name=person.name,
            birth_date=person.birth_date,
            sex=SEX_LABELS[person.sex],
            city=person.city,
            died_on=person.died_on,
            finding=sealed(Finding(person_id=person.id, found_by=wanted.found_by, at=now()), actor),
        )
        for person in people
    ]


def may_find(actor: Actor) -> bool:
    """Tell whether the actor acts where persons are found in an emergency: for offering the way in."""
    return actor.organisation_id is not None and (
        actor.role != Role.PHYSICIAN or is_emergency_service(actor.organisation_id)
    )


def recognised(token: str, *, actor: Actor) -> Recognised:
    """Return again whom one's own search found, for the page that asks why; raises `FindingOver`, or as the gate does."""
    finding = read_finding(token, actor=actor)
    permit(actor, Permission.BREAK_GLASS_FIND, replace(_search_facts(actor), person_id=finding.person_id))
    with seeing_everything(Above.EMERGENCY):
        if refusals_of(actor).filter(person_id=finding.person_id).exists():
            raise NotFound
        person = people_lines([finding.person_id])[finding.person_id]
    return Recognised(
        name=person.name, birth_date=person.birth_date, sex=SEX_LABELS[person.sex], city=person.city,
        died_on=person.died_on, finding=token,
    )  # fmt: skip


def own_accesses(*, actor: Actor) -> list[BreakGlassSnapshot]:
    """Return the latest break-glasses of the actor, newest first, without any identity."""
    permit(actor, Permission.BREAK_GLASS_LIST_OWN, Facts(type=BreakGlass.AGGREGATE, author_id=actor.id))
    if actor.id is None:
        return []
    rows = _whole().filter(account_id=actor.id).order_by("-opened_at", "-id")[:MOST_OWN]
    reserved = [_reserved_snapshot(read_reserved(held), actor) for held in reversed(reserved_by(actor))]
    return [*reserved, *(snapshot_of(row) for row in rows)]


def running_access(id: UUID, *, actor: Actor) -> BreakGlassSnapshot:
    """Return one's own break-glass while it runs; raises `AccessOver` afterwards, `NotFound` for another's."""
    for held in reserved_by(actor):
        if held["id"] == str(id):
            return _reserved_snapshot(read_reserved(held), actor)
    row = _whole().filter(pk=id).first()
    if row is None or (row.account_id, row.organisation_id) != (actor.id, actor.organisation_id):
        raise NotFound
    if row.state != State.OPEN or row.ends_at <= now():
        raise AccessOver
    return snapshot_of(row)


def read_reserved(held: Mapping[str, str]) -> ReservedBreakGlass:
    """Return a break-glass as the reserve kept it."""
    ids = {name: UUID(held[name]) for name in ("id", "person_id", "organisation_id", "professional_id", "account_id")}
    return ReservedBreakGlass(
        **ids,
        reference=held["reference"],
        reason=Reason(held["reason"]),
        explanation=held["explanation"],
        found_by=FoundBy(held["found_by"]),
        opened_at=datetime.fromisoformat(held["opened_at"]),
        ends_at=datetime.fromisoformat(held["ends_at"]),
    )


def due_to_expire() -> list[UUID]:
    """Return the break-glasses whose time is over and that are still open, unscoped: for the clock."""
    rows = BreakGlass.objects.filter(state=State.OPEN, ends_at__lte=now()).order_by("ends_at", "id")
    return list(rows.values_list("id", flat=True)[:500])


def to_review(*, actor: Actor) -> list[ToReview]:
    """Return the break-glasses that wait for a review by the actor, oldest first: no identity of any person."""
    scope(actor, Permission.BREAK_GLASS_REVIEW)
    return [_to_review(row) for row in _queue(actor).select_related("professional", "organisation")[:MOST_LISTED]]


def count_to_review(actor: Actor) -> int:
    """Return how many wait for the actor: over the index of those without a verdict."""
    return _queue(actor).count()


def review_of(id: UUID, *, actor: Actor) -> Review:
    """Return what a reviewer sees of one break-glass; raises `NotFound`, or `OwnReview` for one's own."""
    row = _whole().select_related("reviewed_by").filter(pk=id).first()
    if row is None:
        raise NotFound
    permit(actor, Permission.BREAK_GLASS_REVIEW, row.facts_for_review(actor.organisations))
    if actor.id == row.account_id or actor.professional_id == row.professional_id:
        raise OwnReview
    return Review(
        seen=snapshot_of(row),
        explanation=row.explanation,
        consulted=tuple(_consulted(row)),
        person_told_on=_told_on(row),
        verdict_label=VERDICT_LABELS[Verdict(row.verdict)] if row.verdict else "",
        comment=row.comment,
        reviewer=row.reviewed_by.display_name if row.reviewed_by else "",
        reviewed_at=row.reviewed_at,
    )


def notices_due(*, actor: Actor) -> list[Notice]:
    """Return the living persons whom the actor's organisation has to tell, the most pressing first."""
    seen = scope(actor, Permission.BREAK_GLASS_LIST_NOTICES) & unopposed(actor)
    rows = _notices().filter(seen, organisation_id__in=actor.organisations, state=NoticeState.DUE, person__died_on=None)
    return [_notice(row) for row in rows.order_by("due_at", "id")[:MOST_LISTED]]


def notice_for(id: UUID, *, actor: Actor) -> Notice:
    """Return one notice to who may give it; raises `NotFound` otherwise, `NobodyToTell` when the person has died meanwhile."""
    row = _notices().filter(pk=id).first()
    if row is None:
        raise NotFound
    permit(actor, Permission.BREAK_GLASS_TELL_PERSON, row.facts())
    if row.state == NoticeState.DUE:
        check_alive(row.person.died_on)
    return _notice(row)


def letter_for(id: UUID, *, actor: Actor) -> Letter:
    """Return the letter of a notice to who may give it; raises `NotFound` otherwise."""
    notice = notice_for(id, actor=actor)
    row = EmergencyAccessNotice.objects.select_related("break_glass", "organisation").get(pk=id)
    person, opened = person_snapshot(row.person_id), row.break_glass
    check_alive(person.died_on)
    return Letter(
        notice=notice,
        sex=person.traits.sex,
        street=person.contact.street,
        town=f"{person.contact.postal_code} {person.contact.city}".strip(),
        sender=row.organisation.name,
        sender_phone=row.organisation.phone,
        ended_at=opened.ended_at or opened.ends_at,
        written_on=today(),
        consulted=_opened_in(opened),
    )


def snapshot_of(row: BreakGlass) -> BreakGlassSnapshot:
    """Return a break-glass as others read it."""
    return BreakGlassSnapshot(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        reference=row.reference,
        state=State(row.state),
        state_label=BREAK_GLASS.label(row.state),
        reason_label=REASON_LABELS[Reason(row.reason)],
        found_by_label=FOUND_BY_LABELS[FoundBy(row.found_by)],
        opener=row.professional.display_name,
        organisation=row.organisation.name,
        opened_at=row.opened_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
    )


@seeing_everything(Above.EMERGENCY)
def _told_on(row: BreakGlass) -> date | None:
    """Return when the person was told, by another organisation as a rule."""
    return row.notice.told_on


@seeing_everything(Above.EMERGENCY)
def _opened_in(row: BreakGlass) -> tuple[str, ...]:
    """Return what was opened, in words: the trail belongs to the opener's organisation, another one tells as a rule."""
    return tuple(dict.fromkeys(line.label for line in _consulted(row)))


def _reserved_snapshot(reserved: ReservedBreakGlass, actor: Actor) -> BreakGlassSnapshot:
    return BreakGlassSnapshot(
        id=reserved.id,
        version=0,
        person_id=reserved.person_id,
        reference=reserved.reference,
        state=State.OPEN,
        state_label=BREAK_GLASS.label(State.OPEN),
        reason_label=REASON_LABELS[reserved.reason],
        found_by_label=FOUND_BY_LABELS[reserved.found_by],
        opener=actor.display_name,
        organisation="",
        opened_at=reserved.opened_at,
        ends_at=reserved.ends_at,
        ended_at=None,
    )


def _whole() -> "QuerySet[BreakGlass]":
    return BreakGlass.objects.select_related("professional", "organisation")


def _notices() -> "QuerySet[EmergencyAccessNotice]":
    return EmergencyAccessNotice.objects.select_related("break_glass__professional", "break_glass__organisation")


def _search_facts(actor: Actor) -> Facts:
    place = actor.organisation_id
    return Facts(type="person", at_emergency=place is not None and is_emergency_service(place))


def _check_pace(actor: Actor) -> None:
    if read_only.mode():
        check_searches(last_minute=_counted_here(actor), last_day=0)
        return
    asked = AuditRow.objects.filter(
        actor_id=actor.id, action=Permission.BREAK_GLASS_FIND, outcome=Outcome.ALLOWED, person_id=None
    )
    instant = now()
    try:
        check_searches(
            last_minute=asked.filter(at__gt=instant - timedelta(minutes=1)).count(),
            last_day=asked.filter(at__gt=instant - timedelta(days=1)).count(),
        )
    except TooManySearches:
        tell_referents(actor)
        raise


def _counted_here(actor: Actor) -> int:
    """Return how often the actor has searched in this minute, counted in the cache: the audit cannot be counted now."""
    key = f"break-glass-searches-{actor.id}-{int(now().timestamp()) // 60}"
    cache.add(key, 0, timeout=120)
    return cache.incr(key) - 1


def _queue(actor: Actor) -> "QuerySet[BreakGlass]":
    """Return those without a verdict that the actor may judge: of his organisation, or of a person his DAC follows."""
    followed = memberships_of(actor).filter(person_id=OuterRef("person_id"), basis=Basis.COORDINATION)
    mine = Q(organisation_id__in=actor.organisations) | Q(Exists(followed))
    others = ~Q(account_id=actor.id) & ~Q(professional_id=actor.professional_id)
    return BreakGlass.objects.filter(mine, others, verdict="").order_by("opened_at", "id")


def _to_review(row: BreakGlass) -> ToReview:
    due_at = row.opened_at + REVIEWED_WITHIN
    return ToReview(
        id=row.id,
        reference=row.reference,
        opener=row.professional.display_name,
        organisation=row.organisation.name,
        opened_at=row.opened_at,
        due_on=due_at.astimezone(PARIS).date(),
        state_label=BREAK_GLASS.label(row.state),
        is_ended=row.state == State.ENDED,
        is_late=due_at < now(),
    )


def _consulted(row: BreakGlass) -> Iterable[Consulted]:
    asked = AuditRow.objects.filter(
        actor_id=row.account_id, at__gte=row.opened_at, break_glass_id=row.id, outcome=Outcome.ALLOWED
    )
    for line in asked.values("action").annotate(times=Count("pk"), first=Min("at")).order_by("first"):
        label = CONSULTED_LABELS.get(Permission(line["action"]))
        if label:
            yield Consulted(action=line["action"], label=label, times=line["times"], first_at=line["first"])


def _notice(row: EmergencyAccessNotice) -> Notice:
    person, opened = person_snapshot(row.person_id), row.break_glass
    contact = person.contact
    return Notice(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        person_name=person.display_name,
        phones=contact.phones,
        address=", ".join(part for part in (contact.street, f"{contact.postal_code} {contact.city}".strip()) if part),
        reference=opened.reference,
        by_whom=f"{opened.professional.display_name}, {opened.organisation.name}",
        reason_label=REASON_LABELS[Reason(opened.reason)],
        opened_at=opened.opened_at,
        due_at=row.due_at,
        is_late=row.due_at < now(),
        state=NoticeState(row.state),
    )
