"""An action of a plan given to another structure as a Task: who asked, who has it, how it goes. Local code `entrusted-action`."""

from collections.abc import Mapping
from typing import Final

from fhir_bridge.mappers.care_plan import said
from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, instant, reference
from fhir_bridge.r4.systems import LOCAL_TASK_CODE
from ppa.entrusted_actions.records import EntrustedSnapshot
from ppa.entrusted_actions.states import EntrustedState

ENTRUSTED_CODE: Final = "entrusted-action"
STATUSES: Final[Mapping[EntrustedState, str]] = {
    EntrustedState.GIVEN: "requested",
    EntrustedState.TAKEN: "accepted",
    EntrustedState.DONE: "completed",
    EntrustedState.DECLINED: "rejected",
    EntrustedState.WITHDRAWN: "cancelled",
}


def to_resource(entrusted: EntrustedSnapshot) -> Json:
    """Return the Task: a refusal's reason is its `statusReason`, what came of it its output."""
    note, declined = said(entrusted.note), entrusted.state == EntrustedState.DECLINED
    code = coding(LOCAL_TASK_CODE, ENTRUSTED_CODE, code_list("local").display(LOCAL_TASK_CODE, ENTRUSTED_CODE))
    return compact(
        resourceType="Task",
        id=str(entrusted.id),
        status=STATUSES[entrusted.state],
        statusReason=concept(text=note) if note and declined else None,
        businessStatus=concept(text=entrusted.state_label),
        intent="order",
        code=concept(code),
        description=said(entrusted.what),
        for_=reference(f"Patient/{entrusted.person_id}"),
        authoredOn=instant(entrusted.given_at),
        lastModified=instant(entrusted.updated_at),
        requester=reference(f"Organization/{entrusted.sender_id}"),
        owner=reference(f"Organization/{entrusted.organisation_id}"),
        note=[{"text": text} for text in (said(entrusted.message),) if text],
        restriction={"period": {"end": entrusted.due_on.isoformat()}} if entrusted.due_on else None,
        output=[{"type": concept(text="Ce que cela a donné"), "valueString": note}] if note and not declined else [],
    )
