"""Putting what is written in a plan back to what a signed version says, when its revision is abandoned.

Nothing is erased: a text that gives way stays among the texts of its topic, what was said of needs and goals is kept
in `rules.revision_of`, a need that came since is set aside. What the person said and how actions go are facts, and stay.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from accounts.kernel.clock import now, today
from ppa.plans.models import Goal, Need, Plan, PlannedAction, PlanTopic, TopicText
from ppa.plans.rules import actions_in
from ppa.plans.states import ActionStatus, GoalStatus


def bring_back(plan: Plan, content: Mapping[str, Any], *, by: UUID | None) -> None:
    """Make the topics, needs, goals and actions of a plan say what a signed content says."""
    texts = {topic["code"]: topic["text"] for topic in content["topics"]}
    for row in PlanTopic.objects.filter(plan=plan).order_by("id"):
        _topic(row, texts.get(row.code, ""), by=by)
    needs = {need["id"]: need for need in content["needs"]}
    for need in Need.objects.filter(plan=plan).order_by("id"):
        _need(need, needs.get(str(need.id)))
    goals = {goal["id"]: goal for need in content["needs"] for goal in need["goals"]}
    for goal in Goal.objects.filter(need_id__in=needs).order_by("id"):
        _goal(goal, goals.get(str(goal.id)))
    actions = actions_in(content)
    kept = PlannedAction.objects.filter(pk__in=actions).exclude(status=ActionStatus.DROPPED)
    for action in kept.order_by("id"):
        held = actions[str(action.id)]
        _keep(action, what=held["what"], who=held["who"], due_on=_day(held["due_on"]))


def _topic(row: PlanTopic, text: str, *, by: UUID | None) -> None:
    if row.text == text:
        return
    texts = TopicText.objects.filter(topic=row).order_by("-topic_version")
    said = next((one for one in texts if one.text == text), None) if text else None
    row.version += 1
    row.text = text
    row.author_id, row.written_at = (said.author_id, said.created_at) if said else (None, None)
    row.save()
    TopicText.objects.create(topic=row, topic_version=row.version, text=text, author_id=by, created_at=now())


def _need(row: Need, held: Mapping[str, Any] | None) -> None:
    if held is None:
        _keep(row, dropped_on=row.dropped_on or today())
    else:
        _keep(row, text=held["text"], dropped_on=None)


def _goal(row: Goal, held: Mapping[str, Any] | None) -> None:
    if held is None:
        _keep(row, status=GoalStatus.GIVEN_UP, settled_on=row.settled_on or today())
        return
    reached = held.get("reached")
    _keep(
        row,
        text=held["text"],
        words=held["words"],
        speaker=held["speaker"],
        status=GoalStatus.REACHED if reached else GoalStatus.IN_PROGRESS,
        settled_on=_day(reached["on"]) if reached else None,
        outcome=reached["outcome"] if reached else row.outcome and "",
    )


def _keep(row: Need | Goal | PlannedAction, **fields: Any) -> None:
    """Write the fields that differ, in the next version of the row."""
    if all(getattr(row, name) == value for name, value in fields.items()):
        return
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    row.save()


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
