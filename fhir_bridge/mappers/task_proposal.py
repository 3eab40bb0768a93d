"""The proposal of a plan as a Task on the desk of a DAC.

Source: states.md (code `propose-ppa`, focus Condition, owner, status requested → accepted | on-hold | rejected).
"""

from collections.abc import Mapping
from typing import Final

from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, instant, reference
from fhir_bridge.r4.systems import LOCAL_TASK_CODE
from ppa.announcements.records import ProposalSnapshot
from ppa.announcements.states import PROPOSAL, ProposalState

PROPOSE_PLAN: Final = "propose-ppa"
STATUSES: Final[Mapping[ProposalState, str]] = {
    ProposalState.REQUESTED: "requested",
    ProposalState.ACCEPTED: "accepted",
    ProposalState.DEFERRED: "on-hold",
    ProposalState.DECLINED: "rejected",
}


def to_resource(proposal: ProposalSnapshot) -> Json:
    """Return the Task; its focus is the Condition of the latest announcement, the earlier ones are its inputs.

    A deferral says when to come back (`restriction.period.start`); the person's own words stay in the plan.
    """
    *earlier, latest = proposal.announcement_ids
    code = concept(coding(LOCAL_TASK_CODE, PROPOSE_PLAN, code_list("local").display(LOCAL_TASK_CODE, PROPOSE_PLAN)))
    is_answered = proposal.state in (ProposalState.DEFERRED, ProposalState.DECLINED)
    return compact(
        resourceType="Task",
        id=str(proposal.id),
        status=STATUSES[proposal.state],
        statusReason=concept(text=PROPOSAL.label(proposal.state)) if is_answered else None,
        intent="proposal",
        code=code,
        focus=reference(f"Condition/{latest}"),
        for_=reference(f"Patient/{proposal.person_id}"),
        authoredOn=proposal.proposed_on.isoformat(),
        lastModified=instant(proposal.updated_at),
        requester=reference(f"Organization/{proposal.organisation_id}"),
        owner=reference(f"Organization/{proposal.owner_id}"),
        restriction={"period": {"start": proposal.come_back_on.isoformat()}} if proposal.come_back_on else None,
        input=[
            {"type": concept(text="Annonce précédente"), "valueReference": reference(f"Condition/{announcement_id}")}
            for announcement_id in earlier
        ],
    )
