"""What is written in a plan now, as snapshots: read alike by its page and by the commands that seal it."""

from collections import defaultdict
from uuid import UUID

from django.db.models import Q, QuerySet

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
from ppa.plans.states import TO_DO, ActionStatus, AgreementMeans, EntryKind, Pace, Words


def topics_of(plan: Plan) -> tuple[TopicSnapshot, ...]:
    """Return every topic of the plan's outline, in order, with what is written, offered and crossed."""
    rows = {row.code: row for row in PlanTopic.objects.filter(plan=plan).select_related("author")}
    ids = [row.id for row in rows.values()]
    offers: dict[UUID, list[TopicOffer]] = defaultdict(list)
    for offer in TopicOffer.objects.filter(topic__in=ids).select_related("author").order_by("created_at", "id"):
        offers[offer.topic_id].append(offer)
    crossed: dict[UUID, list[TopicText]] = defaultdict(list)
    waiting = TopicText.objects.filter(topic__in=ids, crossed=True).select_related("author")
    for text in waiting.order_by("created_at", "id"):
        crossed[text.topic_id].append(text)
    return tuple(
        _topic(found, row, offers=offers[row.id], crossed=crossed[row.id])
        if (row := rows.get(found.code))
        else TopicSnapshot(topic=found)
        for found in outline(plan.outline)
    )


def needs_of(plan: Plan, *, finished: int | None = None) -> tuple[NeedSnapshot, ...]:
    """Return the needs of a plan with their goals and actions, oldest first; of what is finished, the last so many only."""
    actions: dict[UUID, list[ActionSnapshot]] = defaultdict(list)
    for row in _actions(plan, finished).order_by("created_at", "id"):
        actions[row.goal_id].append(_action(row))
    goals: dict[UUID, list[GoalSnapshot]] = defaultdict(list)
    for goal in Goal.objects.filter(need__plan=plan).order_by("created_at", "id"):
        goals[goal.need_id].append(
            GoalSnapshot(
                id=goal.id,
                text=goal.text,
                words=Words(goal.words),
                speaker=goal.speaker,
                actions=tuple(actions[goal.id]),
            )
        )
    return tuple(
        NeedSnapshot(id=need.id, text=need.text, topic=need.topic, goals=tuple(goals[need.id]))
        for need in Need.objects.filter(plan=plan).order_by("created_at", "id")
    )


def entries_of(plan: Plan, *, conversations: int | None = None) -> tuple[EntrySnapshot, ...]:
    """Return what was kept beside the text, the latest first; the last so many conversations only."""
    kept = PlanEntry.objects.filter(plan=plan).order_by("-happened_on", "-created_at", "-id")
    if conversations is not None:
        told = Q(kind=EntryKind.CONVERSATION)
        kept = kept.filter(~told | Q(pk__in=kept.filter(told).values("pk")[:conversations]))
    rows = kept.select_related("author")
    return tuple(
        EntrySnapshot(
            id=row.id,
            kind=EntryKind(row.kind),
            happened_on=row.happened_on,
            number=row.number,
            content=row.content,
            author=row.author.display_name if row.author else "",
        )
        for row in rows
    )


def _actions(plan: Plan, finished: int | None) -> QuerySet[PlannedAction]:
    every = PlannedAction.objects.filter(goal__need__plan=plan)
    if finished is None:
        return every
    to_do = Q(status__in=TO_DO)
    last = every.exclude(to_do).order_by("-created_at", "-id").values("pk")[:finished]
    return every.filter(to_do | Q(pk__in=last))


def latest_agreement(plan: Plan) -> AgreementSnapshot | None:
    """Return the last agreement to the version being written, or last signed; `None` before there is one."""
    rows = PlanAgreement.objects.filter(plan=plan, number=plan.number).select_related("recorder")
    row = rows.order_by("-created_at", "-id").first()
    return agreement_snapshot(row) if row else None


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


def _action(row: PlannedAction) -> ActionSnapshot:
    return ActionSnapshot(
        id=row.id,
        version=row.version,
        what=row.what,
        who=row.who,
        due_on=row.due_on,
        status=ActionStatus(row.status),
        outcome=row.outcome,
    )
