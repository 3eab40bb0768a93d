"""What a Task asks of a request line, by its statuses."""

from dataclasses import fields
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from fhir_bridge.mappers.task_answer import check_only_answers, target_of, to_step
from fhir_bridge.mappers.task_line import DECLINE_REASON, OUTPUT_TYPE, WITHDRAW_REASON
from fhir_bridge.r4.outcomes import FhirError
from fhir_bridge.r4.systems import LOCAL_LINE_STATUS, R357
from pathway.referrals.records import DeclineLine, LineStep, WaitlistLine, WithdrawLine, WriteOnLine
from pathway.referrals.states import LINE_FACTS, DeclineReason, LineState, StatusList, WithdrawReason
from pathway.stays.records import ProposePlace

LINE: Any = SimpleNamespace(id=UUID(int=1), version=4)


def task(status, system=None, code=None, **more):
    business = {"businessStatus": {"coding": [{"system": system, "code": code}]}} if system else {}
    return {"resourceType": "Task", "status": status, **business, **more}


def output(code, **value):
    return {"output": [{"type": {"coding": [{"system": OUTPUT_TYPE, "code": code}]}, **value}]}


def coded(system, code, text=""):
    return {"statusReason": {"coding": [{"system": system, "code": code}], "text": text}}


SYSTEMS = {StatusList.R357: R357, StatusList.LOCAL: LOCAL_LINE_STATUS}


@pytest.mark.parametrize("state", [state for state in LineState if LINE_FACTS[state].status_list in SYSTEMS])
def test_every_pair_of_statuses_is_read_back_as_its_state(state):
    facts = LINE_FACTS[state]
    assert target_of(task(facts.task_status, SYSTEMS[facts.status_list], facts.status_code)) == state


@pytest.mark.parametrize(
    ("sent", "step"),
    [
        (task("received"), LineStep),
        (task("received", LOCAL_LINE_STATUS, "under-review"), LineStep),
        (task("accepted"), LineStep),
        (task("on-hold", statusReason={"text": "Quel est le traitement ?"}), WriteOnLine),
        (task("accepted", R357, "183", **output("rank", valueInteger=2)), WaitlistLine),
        (
            task("accepted", LOCAL_LINE_STATUS, "offer-made", **output("offered-on", valueDate="2026-03-01")),
            ProposePlace,
        ),
        (task("rejected", **coded(DECLINE_REASON, "no-place", "Une place vers le 12")), DeclineLine),
        (task("cancelled", **coded(WITHDRAW_REASON, "improved")), WithdrawLine),
    ],
)
def test_a_complete_answer_is_the_input_of_its_command(sent, step):
    made = to_step(sent, LINE)
    assert type(made) is step
    assert (made.line_id, made.version) == (LINE.id, 4)
    told = {each.name: getattr(made, each.name) for each in fields(made)}
    expected = {
        WaitlistLine: ("rank", 2),
        ProposePlace: ("on", date(2026, 3, 1)),
        DeclineLine: ("reason", DeclineReason.NO_PLACE),
        WithdrawLine: ("reason", WithdrawReason.IMPROVED),
        WriteOnLine: ("text", "Quel est le traitement ?"),
    }
    name, value = expected.get(step, ("version", 4))
    assert told[name] == value


@pytest.mark.parametrize(
    "sent",
    [
        task("draft"),
        task("in-progress", R357, "184"),
        task("accepted", R357, "183"),
        task("accepted", LOCAL_LINE_STATUS, "offer-made"),
        task("rejected"),
        task("rejected", **coded(DECLINE_REASON, "because")),
        task("cancelled", **coded(DECLINE_REASON, "no-place")),
    ],
)
def test_an_answer_that_lacks_something_is_refused(sent):
    with pytest.raises(FhirError) as refusal:
        to_step(sent, LINE)
    assert refusal.value.status == 422


def test_only_the_answer_may_differ_from_what_was_read():
    present = {"resourceType": "Task", "id": "1", "status": "requested", "priority": "asap"}
    check_only_answers({**present, "status": "received", "note": [{"text": "Bien reçu"}]}, present)
    for changed in ({**present, "priority": "stat"}, {**present, "description": "x"}, {"resourceType": "Task"}):
        with pytest.raises(FhirError):
            check_only_answers(changed, present)
