"""A call to a rapid team as a Task, in each state."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from fhir_bridge.mappers.task_alert import STATUSES, to_resource
from fhir_bridge.r4.validation import validate
from pathway.rapid_response.records import AlertSnapshot, Marks
from pathway.rapid_response.states import AlertState

MOMENT = datetime(2026, 1, 31, 9, tzinfo=UTC)


def alert(state, **marks):
    return AlertSnapshot(
        id=UUID(int=1), version=1, person_id=UUID(int=2), state=state, offer_id=UUID(int=3), team_id=UUID(int=4),
        sender_id=UUID(int=5), requester_id=None, is_palliative=True, reason="Douleur", callback_phone="", place="",
        outcome="", marks=Marks(called_at=MOMENT, **marks), pauses=(), relay_offer_id=None, relay_at=None,
        relay_fallback="", updated_at=MOMENT,
    )  # fmt: skip


@pytest.mark.parametrize("state", AlertState)
def test_every_state_is_a_valid_task(state):
    resource = to_resource(alert(state))
    validate(resource)
    assert (resource["status"], resource["priority"]) == (STATUSES[state], "stat")
    assert "executionPeriod" not in resource


def test_the_intervention_runs_from_the_call_taken_to_its_end():
    resource = to_resource(alert(AlertState.CLOSED, answered_at=MOMENT, ended_at=MOMENT))
    validate(resource)
    assert resource["executionPeriod"] == {"start": "2026-01-31T09:00:00Z", "end": "2026-01-31T09:00:00Z"}
