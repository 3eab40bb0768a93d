"""A partner's answer to a request, as the command that the structure's own page calls."""

from collections.abc import Callable
from typing import Any, Final

from accounts.access.records import Receipt
from accounts.kernel.actor import Actor
from accounts.kernel.errors import StaleVersion
from fhir_bridge.mappers import task_line
from fhir_bridge.mappers.task_answer import check_only_answers, target_of, to_step
from fhir_bridge.r4.datatypes import Json
from fhir_bridge.r4.outcomes import unprocessable
from fhir_bridge.repository.models import Resource
from fhir_bridge.repository.store import mark_of
from pathway.referrals.commands import (
    acknowledge_line,
    agree_in_principle,
    decline_line,
    request_info,
    review_line,
    waitlist_line,
    withdraw_line,
)
from pathway.referrals.queries import line_snapshot
from pathway.referrals.states import LineState
from pathway.stays.commands import propose_place

_COMMANDS: Final[dict[LineState, Callable[..., Receipt]]] = {
    LineState.RECEIVED: acknowledge_line,
    LineState.UNDER_REVIEW: review_line,
    LineState.INFO_REQUESTED: request_info,
    LineState.WAITLISTED: waitlist_line,
    LineState.AGREED_IN_PRINCIPLE: agree_in_principle,
    LineState.OFFERED: propose_place,
    LineState.DECLINED: decline_line,
    LineState.WITHDRAWN: withdraw_line,
}


def answer_line(sent: Json, shown: Resource, present: Json, *, by: Actor) -> Receipt:
    """Do what a Task says of the line that `shown` and `present` are the stored version of.

    Raises `StaleVersion` when the line has moved since, `FhirError` when the Task asks for anything else.
    """
    if shown.source_type != "referral_line":
        raise unprocessable("Only the Task of a request is answered here.", code="not-supported")
    line = line_snapshot(shown.source_id)
    if not mark_of(task_line.to_resource(line)).matches(shown.mark):
        raise StaleVersion
    check_only_answers(sent, present)
    run: Any = _COMMANDS.get(target_of(sent))
    if run is None:
        raise unprocessable("This status is not written here.", code="not-supported", expression=["Task.status"])
    receipt: Receipt = run(to_step(sent, line), by=by)
    return receipt
