"""A signed version of a plan as a CarePlan: what was agreed, what is planned and how it goes. Drafts are never shown.

Source: interop_fr.md §9.3.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from fhir_bridge.mappers.document_reference import PLAN_USE
from fhir_bridge.mappers.document_reference import to_resource as to_document
from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, identifier, instant, moment, period, reference
from fhir_bridge.r4.systems import LOCAL_CARE_PLAN_CATEGORY, TYPE_PPA, URI
from ppa.plans.records import VersionSnapshot
from ppa.plans.rules import held_back
from ppa.plans.states import (
    MOMENT_LABELS,
    PLACE_LABELS,
    ActionStatus,
    ClosingReason,
    Place,
    PlaceMoment,
)

AS_PPCS: Final = (LOCAL_CARE_PLAN_CATEGORY, "ppcs")
"""The same plan serves as PPCS: the national list of document types has no code of its own for one (ADR 0028)."""
ACTIVITY_STATUSES: Final[Mapping[ActionStatus, str]] = {
    ActionStatus.PLANNED: "not-started",
    ActionStatus.DOING: "in-progress",
    ActionStatus.DONE: "completed",
    ActionStatus.DROPPED: "cancelled",
}
CLOSED_STATUSES: Final[Mapping[ClosingReason, str]] = {
    ClosingReason.DEATH: "completed",
    ClosingReason.RECOVERY: "completed",
    ClosingReason.MOVED: "completed",
    ClosingReason.WITHDRAWAL: "revoked",
}


def to_resource(version: VersionSnapshot) -> Json:
    """Return the CarePlan of a signed version; its status says whether it is still the one in force."""
    ends = version.replaced_at
    return compact(
        resourceType="CarePlan",
        id=str(version.id),
        identifier=[identifier(URI, f"urn:uuid:{version.id}")],
        replaces=[reference(f"CarePlan/{version.replaces}")] if version.replaces else [],
        status=status_of(version),
        intent="order",
        category=[
            concept(coding(*TYPE_PPA, code_list("document_types").display(*TYPE_PPA))),
            concept(coding(*AS_PPCS, code_list("local").display(*AS_PPCS))),
        ],
        title=f"Plan personnalisé d’accompagnement, version {version.number}",
        subject=reference(f"Patient/{version.person_id}"),
        period=period(version.signed_at, ends),
        created=instant(version.signed_at),
        careTeam=[reference(f"CareTeam/{version.person_id}")],
        author=reference(f"Practitioner/{version.signer_id}") if version.signer_id else None,
        contributor=[reference(f"Organization/{version.organisation_id}")] if version.organisation_id else [],
        addresses=[reference(f"Condition/{each}") for each in version.announcements],
        supportingInfo=[
            reference(f"DocumentReference/{version.document.id}"),
            *(reference(f"CarePlan/{crisis['id']}") for crisis in _crises(version)),
            *(reference(f"Consent/{each}") for each in version.directives),
        ],
        goal=[reference(f"Goal/{goal['id']}") for goal in goals_in(version)],
        activity=[
            *(_activity(action, goal, version) for goal in goals_in(version) for action in goal["actions"]),
            *(
                {"reference": reference(f"MedicationRequest/{drug['id']}")}
                for crisis in _crises(version)
                for drug in crisis["prescriptions"]
            ),
            *_review(version),
        ],
        note=[
            *_agreement_note(version),
            *_topic_notes(version),
            *_place_notes(version),
            *_need_notes(version),
        ],
    )


def to_paper(version: VersionSnapshot) -> Json:
    """Return the DocumentReference of a version's PDF."""
    return to_document(
        version.document,
        use=PLAN_USE,
        authors=[f"Practitioner/{version.signer_id}"] if version.signer_id else [],
        dated=version.signed_at,
        is_current=version.replaced_at is None,
        replaces=version.replaces_document,
    )


def status_of(version: VersionSnapshot) -> str:
    """Return the status of a version: replaced, ended with the plan, or in force."""
    if version.replaced_at:
        return "completed"
    return CLOSED_STATUSES[version.closed_for] if version.closed_for else "active"


def goals_in(version: VersionSnapshot) -> list[dict[str, Any]]:
    """Return the goals that a version holds, in order."""
    return [goal for need in version.content["needs"] for goal in need["goals"]]


def _crises(version: VersionSnapshot) -> list[dict[str, Any]]:
    return version.content.get("crises", [])  # type: ignore[no-any-return]  # (a content is JSON)


def said(text: str) -> str:
    """Return a text as a FHIR string may hold it: without control characters, without blanks around it."""
    return "".join(sign for sign in text if sign >= " " or sign in "\t\n\r").strip()


def _activity(action: dict[str, Any], goal: dict[str, Any], version: VersionSnapshot) -> Json:
    """Return an action, with what came of it: its outcome once done, how it goes before that, or why it was dropped."""
    status, came = _activity_status(action, version), _outcome(action, version)
    return compact(
        outcomeCodeableConcept=[concept(text=came)] if came and status == "completed" else [],
        progress=[{"text": came}] if came and status in ("not-started", "in-progress") else [],
        detail=_detail(action, goal, version, why=came if status == "cancelled" else ""),
    )


def _outcome(action: dict[str, Any], version: VersionSnapshot) -> str:
    return "" if version.replaced_at else said(version.outcomes.get(action["id"], ""))


def _review(version: VersionSnapshot) -> list[Json]:
    """Return by when the version in force is to be read again, as an activity that is planned."""
    if version.review_on is None or version.replaced_at or version.closed_for:
        return []
    return [
        {
            "detail": {
                "code": concept(text="Relecture du plan"),
                "status": "scheduled",
                "scheduledPeriod": {"end": version.review_on.isoformat()},
            }
        }
    ]


def _detail(action: dict[str, Any], goal: dict[str, Any], version: VersionSnapshot, *, why: str) -> Json:
    return compact(
        kind="ServiceRequest",
        goal=[reference(f"Goal/{goal['id']}")],
        status=_activity_status(action, version),
        statusReason=concept(text=why) if why else None,
        scheduledPeriod=compact(end=action["due_on"]),
        performer=[reference(display=said(action["who"]))] if said(action["who"]) else [],
        description=said(action["what"]),
    )


def _activity_status(action: dict[str, Any], version: VersionSnapshot) -> str:
    """Return how an action goes; a version that was replaced no longer follows it."""
    if version.replaced_at:
        return "unknown"
    return ACTIVITY_STATUSES[version.statuses.get(action["id"], ActionStatus.PLANNED)]


def _agreement_note(version: VersionSnapshot) -> list[Json]:
    given = version.agreement
    witness = f" (témoin : {said(given.witness)})" if said(given.witness) else ""
    text = f"Accord de la personne : {given.means_label}{witness}"
    return [{"time": moment(given.given_on), "text": text}]


def _topic_notes(version: VersionSnapshot) -> list[Json]:
    """Return what was written on each topic, and how far she wishes to go on it, on the day when she said so."""
    notes = []
    for topic in version.content["topics"]:
        if text := said(topic["text"]):
            notes.append({"text": f"{topic['title']} : {text}"})
        if pace := said(held_back(topic)):
            offered_on = date.fromisoformat(topic["offered_on"]) if topic["offered_on"] else None
            notes.append(compact(time=moment(offered_on) if offered_on else None, text=f"{topic['title']} : {pace}"))
    return notes


def _need_notes(version: VersionSnapshot) -> list[Json]:
    """Return the needs that no goal carries: the others are told by theirs."""
    alone = (said(need["text"]) for need in version.content["needs"] if not need["goals"])
    return [{"text": f"Besoin : {text}"} for text in alone if text]


def _place_notes(version: VersionSnapshot) -> list[Json]:
    return [
        {
            "time": moment(date.fromisoformat(wished["told_on"])),
            "text": " : ".join(
                part
                for part in (
                    MOMENT_LABELS[PlaceMoment(wished["moment"])],
                    PLACE_LABELS[Place(wished["place"])],
                    said(wished["words"]),
                )
                if part
            ),
        }
        for wished in version.content.get("places", ())
    ]
