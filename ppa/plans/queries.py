"""Reading plans: the page of one plan in a constant number of statements, and signed versions."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, Final, cast
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    DateField,
    DateTimeField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least, TruncDate

from accounts.access.gate import is_permitted, opened, permit, read_once, scope, standing_of
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows, read_ahead
from accounts.access.records import Decision, Facts
from accounts.access.rules import Situation, decide
from accounts.documents.queries import document_content, document_snapshot, documents_snapshot
from accounts.documents.records import DocumentSnapshot
from accounts.kernel.actor import Actor
from accounts.kernel.clock import PARIS, now, today
from accounts.kernel.errors import NotFound
from accounts.kernel.http import KeyPage, make_key, read_key
from accounts.kernel.models import Transition
from accounts.people.queries import people_lines
from accounts.rights.queries import addenda_beside
from ppa.announcements.queries import announced_at
from ppa.crises.queries import crises_snapshot, crisis_rows, prescription_rows
from ppa.directives.queries import current_directive
from ppa.plans.content import (
    agreement_snapshot,
    entries_of,
    entry_snapshot,
    latest_agreement,
    needs_of,
    parts_of,
    topics_of,
)
from ppa.plans.models import Plan, PlanEntry, PlannedAction, PlanVersion, TextDraft, TopicOffer
from ppa.plans.outline import topic
from ppa.plans.records import (
    AbandonedRevision,
    Change,
    Compared,
    DraftSnapshot,
    EntrySnapshot,
    PlanSnapshot,
    PlanSummary,
    PlanToReview,
    PlanToSign,
    PlanWaiting,
    SocialAction,
    TopicToOfferAgain,
    VersionCard,
    VersionSnapshot,
)
from ppa.plans.rules import (
    CHANGED_BY,
    STALE_WHEN,
    TOLD_WITH,
    changes_between,
    content_of,
    digest_of,
    is_shown,
    put_aside,
    revision_of,
    social_codes,
    social_part,
    stale_reasons,
    wished_places,
)
from ppa.plans.states import (
    ACTION_LABELS,
    CLOSING_LABELS,
    DRAFTS,
    IN_FORCE,
    TO_DO,
    ActionStatus,
    ClosingReason,
    EntryKind,
    Pace,
    PlanState,
    ReviewReason,
)

MOST_TO_SIGN = 50
MOST_TO_DO = 50
NEVER: Final = date.max
"""The day of what has not come."""
WHAT_MATTERS = "what_matters"
"""The topic that a person may share with the volunteers who stand by her."""


def plan_of(person_id: UUID, *, actor: Actor) -> PlanSnapshot | None:
    """Return the plan of a person as an actor who may read drafts sees it: the open one, else the last closed.

    `None` when she has none; raises `NotFound` for an actor outside of her circle.
    """
    permit(actor, Permission.PPA_READ_DRAFT, Facts(type="plan", person_id=person_id))
    row = _latest(person_id)
    return plan_snapshot_of(row, reader=actor) if row else None


def plan_page_of(person_id: UUID, *, actor: Actor) -> PlanSnapshot | None:
    """Return `plan_of` as its page shows it: what is still to be done, and the last of what is finished or was said."""
    permit(actor, Permission.PPA_READ_DRAFT, Facts(type="plan", person_id=person_id))
    row = _latest(person_id)
    return plan_snapshot_of(row, reader=actor, recent=row.state != PlanState.AGREED) if row else None


def topics_part_of(person_id: UUID, *, actor: Actor, social: bool = False) -> PlanSnapshot | None:
    """Return the topics of a person's plan, or her social ones, and nothing else of it; as `plan_of` for the rest."""
    right = Permission.PPA_READ_SOCIAL_SECTIONS if social else Permission.PPA_READ_DRAFT
    permit(actor, right, Facts(type="plan", person_id=person_id))
    row = _latest(person_id)
    if row is None:
        return None
    plan = _snapshot(row, topics=topics_of(row))
    return social_part(plan) if social else plan


def social_part_of(person_id: UUID, *, actor: Actor) -> PlanSnapshot | None:
    """Return the social part of a person's plan; `None` when she has no plan, `NotFound` for an actor outside of her circle."""
    permit(actor, Permission.PPA_READ_SOCIAL_SECTIONS, Facts(type="plan", person_id=person_id))
    row = _latest(person_id)
    return social_part(plan_snapshot_of(row)) if row else None


def what_matters_to(person_id: UUID, *, actor: Actor) -> str:
    """Return what matters to a person, in her words, to an actor with whom she agreed to share it; empty when nothing is."""
    permit(actor, Permission.PPA_READ_WHAT_MATTERS, Facts(type="plan", person_id=person_id))
    row = _latest(person_id)
    topics = topics_of(row) if row else ()
    return next((one.text for one in topics if one.topic.code == WHAT_MATTERS and one.pace in (None, Pace.OPEN)), "")


def followed_by(person_id: UUID, *, actor: Actor) -> PlanSnapshot | None:
    """Return as much of a person's plan as an actor who follows its actions may read: the whole, or the social part."""
    whole = is_permitted(actor, Permission.PPA_READ_DRAFT, Facts(type="plan", person_id=person_id))
    return plan_of(person_id, actor=actor) if whole else social_part_of(person_id, actor=actor)


def own_draft(plan: PlanSnapshot, code: str, *, actor: Actor) -> DraftSnapshot | None:
    """Return what an actor had begun to type, and did not save; the caller has asked whether he may still write there."""
    if actor.professional_id is None:
        return None
    row = TextDraft.objects.filter(plan_id=plan.id, code=code, author_id=actor.professional_id).first()
    return DraftSnapshot(content=row.content, started_from=row.started_from, saved_at=row.saved_at) if row else None


@read_once
def plan_summary(person_id: UUID) -> PlanSummary | None:
    """Return where a person's latest plan stands, unscoped: for what the gate has already opened."""
    row = _latest(person_id)
    if row is None:
        return None
    versions, _ = _version_cards(row)
    return PlanSummary(id=row.id, state=PlanState(row.state), number=row.number, versions=versions)


def plans_to_sign(*, actor: Actor) -> list[PlanToSign]:
    """Return the plans of the actor's circle that the person agreed to and no physician has signed yet, oldest first."""
    seen = scope(actor, Permission.PPA_LIST)
    rows = list(Plan.objects.filter(seen, state=PlanState.AGREED).order_by("updated_at", "id")[:MOST_TO_SIGN])
    people = people_lines({row.person_id for row in rows})
    return [
        PlanToSign(
            plan_id=row.id, person_id=row.person_id, person_name=people[row.person_id].name, since=row.updated_at
        )
        for row in rows
    ]


def topics_to_offer_again(*, actor: Actor) -> list[TopicToOfferAgain]:
    """Return the topics of the actor's circle that were put off to a day which has come, the oldest day first.

    Only the last answer on a topic counts.
    """
    later = TopicOffer.objects.filter(topic=OuterRef("topic")).order_by("-created_at", "-id")
    seen = scope(actor, Permission.PPA_READ_DRAFT, person="topic__plan__person_id")
    rows = (
        TopicOffer.objects.filter(seen, come_back_on__lte=today(), pk=Subquery(later.values("pk")[:1]))
        .exclude(topic__plan__state=PlanState.CLOSED)
        .order_by("come_back_on", "id")
        .values_list("topic__plan__person_id", "topic__plan__outline", "topic__code", "come_back_on")
    )
    return [
        TopicToOfferAgain(person_id=person_id, title=topic(code, version=version).title, come_back_on=day)
        for person_id, version, code, day in rows[:MOST_TO_DO]
        if day
    ]


def social_actions(*, actor: Actor) -> list[SocialAction]:
    """Return what is still to be done about the social needs of the actor's circle: what has a day first, the earliest first."""
    seen = scope(actor, Permission.PPA_READ_SOCIAL_SECTIONS, person="goal__need__plan__person_id")
    rows = list(
        PlannedAction.objects.filter(
            seen,
            goal__need__topic__in=social_codes(),
            status__in=TO_DO,
        )
        .exclude(goal__need__plan__state=PlanState.CLOSED)
        .select_related("goal__need__plan")
        .order_by(F("due_on").asc(nulls_last=True), "id")[:MOST_TO_DO]
    )
    people = people_lines({row.goal.need.plan.person_id for row in rows})
    return [
        SocialAction(
            id=row.id,
            person_id=row.goal.need.plan.person_id,
            person_name=people[row.goal.need.plan.person_id].name,
            what=row.what,
            who=row.who,
            due_on=row.due_on,
            is_late=row.due_on is not None and row.due_on < today(),
            status_label=ACTION_LABELS[ActionStatus(row.status)],
        )
        for row in rows
    ]


def rights_on(plan: PlanSnapshot, *, actor: Actor) -> frozenset[Permission]:
    """Return the rights that an actor has on a plan, without a trace: for showing or hiding buttons, never for data."""
    facts = Facts(type="plan", id=plan.id, person_id=plan.person_id, state=plan.state, is_draft=plan.state in DRAFTS)
    situation = Situation(actor, facts, standing_of(actor, plan.person_id), now())
    decisions = {
        right: decide(right, situation)
        for right in Permission
        if right.startswith(("ppa.", "anticipated_crisis.", "entrusted_action."))
    }
    return frozenset(
        right for right, decision in decisions.items() if decision.allowed or decision.failing == ("STEPUP",)
    )


def open_plan_ids(person_id: UUID) -> list[UUID]:
    """Return the plans of a person that are not closed, unscoped: for what a death closes."""
    return list(Plan.objects.filter(person_id=person_id).exclude(state=PlanState.CLOSED).values_list("id", flat=True))


def plan_snapshot_of(row: Plan, *, reader: Actor | None = None, recent: bool = False) -> PlanSnapshot:
    """Return a plan with all that is written in it, unscoped; `recent`: without what is long finished or was long said.

    What changed since the signature is told to a `reader`, as far as it is open to him.
    Whether an agreement is the present one is told while it waits for a signature, of the whole.
    """
    of_person = ((rows, row.person_id) for rows in (crisis_rows, prescription_rows, signed_versions))
    here = Facts(type="plan", id=row.id, person_id=row.person_id)
    read_ahead(*parts_of(row, recent=recent), *of_person, *(addenda_beside(here, actor=reader) if reader else ()))
    topics, crises = topics_of(row), crises_snapshot(row.person_id)
    needs, entries = needs_of(row, recent=recent), entries_of(row, recent=recent)
    agreement, (versions, former) = latest_agreement(row, entries), _version_cards(row)
    plan = _snapshot(
        row,
        topics=topics,
        needs=needs,
        crises=crises,
        agreement=agreement,
        versions=versions,
        former=former,
        entries=entries,
        stale=_stale(row, reader, since=_read_at(versions[0], entries)) if versions and reader else (),
    )
    if agreement is None or row.state != PlanState.AGREED:
        return plan
    content = content_of(outline=row.outline, topics=topics, needs=needs, crises=crises, places=wished_places(entries))
    return replace(plan, agreement_is_current=agreement.digest == digest_of(content))


def _snapshot(row: Plan, **parts: Any) -> PlanSnapshot:
    return PlanSnapshot(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        state=PlanState(row.state),
        number=row.number,
        outline=row.outline,
        review_on=row.review_on,
        **parts,
    )


def _read_at(last: VersionCard, entries: tuple[EntrySnapshot, ...]) -> datetime:
    """Return when the last version was signed, or read again since."""
    again = (one.kept_at for one in entries if one.kind == EntryKind.REVIEWED and one.number == last.number)
    return max((last.signed_at, *again))


def _stale(plan: Plan, reader: Actor, *, since: datetime) -> tuple[str, ...]:
    """Return why a signed plan is to be looked at again; nothing once its revision has begun."""
    if plan.state not in IN_FORCE:
        return ()
    happened = Transition.objects.filter(_calls_for_a_review(reader), person_id=plan.person_id, recorded_at__gt=since)
    return stale_reasons(happened.order_by("recorded_at", "id").values_list("aggregate_type", "deed"))


def compared(person_id: UUID, before: int, after: int, *, actor: Actor) -> Compared:
    """Return what differs between two signed versions of a person's latest plan; raises `NotFound`."""
    permit(actor, Permission.PPA_HISTORY, Facts(type="plan", person_id=person_id))
    plan = _latest(person_id)
    found = PlanVersion.objects.filter(plan=plan, number__in=[before, after]) if plan else PlanVersion.objects.none()
    rows = {row.number: row for row in found}
    if set(rows) != {before, after}:
        raise NotFound
    return _compared(rows[before], rows[after])


def compared_versions(person_id: UUID, one: UUID, other: UUID, *, actor: Actor) -> Compared:
    """Return what differs between any two signed versions of a person's plans, the older first; raises `NotFound`."""
    permit(actor, Permission.PPA_HISTORY, Facts(type="plan", person_id=person_id))
    rows = list(PlanVersion.objects.filter(plan__person_id=person_id, pk__in={one, other}).order_by("signed_at", "id"))
    if len(rows) < 2:  # noqa: PLR2004 (two are compared)
        raise NotFound
    return _compared(*rows)


def begun_since(plan: PlanSnapshot) -> tuple[Change, ...]:
    """Return what differs between the last signed version of a plan and what is written now, unscoped."""
    signed = PlanVersion.objects.filter(plan_id=plan.id).order_by("-number").first()
    if signed is None:
        return ()
    written = content_of(outline=plan.outline, topics=plan.topics, needs=plan.needs, places=wished_places(plan.entries))
    return put_aside(signed.content, revision_of(signed.content, written, plan.needs))


def abandoned_revisions(person_id: UUID) -> list[AbandonedRevision]:
    """Return the revisions of a person's plans that were abandoned, the latest first, unscoped."""
    kept = PlanEntry.objects.filter(plan__person_id=person_id, kind=EntryKind.ABANDONED)
    rows = list(kept.order_by("-happened_on", "-created_at", "-id").select_related("author", "plan"))
    of_plans = PlanVersion.objects.filter(
        plan__in={row.plan_id for row in rows}, number__in={row.number for row in rows}
    )
    signed = {(one.plan_id, one.number): one.content for one in of_plans}
    return [
        AbandonedRevision(
            kept=entry_snapshot(row),
            changes=put_aside(signed[row.plan_id, row.number], row.content["written"]),
            closed_label=CLOSING_LABELS[ClosingReason(row.plan.closed_for)] if row.plan.closed_for else "",
        )
        for row in rows
    ]


def _compared(before: PlanVersion, after: PlanVersion) -> Compared:
    return Compared(
        before=before.number,
        after=after.number,
        signed=(before.signed_at, after.signed_at),
        changes=changes_between(before.content, after.content),
    )


def plans_to_review(*, actor: Actor) -> list[PlanToReview]:
    """Return the plans of the actor's circle to be looked at again, for a desk: at most 50.

    First those since whose last signature or reading something of `STALE_WHEN` has happened, then those whose
    day has come; among each, the oldest day first.
    """
    due = _marked(actor).filter(Q(review_on__lte=today()) | Q(changed_at__isnull=False))
    has_changed = Case(When(changed_at__isnull=False, then=True), default=False, output_field=BooleanField())
    rows = list(
        due.annotate(has_changed=has_changed).order_by("-has_changed", F("review_on").asc(nulls_last=True), "id")[
            :MOST_TO_SIGN
        ]
    )
    people, reasons = people_lines({row.person_id for row in rows}), _reasons(rows, actor)
    return [
        PlanToReview(
            plan_id=row.id,
            person_id=row.person_id,
            person_name=people[row.person_id].name,
            review_on=row.review_on,
            has_changed=row.has_changed,
            reasons=reasons[row.id],
        )
        for row in rows
    ]


def plans_waiting(
    *, actor: Actor, reason: ReviewReason | None = None, after: str = "", size: int = KeyPage.SIZE
) -> tuple[list[PlanWaiting], str]:
    """Return one page of all the plans of the actor's circle to be read again, with the key of the next page.

    What waits longest comes first: since its day, or since the first change after its last signature or reading.
    """
    came = Case(When(review_on__lte=today(), then=F("review_on")), default=Value(NEVER), output_field=DateField())
    changed = Coalesce(TruncDate("changed_at", tzinfo=PARIS), Value(NEVER), output_field=DateField())
    since = {None: Least(came, changed), ReviewReason.DATE: came}.get(reason, changed)
    waiting = _marked(actor, CHANGED_BY.get(reason) if reason else None).annotate(since=since).filter(since__lt=NEVER)
    if start := read_key(after):
        day, pk = start[0].date(), start[1]
        waiting = waiting.filter(Q(since__gt=day) | Q(since=day, pk__gt=pk))
    found = list(waiting.order_by("since", "id")[: size + 1])
    rows, last = found[:size], found[size - 1] if len(found) > size else None
    people, reasons = people_lines({row.person_id for row in rows}), _reasons(rows, actor)
    lines = [
        PlanWaiting(
            plan_id=row.id,
            person_id=row.person_id,
            person_name=people[row.person_id].name,
            since=row.since,
            reasons=reasons[row.id],
        )
        for row in rows
    ]
    return lines, make_key(datetime.combine(last.since, time(12), tzinfo=UTC), last.pk) if last else ""


def _marked(actor: Actor, about: frozenset[str] | None = None) -> Any:
    """Return the open plans of the actor's circle, each with `read_at` and, in force, when it was first changed since.

    `read_at`: when the last version was signed, or read again without a change.

    `about`: only changes of these aggregates count.
    """
    signed = PlanVersion.objects.filter(plan=OuterRef("pk")).order_by("-number").values("signed_at")[:1]
    again = PlanEntry.objects.filter(plan=OuterRef("pk"), kind=EntryKind.REVIEWED, number=OuterRef("number"))
    last = Coalesce(Subquery(again.order_by("-created_at").values("created_at")[:1]), Subquery(signed))
    happened = Transition.objects.filter(
        _calls_for_a_review(actor, about), person_id=OuterRef("person_id"), recorded_at__gt=OuterRef("read_at")
    )
    first = Subquery(happened.order_by("recorded_at").values("recorded_at")[:1])
    plans = Plan.objects.filter(scope(actor, Permission.PPA_LIST)).exclude(state=PlanState.CLOSED)
    return plans.annotate(read_at=last).annotate(
        changed_at=Case(When(state__in=IN_FORCE, then=first), default=None, output_field=DateTimeField())
    )


def _reasons(plans: list[Any], actor: Actor) -> dict[UUID, tuple[str, ...]]:
    """Return in words why each of some marked plans is to be read again, from one statement."""
    oldest = min((plan.read_at for plan in plans if plan.read_at), default=None)
    deeds: dict[UUID, list[tuple[datetime, tuple[str, str]]]] = defaultdict(list)
    if oldest is not None:
        happened = Transition.objects.filter(
            _calls_for_a_review(actor), person_id__in={plan.person_id for plan in plans}, recorded_at__gt=oldest
        ).order_by("recorded_at", "id")
        for person_id, at, kind, deed in happened.values_list("person_id", "recorded_at", "aggregate_type", "deed"):
            deeds[cast("UUID", person_id)].append((at, (kind, deed)))
    return {plan.id: _reasons_of(plan, deeds[plan.person_id]) for plan in plans}


def _reasons_of(plan: Any, deeds: list[tuple[datetime, tuple[str, str]]]) -> tuple[str, ...]:
    since = plan.read_at if plan.state in IN_FORCE else None
    changes = stale_reasons(deed for at, deed in deeds if since is not None and at > since)
    come = plan.review_on is not None and plan.review_on <= today()
    return (*((f"Relecture prévue le {plan.review_on:%d/%m/%Y}",) if come else ()), *changes)


def _calls_for_a_review(actor: Actor, about: frozenset[str] | None = None) -> Q:
    """Return the filter of the transitions that call for it, as far as the data they are about are open to the actor."""
    deeds: dict[str, list[str]] = {}
    for aggregate, deed in STALE_WHEN:
        if about is None or aggregate in about:
            deeds.setdefault(aggregate, []).append(deed)
    found = Q()
    for aggregate, ones in deeds.items():
        told = opened(actor, TOLD_WITH[aggregate]) if aggregate in TOLD_WITH else Q()
        found |= Q(aggregate_type=aggregate, deed__in=ones) & told
    return found


def version_for(person_id: UUID, number: int, *, actor: Actor) -> VersionSnapshot:
    """Return a signed version of a person's latest plan; raises `NotFound`."""
    decision = permit(actor, Permission.PPA_READ_VALIDATED, Facts(type="plan", person_id=person_id))
    return _shown(_version_of(person_id, number), decision)


def version_paper(person_id: UUID, number: int, *, actor: Actor) -> tuple[DocumentSnapshot, bytes]:
    """Return the PDF of a signed version; raises `NotFound`."""
    card = version_printed(person_id, number, actor=actor).document
    return card, document_content(card.id)


def version_printed(person_id: UUID, number: int, *, actor: Actor) -> VersionSnapshot:
    """Return a signed version to be put on paper; raises `NotFound`."""
    decision = permit(actor, Permission.PPA_PRINT_EXPORT_PDF, Facts(type="plan", person_id=person_id))
    return _shown(_version_of(person_id, number), decision)


def versions_snapshot(plan_id: UUID) -> list[VersionSnapshot]:
    """Return every signed version of a plan, oldest first, unscoped: for the projection."""
    rows = list(_versions().filter(plan_id=plan_id).order_by("number"))
    if not rows:
        return []
    followed, cards = _followed(rows[0].plan), documents_snapshot([row.document_id for row in rows])
    following: list[PlanVersion | None] = [*rows[1:], None]
    former: list[PlanVersion | None] = [None, *rows[:-1]]
    shown = [
        _version(row, cards[row.document_id], before=before, after=after, followed=followed)
        for before, row, after in zip(former, rows, following, strict=True)
    ]
    return _with_file(shown)


def _with_file(versions: list[VersionSnapshot]) -> list[VersionSnapshot]:
    """Return versions with what had been announced at their signatures and, in force, the directives that prevail."""
    person_id = versions[0].person_id
    announced, directive = announced_at(person_id), current_directive(person_id)
    return [
        replace(
            version,
            announcements=tuple(id for id, at in announced if at <= version.signed_at),
            directives=(directive.id,) if directive and not (version.replaced_at or version.closed_for) else (),
        )
        for version in versions
    ]


def version_snapshot(version_id: UUID) -> VersionSnapshot:
    """Return one signed version, unscoped; raises `NotFound`."""
    plan_id = PlanVersion.objects.filter(pk=version_id).values_list("plan_id", flat=True).first()
    found = [each for each in versions_snapshot(plan_id) if each.id == version_id] if plan_id else []
    if not found:
        raise NotFound
    return found[0]


def _shown(version: VersionSnapshot, decision: Decision) -> VersionSnapshot:
    if not is_shown(version, decision.fields):
        raise NotFound
    return version


def _latest(person_id: UUID) -> Plan | None:
    return next(iter(latest_plans(person_id)), None)


@Rows
def latest_plans() -> QuerySet[Plan]:
    """Read a person's open plan, the last closed when none is open."""
    rows = Plan.objects.filter(person_id=ASKED).annotate(is_closed=Q(state=PlanState.CLOSED))
    return rows.order_by("is_closed", "-updated_at", "-id")[:1]


def _version_cards(plan: Plan) -> tuple[tuple[VersionCard, ...], tuple[VersionCard, ...]]:
    """Return the signed versions of a plan, and those of the person's other plans; each newest first."""
    of_person = _cards(plan.person_id)
    return (
        tuple(card for card in of_person if card.plan_id == plan.id),
        tuple(card for card in of_person if card.plan_id != plan.id),
    )


@read_once
def _cards(person_id: UUID) -> tuple[VersionCard, ...]:
    return tuple(
        VersionCard(
            id=id,
            plan_id=plan_id,
            number=number,
            signed_at=signed_at,
            signer=" ".join(part for part in name if part),
            document_id=document_id,
            closed_for=ClosingReason(closed_for) if closed_for else None,
        )
        for id, plan_id, number, signed_at, document_id, closed_for, *name in signed_versions(person_id)
    )


@Rows
def signed_versions() -> QuerySet[PlanVersion, tuple[Any, ...]]:
    """Read the signed versions of a person's plans as columns, the name of the signer last; newest first."""
    rows = PlanVersion.objects.filter(plan__person_id=ASKED).order_by("-signed_at", "-number")
    columns = ("id", "plan_id", "number", "signed_at", "document_id", "plan__closed_for")
    return rows.values_list(*columns, *(f"signer__{part}" for part in ("title", "given", "family")))


def _versions() -> Any:
    return PlanVersion.objects.select_related("plan", "signer", "organisation", "agreement__recorder")


def _version_of(person_id: UUID, number: int) -> VersionSnapshot:
    plan = _latest(person_id)
    if plan is None or number > plan.number:
        raise NotFound
    rows = {row.number: row for row in _versions().filter(plan=plan, number__in=[number - 1, number, number + 1])}
    if number not in rows:
        raise NotFound
    return _version(
        rows[number],
        document_snapshot(rows[number].document_id),
        before=rows.get(number - 1),
        after=rows.get(number + 1),
        followed=_followed(plan),
    )


def _followed(plan: Plan) -> list[PlannedAction]:
    return list(PlannedAction.objects.filter(goal__need__plan=plan).only("status", "outcome"))


def _version(
    row: PlanVersion,
    card: DocumentSnapshot,
    *,
    before: PlanVersion | None,
    after: PlanVersion | None,
    followed: list[PlannedAction],
) -> VersionSnapshot:
    return VersionSnapshot(
        id=row.id,
        plan_id=row.plan_id,
        person_id=row.plan.person_id,
        number=row.number,
        outline=row.outline,
        content=row.content,
        digest=row.digest,
        agreement=agreement_snapshot(row.agreement),
        signer_id=row.signer_id,
        signer=row.signer.display_name,
        organisation_id=row.organisation_id,
        organisation=row.organisation.name,
        signed_at=row.signed_at,
        document=card,
        replaces=before.id if before else None,
        replaces_document=before.document_id if before else None,
        replaced_at=after.signed_at if after else None,
        closed_for=ClosingReason(row.plan.closed_for) if row.plan.closed_for else None,
        statuses={str(one.id): ActionStatus(one.status) for one in followed},
        outcomes={str(one.id): one.outcome for one in followed if one.outcome},
        review_on=row.plan.review_on,
    )
