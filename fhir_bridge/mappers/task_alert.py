"""A call to a rapid team (ERI-SP) as a Task of the highest priority. Source: domain.md §5.2; local code `eri-sp-alert`."""

from collections.abc import Mapping
from typing import Final

from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, instant, period, reference
from fhir_bridge.r4.systems import LOCAL_TASK_CODE
from pathway.rapid_response.records import AlertSnapshot
from pathway.rapid_response.states import ALERT, AlertState

ALERT_CODE: Final = "eri-sp-alert"
STATUSES: Final[Mapping[AlertState, str]] = {
    AlertState.CALLED: "requested",
    AlertState.ANSWERED: "accepted",
    AlertState.DEPARTED: "in-progress",
    AlertState.ARRIVED: "in-progress",
    AlertState.STABILISED: "in-progress",
    AlertState.RELAYED: "in-progress",
    AlertState.CLOSED: "completed",
    AlertState.DECLINED: "rejected",
    AlertState.CANCELLED: "cancelled",
}


def to_resource(alert: AlertSnapshot) -> Json:
    """Return the Task; the intervention runs from the call that was taken to its end."""
    marks, label = alert.marks, ALERT.label(alert.state)
    return compact(
        resourceType="Task",
        id=str(alert.id),
        status=STATUSES[alert.state],
        businessStatus=concept(text=label),
        intent="order",
        priority="stat",
        code=concept(coding(LOCAL_TASK_CODE, ALERT_CODE, code_list("local").display(LOCAL_TASK_CODE, ALERT_CODE))),
        for_=reference(f"Patient/{alert.person_id}"),
        authoredOn=instant(marks.called_at),
        lastModified=instant(alert.updated_at),
        requester=reference(f"Organization/{alert.sender_id}"),
        owner=reference(f"Organization/{alert.team_id}"),
        reasonCode=concept(text=alert.reason) if alert.reason else None,
        executionPeriod=period(marks.answered_at, marks.ended_at) if marks.answered_at else None,
    )
