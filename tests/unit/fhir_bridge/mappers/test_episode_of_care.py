"""A coordination file as EpisodeOfCare."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from fhir_bridge.mappers import episode_of_care, gradation
from fhir_bridge.r4.validation import validate
from pathway.cases.records import AssessedLevel, CaseSnapshot
from pathway.cases.states import LEVEL_LABELS, CaseState, Origin, Urgency

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
END = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
CASE = CaseSnapshot(
    id=uuid4(),
    person_id=uuid4(),
    version=1,
    state=CaseState.SIGNALLED,
    organisation_id=uuid4(),
    signaller_id=uuid4(),
    proposal_id=None,
    origin=Origin.CALL,
    coordinator_id=None,
    urgency=Urgency.SOON,
    caller="",
    reason="Motif inventé",
    decline_reason="",
    closing_reason=None,
    note="",
    level=None,
    phase=None,
    next_action="",
    due_on=None,
    included_at=None,
    closed_at=None,
    terms=(),
    levels=(),
    created_at=AT,
    updated_at=AT,
)


@pytest.mark.parametrize("state", list(CaseState))
def test_each_state_gives_valid_r4(state):
    resource = episode_of_care.to_resource(replace(CASE, state=state))
    validate(resource)
    assert resource["status"] == episode_of_care.STATUSES[state]


def test_a_signalled_file_has_neither_period_nor_words():
    resource = episode_of_care.to_resource(CASE)
    assert "period" not in resource
    assert CASE.reason not in str(resource)


def test_a_closed_file_has_its_whole_period_and_its_referent():
    coordinator = uuid4()
    resource = episode_of_care.to_resource(
        replace(CASE, state=CaseState.CLOSED, included_at=AT, closed_at=END, coordinator_id=coordinator)
    )
    validate(resource)
    assert resource["period"] == {"start": "2026-11-20T09:30:00Z", "end": "2026-11-22T09:30:00Z"}
    assert resource["careManager"] == {"reference": f"Practitioner/{coordinator}"}


@pytest.mark.parametrize("level", LEVEL_LABELS)
def test_each_level_of_gradation_is_valid_r4_and_says_what_the_page_says(level):
    assessed = AssessedLevel(id=uuid4(), level=level, reason="", assessed_on=AT.date(), assessor_id=None)
    (resource,) = gradation.to_resources(replace(CASE, levels=(assessed,)))
    validate(resource)
    assert resource["valueCodeableConcept"]["coding"][0]["display"] == LEVEL_LABELS[level]
