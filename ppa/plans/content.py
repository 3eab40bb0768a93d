"""What is written in a plan now, as snapshots, and whether another may begin: read alike by its page and by the commands that seal it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from accounts.access.readings import ASKED, Rows, read_together
from accounts.kernel.fields import Sealed
from accounts.kernel.models import Transition
from ppa.announcements.queries import was_asked_since
from ppa.plans.models import Goal, Need, Plan, PlanAgreement, PlanEntry, PlannedAction, PlanTopic, TopicOffer, TopicText
from ppa.plans.outline import Topic, outline
from ppa.plans.records import (
    ActionSnapshot,
    AgreementSnapshot,
    EntrySnapshot,
    GoalSnapshot,
    NeedSnapshot,
    OfferSnapshot,
    OtherText,
    TopicSnapshot,
)
from ppa.plans.rules import still_given
from ppa.plans.states import (
    TO_DO,
    ActionStatus,
    AgreementMeans,
    ClosingReason,
    EntryKind,
    GoalStatus,
    Pace,
    PlanAction,
    Words,
)

LAST_FINISHED, LAST_SAID = 5, 3
"""How many finished actions and conversations the page of a plan shows; the others are one click away."""


@Rows
def topic_rows() -> QuerySet[PlanTopic]:
    """Read what is written on the topics of a plan."""
    return PlanTopic.objects.filter(plan=ASKED).select_related("author")


@Rows
def offer_rows() -> QuerySet[TopicOffer]:
    """Read every offer of a topic of a plan, oldest first."""
    return TopicOffer.objects.filter(topic__plan=ASKED).select_related("author").order_by("created_at", "id")


@Rows
def crossed_rows() -> QuerySet[TopicText]:
    """Read the texts of a plan that crossed another, oldest first."""
    rows = TopicText.objects.filter(topic__plan=ASKED, crossed=True).select_related("author")
    return rows.order_by("created_at", "id")


@Rows
def need_rows() -> QuerySet[Need, tuple[Any, ...]]:
    """Read the needs of a plan as columns, oldest first."""
    return (
        Need.objects.filter(plan=ASKED)
        .order_by("created_at", "id")
        .values_list("id", "version", "dropped_on", "topic", "text")
    )


@Rows
def goal_rows() -> QuerySet[Goal, tuple[Any, ...]]:
    """Read the goals of a plan as columns, each after its need, oldest first."""
    rows = Goal.objects.filter(need__plan=ASKED).order_by("created_at", "id")
    return rows.values_list("need_id", "id", "version", "status", "settled_on", "words", "speaker", "text", "outcome")


@Rows
def action_rows() -> QuerySet[PlannedAction, tuple[Any, ...]]:
    """Read the actions of a plan as columns, each after its goal, oldest first."""
    return _actions(PlannedAction.objects.filter(goal__need__plan=ASKED))


@Rows
def recent_action_rows() -> QuerySet[PlannedAction, tuple[Any, ...]]:
    """Read those that are still to be done, and the last of the finished ones."""
    of_plan = PlannedAction.objects.filter(goal__need__plan=ASKED)
    finished = of_plan.exclude(status__in=TO_DO).order_by("-created_at", "-id").values("pk")[:LAST_FINISHED]
    return _actions(of_plan.filter(Q(status__in=TO_DO) | Q(pk__in=finished)))


@Rows
def entry_rows() -> QuerySet[PlanEntry]:
    """Read what was kept beside the text of a plan, the latest first."""
    return PlanEntry.objects.filter(plan=ASKED).order_by("-happened_on", "-created_at", "-id").select_related("author")


@Rows
def recent_entry_rows() -> QuerySet[PlanEntry]:
    """Read it with the last conversations only, and without what was abandoned."""
    told, kept = Q(kind=EntryKind.CONVERSATION), entry_rows.build().exclude(kind=EntryKind.ABANDONED)
    return kept.filter(~told | Q(pk__in=kept.filter(told).values("pk")[:LAST_SAID]))


@Rows
def agreement_rows() -> QuerySet[PlanAgreement]:
    """Read the last agreement to the version being written, or last signed."""
    rows = PlanAgreement.objects.filter(plan=ASKED, number=F("plan__number")).select_related("recorder")
    return rows.order_by("-created_at", "-id")[:1]


PARTS = (topic_rows, offer_rows, crossed_rows, need_rows, goal_rows, agreement_rows)


def parts_of(plan: Plan, *, recent: bool) -> list[tuple[Rows[Any], UUID]]:
    """Return what is read of a plan to show it, for `read_ahead`."""
    long = (recent_action_rows, recent_entry_rows) if recent else (action_rows, entry_rows)
    return [(rows, plan.pk) for rows in (*PARTS, *long)]


def topics_of(plan: Plan) -> tuple[TopicSnapshot, ...]:
    """Return every topic of the plan's outline, in order, with what is written, offered and crossed."""
    written, offered, waiting = read_together((topic_rows, plan.pk), (offer_rows, plan.pk), (crossed_rows, plan.pk))
    rows = {row.code: row for row in written}
    offers: dict[UUID, list[TopicOffer]] = defaultdict(list)
    for offer in offered:
        offers[offer.topic_id].append(offer)
    crossed: dict[UUID, list[TopicText]] = defaultdict(list)
    for text in waiting:
        crossed[text.topic_id].append(text)
    return tuple(
        _topic(found, row, offers=offers[row.id], crossed=crossed[row.id])
        if (row := rows.get(found.code))
        else TopicSnapshot(topic=found)
        for found in outline(plan.outline)
    )


def needs_of(plan: Plan, *, recent: bool = False) -> tuple[NeedSnapshot, ...]:
    """Return the needs of a plan with their goals and actions, oldest first; of what is finished, the last only when `recent`."""
    planned = recent_action_rows if recent else action_rows
    needs, wished, done = read_together((need_rows, plan.pk), (goal_rows, plan.pk), (planned, plan.pk))
    actions: dict[UUID, list[ActionSnapshot]] = defaultdict(list)
    for goal_id, *action in done:
        actions[goal_id].append(_action(*action))
    goals: dict[UUID, list[GoalSnapshot]] = defaultdict(list)
    for need_id, id, *goal in wished:
        goals[need_id].append(_goal(id, goal, actions=tuple(actions[id])))
    return tuple(_need(id, *need, goals=tuple(goals[id])) for id, *need in needs)


def entries_of(plan: Plan, *, recent: bool = False) -> tuple[EntrySnapshot, ...]:
    """Return what was kept beside the text, the latest first; of conversations, the last only when `recent`."""
    rows = (recent_entry_rows if recent else entry_rows)(plan.pk)
    return tuple(entry_snapshot(row) for row in rows)


def entry_snapshot(row: PlanEntry) -> EntrySnapshot:
    """Return what was kept as others read it."""
    return EntrySnapshot(
        id=row.id,
        kind=EntryKind(row.kind),
        happened_on=row.happened_on,
        number=row.number,
        content=row.content,
        author=row.author.display_name if row.author else "",
        kept_at=row.created_at,
    )


def is_wanted_no_more(person_id: UUID) -> bool:
    """Tell whether a person ended a plan because she wanted none any more, and has answered no proposal since: unscoped."""
    left = Plan.objects.filter(person_id=person_id, closed_for=ClosingReason.WITHDRAWAL)
    closed = Transition.objects.filter(
        aggregate_type=Plan.AGGREGATE, aggregate_id__in=left.values("pk"), person_id=person_id, deed=PlanAction.CLOSE
    )
    left_at = closed.order_by("-recorded_at").values_list("recorded_at", flat=True).first()
    return left_at is not None and not was_asked_since(person_id, left_at)


def latest_agreement(plan: Plan, entries: Iterable[EntrySnapshot]) -> AgreementSnapshot | None:
    """Return the last agreement to the version being written, or last signed; `None` before there is one, or once `entries` tell that it was taken back."""
    found = agreement_rows(plan.pk)
    return still_given(agreement_snapshot(found[0]), entries) if found else None


def agreement_snapshot(row: PlanAgreement) -> AgreementSnapshot:
    """Return an agreement as others read it."""
    return AgreementSnapshot(
        id=row.id,
        given_on=row.given_on,
        means=AgreementMeans(row.means),
        witness=row.witness,
        recorded_by=row.recorder.display_name if row.recorder else "",
        digest=row.digest,
    )


def _topic(found: Topic, row: PlanTopic, *, offers: list[TopicOffer], crossed: list[TopicText]) -> TopicSnapshot:
    return TopicSnapshot(
        topic=found,
        version=row.version,
        text=row.text,
        author=row.author.display_name if row.author else "",
        written_at=row.written_at,
        pace=Pace(row.pace) if row.pace else None,
        offers=tuple(_offer(offer) for offer in offers),
        others=tuple(
            OtherText(
                text=text.text, author=text.author.display_name if text.author else "", written_at=text.created_at
            )
            for text in crossed
            if text.created_at > row.settled_at
        ),
    )


def _offer(row: TopicOffer) -> OfferSnapshot:
    return OfferSnapshot(
        pace=Pace(row.pace),
        with_whom=row.with_whom,
        offered_on=row.offered_on,
        author=row.author.display_name if row.author else "",
        come_back_on=row.come_back_on,
    )


def _actions(rows: QuerySet[PlannedAction]) -> QuerySet[PlannedAction, tuple[Any, ...]]:
    columns = ("goal_id", "id", "version", "what", "who", "due_on", "status", "outcome")
    return rows.order_by("created_at", "id").values_list(*columns)


def _need(
    id: UUID, version: int, dropped_on: date | None, topic: str, text: Sealed, *, goals: tuple[GoalSnapshot, ...]
) -> NeedSnapshot:
    return NeedSnapshot(
        id=id,
        version=version,
        text=_opened(Need, "text", text, id),
        topic=topic,
        goals=goals,
        dropped_on=dropped_on,
    )


def _goal(id: UUID, columns: list[Any], *, actions: tuple[ActionSnapshot, ...]) -> GoalSnapshot:
    version, status, settled_on, words, speaker, text, outcome = columns
    return GoalSnapshot(
        id=id,
        version=version,
        text=_opened(Goal, "text", text, id),
        words=Words(words),
        speaker=_opened(Goal, "speaker", speaker, id),
        status=GoalStatus(status),
        settled_on=settled_on,
        outcome=_opened(Goal, "outcome", outcome, id) if outcome else "",
        actions=actions,
    )


def _action(
    id: UUID, version: int, what: Sealed, who: Sealed, due_on: date | None, status: str, outcome: Sealed
) -> ActionSnapshot:
    return ActionSnapshot(
        id=id,
        version=version,
        what=_opened(PlannedAction, "what", what, id),
        who=_opened(PlannedAction, "who", who, id),
        due_on=due_on,
        status=ActionStatus(status),
        outcome=_opened(PlannedAction, "outcome", outcome, id),
    )


def _opened(model: type[Need] | type[Goal] | type[PlannedAction], column: str, held: Sealed, id: UUID) -> str:
    field: Any = model._meta.get_field(column)
    return str(field.opened(held.raw, id))
