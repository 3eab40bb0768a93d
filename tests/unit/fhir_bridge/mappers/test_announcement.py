"""An announcement as Condition and Communication, the proposal of a plan as Task."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from fhir_bridge.mappers import announced, communication, condition, task_proposal
from fhir_bridge.r4.systems import ICD10
from fhir_bridge.r4.validation import validate
from ppa.announcements.records import AnnouncementSnapshot, ProposalSnapshot
from ppa.announcements.states import ProposalState, Trigger

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ANNOUNCED = AnnouncementSnapshot(
    id=uuid4(),
    person_id=uuid4(),
    version=1,
    trigger=Trigger.SERIOUS_ILLNESS,
    announced_on=date(2026, 11, 20),
    diagnosis_code="C34.1",
    diagnosis_label="Maladie inventée",
    organisation_id=uuid4(),
    recorder_id=uuid4(),
    present="Sa fille",
    knows="La maladie est grave",
    wishes_to_know="",
    sent_at=AT,
    updated_at=AT,
)
PROPOSED = ProposalSnapshot(
    id=uuid4(),
    person_id=ANNOUNCED.person_id,
    version=1,
    state=ProposalState.REQUESTED,
    owner_id=uuid4(),
    organisation_id=uuid4(),
    proposed_on=date(2026, 11, 21),
    come_back_on=None,
    announcement_ids=(ANNOUNCED.id,),
    answers=(),
    created_at=AT,
    updated_at=AT,
)


def test_the_diagnosis_is_a_condition_with_its_day_and_recorder():
    resource = condition.to_resource(ANNOUNCED)
    validate(resource)
    assert resource["code"] == {"coding": [{"system": ICD10, "code": "C34.1"}], "text": "Maladie inventée"}
    assert resource["recordedDate"] == "2026-11-20"
    assert resource["recorder"] == {"reference": f"Practitioner/{ANNOUNCED.recorder_id}"}
    assert "meta" not in resource


@pytest.mark.parametrize(("code", "label"), [("", "Maladie inventée"), ("G30", "")])
def test_a_condition_has_a_code_or_words(code, label):
    resource = condition.to_resource(replace(ANNOUNCED, diagnosis_code=code, diagnosis_label=label))
    validate(resource)
    assert ("coding" in resource["code"], "text" in resource["code"]) == (bool(code), bool(label))


def test_the_announcement_is_a_communication_to_the_person_about_the_condition():
    resource = communication.to_resource(ANNOUNCED)
    validate(resource)
    assert [each["coding"][0]["code"] for each in resource["category"]] == ["announcement"]
    assert resource["recipient"] == [resource["subject"]] == [{"reference": f"Patient/{ANNOUNCED.person_id}"}]
    assert resource["about"] == [{"reference": f"Condition/{ANNOUNCED.id}"}]
    assert resource["sent"] == "2026-11-22T09:30:00Z"
    assert len(resource["note"]) == 2


def test_a_worsening_has_its_own_category_too_and_an_unknown_recorder_leaves_the_organisation():
    resource = communication.to_resource(replace(ANNOUNCED, trigger=Trigger.CHRONIC_WORSENING, recorder_id=None))
    validate(resource)
    assert [each["coding"][0]["code"] for each in resource["category"]] == ["announcement", "worsening"]
    assert resource["sender"] == {"reference": f"Organization/{ANNOUNCED.organisation_id}"}


def test_an_announcement_that_comes_back_says_what_it_said():
    told = replace(ANNOUNCED, wishes_to_know="Tout : « le bon\net le mauvais »", knows="Ce que la personne sait : peu")
    back = announced.to_announcement(
        communication.to_resource(told),
        condition.to_resource(told),
        person_id=told.person_id,
        recorder_id=told.recorder_id,
    )
    for name in ("trigger", "announced_on", "diagnosis_code", "diagnosis_label", "recorder_id", "sent_at"):
        assert getattr(back, name) == getattr(told, name), name
    assert (back.present, back.knows, back.wishes_to_know) == (told.present, told.knows, told.wishes_to_know)


def test_a_note_that_says_nothing_of_what_it_is_about_stands_for_nothing():
    sent = communication.to_resource(replace(ANNOUNCED, present="", knows=""))
    sent["note"] = [
        {"text": "Vu ce jour."},
        {"text": " Personnes présentes : sa fille "},
        {"text": "Personnes présentes : son fils"},
    ]
    back = announced.to_announcement(
        sent, condition.to_resource(ANNOUNCED), person_id=ANNOUNCED.person_id, recorder_id=None
    )
    assert (back.present, back.knows) == ("sa fille\nson fils", "")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (ProposalState.REQUESTED, "requested"),
        (ProposalState.ACCEPTED, "accepted"),
        (ProposalState.DEFERRED, "on-hold"),
        (ProposalState.DECLINED, "rejected"),
    ],
)
def test_a_proposal_is_a_task_of_the_dac(state, status):
    resource = task_proposal.to_resource(replace(PROPOSED, state=state))
    validate(resource)
    assert resource["status"] == status
    assert resource["code"]["coding"][0]["code"] == "propose-ppa"
    assert resource["owner"] == {"reference": f"Organization/{PROPOSED.owner_id}"}
    assert resource["focus"] == {"reference": f"Condition/{ANNOUNCED.id}"}


def test_a_deferred_proposal_says_when_to_come_back_and_keeps_the_earlier_announcement():
    later = uuid4()
    resource = task_proposal.to_resource(
        replace(
            PROPOSED,
            state=ProposalState.DEFERRED,
            come_back_on=date(2026, 12, 15),
            announcement_ids=(ANNOUNCED.id, later),
        )
    )
    validate(resource)
    assert resource["restriction"]["period"] == {"start": "2026-12-15"}
    assert resource["focus"] == {"reference": f"Condition/{later}"}
    assert [each["valueReference"]["reference"] for each in resource["input"]] == [f"Condition/{ANNOUNCED.id}"]
