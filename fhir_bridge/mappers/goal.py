"""What is hoped for in a plan as a Goal, in whose words. Source: interop_fr.md §9.3."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from accounts.kernel.clock import day_of
from fhir_bridge.mappers.care_plan import said
from fhir_bridge.r4.datatypes import Json, compact, concept, reference
from ppa.plans.records import VersionSnapshot
from ppa.plans.states import ClosingReason, Words

CLOSED_STATUSES: Final[Mapping[ClosingReason, str]] = {
    ClosingReason.DEATH: "cancelled",
    ClosingReason.RECOVERY: "completed",
    ClosingReason.MOVED: "cancelled",
    ClosingReason.WITHDRAWAL: "cancelled",
}
SPEAKERS: Final[Mapping[Words, str]] = {Words.RELATIVE: "RelatedPerson", Words.PROFESSIONAL: "Practitioner"}


def to_resources(versions: Iterable[VersionSnapshot]) -> list[Json]:
    """Return the goals of every version of one plan, each once, as the last version that has it says it.

    `versions` are oldest first; a goal that the version in force no longer has is cancelled.
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
        lifecycleStatus=_status(version),
        description=concept(text=said(goal["text"]) or "Objectif"),
        subject=reference(f"Patient/{version.person_id}"),
        statusDate=day_of(version.signed_at).isoformat(),
        expressedBy=_speaker(version, goal),
        note=[{"text": f"Besoin : {said(need)}"}] if said(need) else [],
    )


def _status(version: VersionSnapshot) -> str:
    if version.replaced_at:
        return "cancelled"
    return CLOSED_STATUSES[version.closed_for] if version.closed_for else "active"


def _speaker(version: VersionSnapshot, goal: dict[str, Any]) -> Json | None:
    words = Words(goal["words"])
    if words == Words.PERSON:
        return reference(f"Patient/{version.person_id}")
    name = said(goal["speaker"])
    return reference(type_=SPEAKERS[words], display=name) if name else None
