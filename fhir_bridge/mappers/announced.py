"""A received announcement as the records of the domain: Communication and Condition, who made it, the proposal."""

import re
from datetime import date, datetime
from typing import Final
from uuid import UUID

from accounts.kernel.clock import PARIS
from accounts.organisations.records import OutsideOrganisation, OutsideProfessional
from fhir_bridge.mappers.communication import ANNOUNCEMENT, KNOWS, PRESENT, TRIGGER_CODES, WISHES_TO_KNOW
from fhir_bridge.mappers.task_proposal import PROPOSE_PLAN
from fhir_bridge.r4.datatypes import Json
from fhir_bridge.r4.outcomes import unprocessable
from fhir_bridge.r4.systems import FINESS, ICD10, LOCAL_COMMUNICATION_CATEGORY, LOCAL_TASK_CODE, RPPS
from ppa.announcements.records import RecordAnnouncement
from ppa.announcements.states import Trigger

TRIGGERS: Final = {code: trigger for trigger, code in TRIGGER_CODES.items()} | {ANNOUNCEMENT: Trigger.SERIOUS_ILLNESS}
"""From the most precise category to the common one."""
_CIM10: Final = re.compile(r"icd-?10|cim-?10|2\.16\.840\.1\.113883\.6\.3$", re.IGNORECASE)
_DAY: Final = len("2026-01-31")


def outside_professional(resource: Json) -> OutsideProfessional:
    """Return the professional that a received Practitioner names."""
    name: Json = next(iter(resource.get("name", [])), {})
    qualification: Json = next(iter(resource.get("qualification", [])), {})
    return OutsideProfessional(
        rpps=_value(resource, RPPS),
        family=name.get("family", ""),
        given=next(iter(name.get("given", [])), ""),
        title=next(iter(name.get("prefix", [])), ""),
        profession=_text(qualification.get("code", {})),
        phone=_phone(resource),
    )


def outside_organisation(resource: Json) -> OutsideOrganisation:
    """Return the organisation that a received Organization names."""
    return OutsideOrganisation(finess=_value(resource, FINESS), name=resource.get("name", ""), phone=_phone(resource))


def trigger_of(communication: Json) -> Trigger:
    """Return why an announcement is made; raises `FhirError` 422 for a Communication that is none."""
    codings = [coding for category in communication.get("category", []) for coding in category.get("coding", [])]
    given = {coding.get("code") for coding in codings if coding.get("system") == LOCAL_COMMUNICATION_CATEGORY}
    for code, trigger in TRIGGERS.items():
        if code in given:
            return trigger
    raise unprocessable(
        "Only a Communication of a category of announcement is read.",
        code="not-supported",
        expression=["Communication.category"],
    )


def to_announcement(
    communication: Json, condition: Json, *, person_id: UUID, recorder_id: UUID | None
) -> RecordAnnouncement:
    """Return the input of the command; the day of the announcement is when the person received it, else that of `sent`, in Paris.

    A note is read by the words that our own begin with; another one stays in the message that came.
    """
    sent, received = communication.get("sent", ""), communication.get("received", "")
    code, label = _diagnosis(condition)
    return RecordAnnouncement(
        person_id=person_id,
        trigger=trigger_of(communication),
        announced_on=day_of(received, element="Communication.received")
        if received
        else day_of(sent, element="Communication.sent"),
        sent_at=datetime.fromisoformat(sent) if len(sent) > _DAY else None,
        diagnosis_code=code,
        diagnosis_label=label,
        recorder_id=recorder_id,
        present=_noted(communication, PRESENT),
        knows=_noted(communication, KNOWS),
        wishes_to_know=_noted(communication, WISHES_TO_KNOW),
    )


def check_proposal(task: Json) -> None:
    """Raise `FhirError` 422 unless a Task is the proposal of a plan."""
    codings = task.get("code", {}).get("coding", [])
    if not any((one.get("system"), one.get("code")) == (LOCAL_TASK_CODE, PROPOSE_PLAN) for one in codings):
        raise unprocessable("Only a Task that proposes a plan is read.", code="not-supported", expression=["Task.code"])


def day_of(moment: str, *, element: str) -> date:
    """Return the day, in Paris, of a FHIR date or dateTime of at least day precision; raises `FhirError` 422."""
    if len(moment) < _DAY:
        raise unprocessable("A day at least is needed.", code="required", expression=[element])
    if len(moment) == _DAY:
        return date.fromisoformat(moment)
    return datetime.fromisoformat(moment).astimezone(PARIS).date()


def _noted(communication: Json, about: str) -> str:
    """Return what the notes say about one thing, each on its line."""
    texts = [str(note.get("text", "")).strip().partition(" : ") for note in communication.get("note", [])]
    return "\n".join(text.strip() for label, _, text in texts if label == about)


def _diagnosis(condition: Json) -> tuple[str, str]:
    concept: Json = condition.get("code", {})
    for coding in concept.get("coding", []):
        system = coding.get("system", "")
        if system == ICD10 or _CIM10.search(system):
            return coding.get("code", ""), concept.get("text") or coding.get("display", "")
    return "", _text(concept)


def _value(resource: Json, system: str) -> str:
    found = (one.get("value", "") for one in resource.get("identifier", []) if one.get("system") == system)
    return next(found, "")


def _text(concept: Json) -> str:
    displays = (one.get("display", "") for one in concept.get("coding", []))
    return concept.get("text") or next(displays, "")


def _phone(resource: Json) -> str:
    points = (one.get("value", "") for one in resource.get("telecom", []) if one.get("system") == "phone")
    return next(points, "")
