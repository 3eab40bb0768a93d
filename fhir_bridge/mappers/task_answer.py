"""A received Task as the step of a request line that it asks for. Source: states.md, the request."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from fhir_bridge.mappers.task_line import DECLINE_REASON, OUTPUT_TYPE, WITHDRAW_REASON
from fhir_bridge.r4.datatypes import Json
from fhir_bridge.r4.outcomes import FhirError, bad_request, unprocessable
from fhir_bridge.r4.systems import LOCAL_LINE_STATUS, R357
from pathway.referrals.records import DeclineLine, LineSnapshot, LineStep, WaitlistLine, WithdrawLine, WriteOnLine
from pathway.referrals.states import LINE_FACTS, DeclineReason, LineState, StatusList, WithdrawReason
from pathway.stays.records import ProposePlace

MAY_CHANGE: Final = frozenset({"status", "businessStatus", "statusReason", "note", "output", "meta", "text"})
"""What a partner may write; everything else must come back as it was read."""
RANK: Final = "rank"
OFFERED_ON: Final = "offered-on"

Step = LineStep | WriteOnLine | WaitlistLine | ProposePlace | DeclineLine | WithdrawLine

_BY_DEFAULT: Final[Mapping[str, LineState]] = {
    "received": LineState.RECEIVED,
    "on-hold": LineState.INFO_REQUESTED,
    "accepted": LineState.AGREED_IN_PRINCIPLE,
    "rejected": LineState.DECLINED,
    "cancelled": LineState.WITHDRAWN,
}


def check_only_answers(sent: Json, present: Json) -> None:
    """Raise `FhirError` 422 naming the first element that is not a partner's to change."""
    for name in sorted((sent.keys() | present.keys()) - MAY_CHANGE):
        if sent.get(name) != present.get(name):
            raise unprocessable(
                "Only the status, its reasons and its outputs may be changed.", expression=[f"Task.{name}"]
            )


def target_of(task: Json) -> LineState:
    """Return the state that the statuses of a Task stand for; raises `FhirError` 422 for one that nobody may write."""
    codings: list[Json] = task.get("businessStatus", {}).get("coding", [])
    for state, facts in LINE_FACTS.items():
        system = {StatusList.R357: R357, StatusList.LOCAL: LOCAL_LINE_STATUS}.get(facts.status_list)
        if facts.task_status == task["status"] and system and _has(codings, system, facts.status_code):
            return state
    if task["status"] not in _BY_DEFAULT:
        raise unprocessable("This status is not written here.", code="not-supported", expression=["Task.status"])
    return _BY_DEFAULT[task["status"]]


def to_step(task: Json, line: LineSnapshot) -> Step:
    """Return the input of the command that moves a line where a Task says; raises `FhirError` when it lacks something."""
    target = target_of(task)
    here: dict[str, Any] = {"line_id": line.id, "version": line.version}
    if target in (LineState.RECEIVED, LineState.UNDER_REVIEW, LineState.AGREED_IN_PRINCIPLE):
        return LineStep(**here)
    if target == LineState.INFO_REQUESTED:
        return WriteOnLine(**here, text=_words(task))
    if target == LineState.WAITLISTED:
        return WaitlistLine(**here, rank=_rank(task))
    if target == LineState.OFFERED:
        return ProposePlace(**here, on=_offered_on(task))
    if target == LineState.DECLINED:
        return DeclineLine(
            **here, reason=DeclineReason(_reason(task, DECLINE_REASON, DeclineReason)), note=_words(task)
        )
    if target == LineState.WITHDRAWN:
        return WithdrawLine(**here, reason=WithdrawReason(_reason(task, WITHDRAW_REASON, WithdrawReason)))
    raise unprocessable("This status is not written here.", code="not-supported", expression=["Task.businessStatus"])


def _has(codings: list[Json], system: str, code: str) -> bool:
    return any(one.get("system") == system and one.get("code") == code for one in codings)


def _words(task: Json) -> str:
    reason: Json = task.get("statusReason", {})
    notes = [one.get("text", "") for one in task.get("note", [])]
    return str(reason.get("text") or (notes[-1] if notes else ""))


def _reason(task: Json, system: str, codes: Any) -> str:
    known = {str(one) for one in codes}
    for coding in task.get("statusReason", {}).get("coding", []):
        if coding.get("system") == system and coding.get("code") in known:
            return str(coding["code"])
    raise _lacking("A coded reason of this server's list is needed.", "Task.statusReason")


def _rank(task: Json) -> int:
    found = _output(task, RANK, "valueInteger", "valuePositiveInt")
    if found is None:
        raise _lacking("The rank on the waiting list is needed as an output.", "Task.output")
    return int(found)


def _offered_on(task: Json) -> date:
    found = _output(task, OFFERED_ON, "valueDate")
    if found is None:
        raise _lacking("The day from which a place is offered is needed as an output.", "Task.output")
    try:
        return date.fromisoformat(found)
    except ValueError:
        raise bad_request("A whole day is needed.", code="value", expression=["Task.output"]) from None


def _output(task: Json, code: str, *values: str) -> Any:
    for output in task.get("output", []):
        if _has(output.get("type", {}).get("coding", []), OUTPUT_TYPE, code):
            return next((output[value] for value in values if value in output), None)
    return None


def _lacking(diagnostics: str, element: str) -> FhirError:
    return unprocessable(diagnostics, code="required", expression=[element])
