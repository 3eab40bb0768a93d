"""Requests, lines and stays as FHIR: valid in every state, and true to the one table."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from fhir_bridge.mappers import encounter, service_request, task_line
from fhir_bridge.r4.validation import validate
from pathway.referrals.records import Dossier, LineSnapshot, RequestSnapshot
from pathway.referrals.states import (
    LINE_FACTS,
    ClosingReason,
    DeclineReason,
    Destination,
    LineState,
    RequestState,
    Urgency,
    WithdrawReason,
)
from pathway.stays.records import StaySnapshot
from pathway.stays.states import StayKind, StayState
from pathway.structures.states import KINDS, REFERRAL_KINDS, Exclusion, OfferKind

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
REASONS = {
    LineState.DECLINED: DeclineReason.NO_PLACE,
    LineState.WITHDRAWN: WithdrawReason.PLACE_FOUND,
    LineState.CLOSED_ELSEWHERE: ClosingReason.ADMITTED_ELSEWHERE,
}
REQUEST = RequestSnapshot(
    id=uuid4(),
    version=2,
    person_id=uuid4(),
    sender_id=uuid4(),
    requester_id=uuid4(),
    state=RequestState.ACTIVE,
    kind=OfferKind.USP,
    urgency=Urgency.ASAP,
    level=3,
    needs=frozenset({Exclusion.OXYGEN}),
    dossier=Dossier(reason="Douleur mal soulagée", question="Accueil"),
    answer_wanted_by=AT,
    group_identifier=uuid4(),
    consent_id=None,
    admitted_line_id=None,
    offer_ids=(uuid4(), uuid4()),
    created_at=AT,
    sent_at=AT,
    updated_at=AT,
)
LINE = LineSnapshot(
    id=uuid4(),
    version=3,
    request_id=REQUEST.id,
    person_id=REQUEST.person_id,
    sender_id=REQUEST.sender_id,
    requester_id=REQUEST.requester_id,
    recipient_id=uuid4(),
    offer_id=uuid4(),
    group_identifier=REQUEST.group_identifier,
    urgency=Urgency.ASAP,
    answer_wanted_by=AT,
    state=LineState.SENT,
    in_care=False,
    rank=None,
    offered_on=None,
    stay_id=UUID(int=7),
    reason="",
    note="",
    alternative=None,
    destination=None,
    created_at=AT,
    sent_at=AT,
    updated_at=AT,
)
STAY = StaySnapshot(
    id=uuid4(),
    version=1,
    person_id=REQUEST.person_id,
    organisation_id=LINE.recipient_id,
    organisation_name="USP des Tilleuls (fictif)",
    offer_id=LINE.offer_id,
    offer_name="USP des Tilleuls (fictif)",
    line_id=LINE.id,
    request_id=REQUEST.id,
    kind=StayKind.HOSPITAL,
    state=StayState.IN_PROGRESS,
    planned_for=date(2026, 11, 20),
    admitted_at=AT,
    ended_at=None,
    destination=None,
    note="",
    created_at=AT,
    updated_at=AT,
)


@pytest.mark.parametrize("kind", sorted(REFERRAL_KINDS))
def test_a_request_of_every_kind_is_valid(kind):
    resource = service_request.to_resource(replace(REQUEST, kind=kind))
    validate(resource)
    assert resource["code"]["text"] == KINDS[kind].long_label
    assert resource["requisition"]["value"].endswith(str(REQUEST.group_identifier))
    assert len(resource["performer"]) == 2


@pytest.mark.parametrize("state", list(RequestState))
def test_a_request_carries_its_status(state):
    resource = service_request.to_resource(replace(REQUEST, state=state, sent_at=None, answer_wanted_by=None))
    validate(resource)
    assert resource["status"] == state


@pytest.mark.parametrize("state", list(LineState))
def test_a_line_in_every_state_is_valid_and_true_to_the_table(state):
    destination = Destination.HOME_WITH_HAD if state == LineState.ENDED else None
    line = replace(LINE, state=state, reason=str(REASONS.get(state, "")), destination=destination)
    resource = task_line.to_resource(line)
    validate(resource)
    assert resource["status"] == LINE_FACTS[state].task_status
    assert resource["groupIdentifier"] == service_request.to_resource(REQUEST)["requisition"]
    if resource["status"] in ("rejected", "cancelled", "on-hold"):
        assert resource["statusReason"]["text"]
    if resource["status"] == "completed":
        assert resource["output"]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (LineState.RECEIVED, "182"),
        (LineState.INFO_REQUESTED, "info-requested"),
        (LineState.WAITLISTED, "183"),
        (LineState.OFFERED, "offer-made"),
        (LineState.ADMITTED, "184"),
        (LineState.WITHDRAWN, "180"),
        (LineState.ENDED, "188"),
        (LineState.EXPIRED, "expired"),
        (LineState.CLOSED_ELSEWHERE, "admitted-elsewhere"),
    ],
)
def test_the_business_status_is_that_of_the_table(state, code):
    resource = task_line.to_resource(replace(LINE, state=state, reason=str(REASONS.get(state, ""))))
    assert resource["businessStatus"]["coding"][0]["code"] == code


def test_a_person_settled_in_is_said_to_be_in_care():
    resource = task_line.to_resource(replace(LINE, state=LineState.ADMITTED, in_care=True))
    assert resource["businessStatus"]["coding"][0]["code"] == "186"


def test_a_place_proposed_points_to_the_planned_stay():
    resource = task_line.to_resource(replace(LINE, state=LineState.OFFERED))
    assert resource["output"][0]["valueReference"]["reference"] == f"Encounter/{UUID(int=7)}"


@pytest.mark.parametrize("kind", list(StayKind))
@pytest.mark.parametrize("state", list(StayState))
def test_a_stay_in_every_state_is_valid(kind, state):
    planned = state in (StayState.PLANNED, StayState.CANCELLED)
    stay = replace(
        STAY,
        kind=kind,
        state=state,
        admitted_at=None if planned else AT,
        ended_at=AT if state == StayState.FINISHED else None,
        destination=Destination.DIED if state == StayState.FINISHED else None,
    )
    resource = encounter.to_resource(stay)
    validate(resource)
    assert resource["basedOn"] == [{"reference": f"ServiceRequest/{REQUEST.id}"}]


def test_the_destination_is_told_in_both_codes():
    stay = replace(STAY, state=StayState.FINISHED, ended_at=AT, destination=Destination.HOME_WITH_HAD)
    codes = encounter.to_resource(stay)["hospitalization"]["dischargeDisposition"]["coding"]
    assert [each["code"] for each in codes] == ["home", "home_with_had"]
