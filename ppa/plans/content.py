"""What is written in a plan now, as snapshots: read alike by its page and by the commands that seal it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Q

from accounts.kernel.database import as_column, as_uuid
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

_TO_DO: Final = ", ".join(f"'{status}'" for status in TO_DO)
_NEEDS: Final = (
    "SELECT n.id, n.topic, n.text, g.id, g.words, g.speaker, g.text, a.id, a.version, a.what, a.who, a.due_on, a.status, a.outcome"
    " FROM ppa_need n LEFT JOIN ppa_goal g ON g.need_id = n.id LEFT JOIN ppa_plannedaction a ON a.goal_id = g.id{}"
    " WHERE n.plan_id = %(plan)s ORDER BY n.created_at, n.id, g.created_at, g.id, a.created_at, a.id"
)
_RECENT: Final = (
    f" AND (a.status IN ({_TO_DO}) OR a.id IN (SELECT d.id FROM ppa_need dn JOIN ppa_goal dg ON dg.need_id = dn.id"  # noqa: S608 (names of ours)
    f" JOIN ppa_plannedaction d ON d.goal_id = dg.id WHERE dn.plan_id = %(plan)s AND d.status NOT IN ({_TO_DO})"
    " ORDER BY d.created_at DESC, d.id DESC LIMIT %(finished)s))"
)
"""Needs, goals and actions in one statement, written out: building three anew cost more than running them."""


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
    needs: dict[UUID, NeedSnapshot] = {}
    goals: dict[UUID, dict[UUID, GoalSnapshot]] = defaultdict(dict)
    actions: dict[UUID, list[ActionSnapshot]] = defaultdict(list)
    for need, goal, action in _needs(plan, finished):
        if need[0] not in needs:
            needs[need[0]] = _need(*need)
        if goal[0] is not None and goal[0] not in goals[need[0]]:
            goals[need[0]][goal[0]] = _goal(*goal)
        if action[0] is not None:
            actions[goal[0]].append(_action(*action))
    return tuple(
        replace(need, goals=tuple(replace(goal, actions=tuple(actions[key])) for key, goal in goals[id].items()))
        for id, need in needs.items()
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


def _needs(plan: Plan, finished: int | None) -> Iterator[tuple[Any, Any, Any]]:
    """Give each action beside its goal and its need, or what has none yet, as columns lie."""
    statement = _NEEDS.format("" if finished is None else _RECENT)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"plan": as_column(plan.pk), "finished": finished})
        for row in cursor.fetchall():
            yield row[:3], row[3:7], row[7:]


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


def _need(id: UUID | str, topic: str, text: bytes) -> NeedSnapshot:
    pk = as_uuid(id)
    return NeedSnapshot(id=pk, text=_opened(Need, "text", text, pk), topic=topic, goals=())


def _goal(id: UUID | str, words: str, speaker: bytes, text: bytes) -> GoalSnapshot:
    pk = as_uuid(id)
    return GoalSnapshot(
        id=pk,
        text=_opened(Goal, "text", text, pk),
        words=Words(words),
        speaker=_opened(Goal, "speaker", speaker, pk),
        actions=(),
    )


def _action(
    id: UUID | str, version: int, what: bytes, who: bytes, due_on: date | None, status: str, outcome: bytes
) -> ActionSnapshot:
    pk = as_uuid(id)
    return ActionSnapshot(
        id=pk,
        version=version,
        what=_opened(PlannedAction, "what", what, pk),
        who=_opened(PlannedAction, "who", who, pk),
        due_on=due_on,
        status=ActionStatus(status),
        outcome=_opened(PlannedAction, "outcome", outcome, pk),
    )


def _opened(model: type[Need] | type[Goal] | type[PlannedAction], column: str, raw: bytes, pk: UUID) -> str:
    field: Any = model._meta.get_field(column)
    return str(field.opened(raw, pk))
