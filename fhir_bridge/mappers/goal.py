"""What is hoped for in a plan as a Goal, in whose words. Source: interop_fr.md §9.3."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from accounts.kernel.clock import day_of
from fhir_bridge.mappers.care_plan import said
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, reference
from fhir_bridge.r4.systems import GOAL_ACHIEVEMENT
from ppa.plans.records import VersionSnapshot
from ppa.plans.states import ClosingReason, Words

CLOSED_STATUSES: Final[Mapping[ClosingReason, str]] = {
    ClosingReason.DEATH: "cancelled",
    ClosingReason.RECOVERY: "completed",
    ClosingReason.MOVED: "cancelled",
    ClosingReason.WITHDRAWAL: "cancelled",
}
SPEAKERS: Final[Mapping[Words, tuple[str, str]]] = {
    Words.RELATIVE: ("RelatedPerson", "Un proche"),
    Words.PROFESSIONAL: ("Practitioner", "Un professionnel"),
}
"""The type of who speaks, and how he is told when nobody named him."""


def to_resources(versions: Iterable[VersionSnapshot]) -> list[Json]:
    """Return the goals of every version of one plan, each once, as the last version that has it says it.

    `versions` are oldest first; a goal that the version in force no longer has is cancelled, unless it had been reached.
    """
    latest: dict[str, tuple[VersionSnapshot, dict[str, Any], str]] = {}
    for version in versions:
        for need in version.content["needs"]:
            for goal in need["goals"]:
                latest[goal["id"]] = (version, goal, need["text"])
    return [_goal(version, goal, need=need) for version, goal, need in latest.values()]


def _goal(version: VersionSnapshot, goal: dict[str, Any], *, need: str) -> Json:
    return compact(
        resourceType="Goal",
        id=goal["id"],
        lifecycleStatus=_status(version, goal),
        achievementStatus=concept(coding(GOAL_ACHIEVEMENT, "achieved", "Achieved")) if _reached(goal) else None,
        description=concept(text=said(goal["text"]) or "Objectif"),
        subject=reference(f"Patient/{version.person_id}"),
        statusDate=_status_date(version, goal),
        expressedBy=_speaker(version, goal),
        note=[{"text": f"Besoin : {said(need)}"}] if said(need) else [],
        outcomeCode=[concept(text=told)] if (told := said(_reached(goal).get("outcome", ""))) else [],
    )


def _reached(goal: dict[str, Any]) -> dict[str, str]:
    return goal.get("reached", {})  # type: ignore[no-any-return]  # (a content is JSON)


def _status(version: VersionSnapshot, goal: dict[str, Any]) -> str:
    if _reached(goal):
        return "completed"
    if version.replaced_at:
        return "cancelled"
    return CLOSED_STATUSES[version.closed_for] if version.closed_for else "active"


def _status_date(version: VersionSnapshot, goal: dict[str, Any]) -> str:
    """Return the day when it was reached, or left behind, else when it was signed."""
    if reached := _reached(goal):
        return reached["on"]
    return day_of(version.replaced_at or version.signed_at).isoformat()


def _speaker(version: VersionSnapshot, goal: dict[str, Any]) -> Json:
    words = Words(goal["words"])
    if words == Words.PERSON:
        return reference(f"Patient/{version.person_id}")
    kind, somebody = SPEAKERS[words]
    return reference(type_=kind, display=said(goal["speaker"]) or somebody)
