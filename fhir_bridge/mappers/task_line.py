"""One structure's line of a request as a Task; its status and business status come from the one table of lines.

Source: states.md, the request; interop_fr.md §6, §9.4; BSeR (PLAC and FILL identifiers), Gravity (an output when completed).
"""

from typing import Final

from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, identifier, instant, period, reference
from fhir_bridge.r4.systems import (
    FILLER_TYPE,
    LOCAL,
    LOCAL_CLOSING_REASON,
    LOCAL_LINE_STATUS,
    PLACER_TYPE,
    R357,
    TASK_FULFILL,
    URI,
    V2_0203,
)
from pathway.referrals.records import LineSnapshot
from pathway.referrals.states import (
    DESTINATION_LABELS,
    IN_CARE,
    LINE,
    LINE_FACTS,
    LineState,
    StatusList,
    reason_label,
)
from pathway.structures.states import KINDS

DECLINE_REASON: Final = f"{LOCAL}/decline-reason"
WITHDRAW_REASON: Final = f"{LOCAL}/withdraw-reason"
OUTPUT_TYPE: Final = f"{LOCAL}/line-output"

_REASON_LISTS = {
    LineState.DECLINED: DECLINE_REASON,
    LineState.WITHDRAWN: WITHDRAW_REASON,
    LineState.CLOSED_ELSEWHERE: LOCAL_CLOSING_REASON,
}


def to_resource(line: LineSnapshot) -> Json:
    """Return the Task of a line."""
    return compact(
        resourceType="Task",
        id=str(line.id),
        identifier=[
            identifier(URI, f"urn:uuid:{line.request_id}", type_=concept(coding(V2_0203, PLACER_TYPE))),
            identifier(URI, f"urn:uuid:{line.id}", type_=concept(coding(V2_0203, FILLER_TYPE))),
        ],
        groupIdentifier=identifier(URI, f"urn:uuid:{line.group_identifier}"),
        status=LINE_FACTS[line.state].task_status,
        statusReason=_status_reason(line),
        businessStatus=_business_status(line),
        intent="order",
        priority=str(line.urgency),
        code=concept(coding(*TASK_FULFILL)),
        focus=reference(f"ServiceRequest/{line.request_id}"),
        for_=reference(f"Patient/{line.person_id}"),
        authoredOn=instant(line.sent_at or line.created_at),
        lastModified=instant(line.updated_at),
        requester=reference(f"Organization/{line.sender_id}"),
        owner=reference(f"Organization/{line.recipient_id}"),
        restriction=compact(period=period(end=line.answer_wanted_by)) if line.answer_wanted_by else None,
        note=[{"text": line.note}] if line.note else None,
        output=_output(line),
    )


def _status_reason(line: LineSnapshot) -> Json | None:
    if line.state == LineState.INFO_REQUESTED:
        return concept(text=LINE.label(line.state))
    if line.state == LineState.EXPIRED:
        return concept(text=LINE.label(line.state))
    system = _REASON_LISTS.get(line.state)
    if system is None:
        return None
    text = reason_label(line.state, line.reason) or LINE.label(line.state)
    return concept(coding(system, line.reason or None), text=text)


def _business_status(line: LineSnapshot) -> Json | None:
    facts = LINE_FACTS[line.state]
    label = LINE.label(line.state)
    if facts.status_list == StatusList.R357:
        code = IN_CARE if line.state == LineState.ADMITTED and line.in_care else facts.status_code
        return concept(coding(R357, code, code_list("placement_statuses").display(R357, code)))
    if facts.status_list == StatusList.LOCAL:
        shown = code_list("local").display(LOCAL_LINE_STATUS, facts.status_code)
        return concept(coding(LOCAL_LINE_STATUS, facts.status_code, shown), text=label)
    if facts.status_list == StatusList.REASON and line.reason:
        return concept(coding(_REASON_LISTS[line.state], line.reason, reason_label(line.state, line.reason)))
    return None


def _output(line: LineSnapshot) -> list[Json]:
    found: list[Json] = []
    if line.stay_id and line.state in (LineState.OFFERED, LineState.ADMITTED, LineState.ENDED):
        found.append(
            {
                "type": concept(coding(OUTPUT_TYPE, "stay", "Séjour")),
                "valueReference": reference(f"Encounter/{line.stay_id}"),
            }
        )
    if line.destination:
        text = DESTINATION_LABELS[line.destination]
        found.append({"type": concept(coding(OUTPUT_TYPE, "destination", "Destination")), "valueString": text})
    if line.state == LineState.DECLINED and line.alternative:
        text = KINDS[line.alternative].long_label
        found.append({"type": concept(coding(OUTPUT_TYPE, "alternative", "Proposition")), "valueString": text})
    return found
