"""A request and its lines, seen from the sender's system and from each recipient's, and answered by one of them."""

import pytest

from accounts.organisations.models import Organisation
from fhir_bridge.mappers.task_line import DECLINE_REASON
from fhir_bridge.r4.systems import LOCAL_LINE_STATUS
from fhir_bridge.repository.models import Resource
from pathway.referrals.states import LineState
from tests.factories import fhir, people, referrals

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender(asked):
    return fhir.partner(Organisation.objects.get(pk=asked.sender.organisation_id))


@pytest.fixture
def second(asked):
    return fhir.partner(asked.structures[1].organisation)


def put(partner, line_id, *, match=None, **changes):
    response = partner.get(f"Task/{line_id}")
    assert response.status_code == 200, response.content
    headers = {"if_match": match or response["ETag"]} if match != "" else {}
    return partner.put(f"Task/{line_id}", {**response.json(), **changes}, **headers)


def under_review():
    return {
        "status": "received",
        "businessStatus": {"coding": [{"system": LOCAL_LINE_STATUS, "code": "under-review"}]},
    }


def test_each_sees_its_own_lines(asked, sender, first, second):
    lines = [str(asked.line(index).id) for index in (0, 1)]
    found = sender.get(f"Task?patient={asked.person_id}&_sort=_lastUpdated").json()["entry"]
    assert {one["resource"]["id"] for one in found} == set(lines)
    for partner, mine, other in ((first, *lines), (second, *reversed(lines))):
        response = partner.get(f"Task?focus=ServiceRequest/{asked.request_id}&_total=accurate").json()
        assert [one["resource"]["id"] for one in response["entry"]] == [mine]
        assert response["total"] == 1
        assert partner.get(f"Task/{other}").status_code == 404


def test_a_recipient_reads_the_minimum_set_until_it_is_accepted(asked, sender, first):
    whole = sender.get(f"ServiceRequest/{asked.request_id}").json()
    assert referrals.SECRET in str(whole)
    short = first.get(f"ServiceRequest/{asked.request_id}").json()
    assert referrals.SECRET not in str(short)
    assert "performer" not in short
    assert short["meta"]["tag"][0]["code"] == "SUBSETTED"
    person = first.get(f"Patient/{asked.person_id}").json()
    assert person["name"][0]["use"] == "official"
    assert {"identifier", "telecom", "contact"} & set(person) == set()
    brought = first.get("Task?_include=Task:patient&_include=Task:focus").json()["entry"]
    assert len(brought) == 3
    assert referrals.SECRET not in str(brought)
    assert "entry" not in first.search("Patient", name="phil").json()


def test_a_stranger_sees_nothing_of_it(asked):
    stranger = fhir.partner(people.organisation())
    for path in (f"ServiceRequest/{asked.request_id}", f"Task/{asked.line().id}", f"Patient/{asked.person_id}"):
        assert stranger.get(path).status_code == 404
    assert "entry" not in stranger.get(f"Task?patient={asked.person_id}").json()


def test_a_recipient_acknowledges_studies_and_declines(asked, first, sender):
    line = asked.line()
    assert put(first, line.id, status="received").status_code == 200
    response = put(first, line.id, **under_review())
    assert response.status_code == 200, response.content
    assert response.json()["businessStatus"]["coding"][0]["code"] == "under-review"
    reason = {"coding": [{"system": DECLINE_REASON, "code": "no-place"}], "text": "Une place vers le 12"}
    declined = put(first, line.id, status="rejected", statusReason=reason)
    assert declined.status_code == 200, declined.content
    assert declined.content == b""
    assert asked.line().state == LineState.DECLINED
    assert sender.get(f"Task/{line.id}").json()["status"] == "rejected"


@pytest.mark.parametrize(
    ("changes", "match", "status"),
    [
        ({"status": "received"}, "", 400),
        ({"status": "received"}, 'W/"99"', 412),
        ({"status": "received"}, "nonsense", 400),
        ({"status": "received", "priority": "stat"}, None, 422),
        ({"status": "received", "id": "other"}, None, 400),
        ({"status": "completed"}, None, 422),
        ({"status": "rejected"}, None, 422),
        ({"status": "banana"}, None, 400),
        ({"status": "accepted"}, None, 409),
    ],
)
def test_what_an_answer_may_not_be(asked, first, changes, match, status):
    response = put(first, asked.line().id, match=match, **changes)
    assert response.status_code == status, response.content
    assert response.json()["resourceType"] == "OperationOutcome"
    assert asked.line().state == LineState.SENT


def test_the_same_answer_twice_with_one_version_wins_once(asked, first):
    line = asked.line()
    task = first.get(f"Task/{line.id}")
    body = {**task.json(), "status": "received"}
    answers = [first.put(f"Task/{line.id}", body, if_match=task["ETag"]).status_code for _ in range(2)]
    assert answers == [200, 412]


def test_another_recipient_cannot_answer_for_it(asked, second):
    line = asked.line()
    body = {"resourceType": "Task", "id": str(line.id), "status": "received", "intent": "order"}
    assert second.put(f"Task/{line.id}", body, if_match='W/"1"').status_code == 404


def test_the_first_admission_closes_the_other_line_and_shows_a_stay(asked, sender):
    referrals.agreed(asked)
    stay_id = referrals.admitted(asked)
    assert sender.get(f"Task/{asked.line(1).id}").json()["status"] == "cancelled"
    assert sender.get(f"ServiceRequest/{asked.request_id}").json()["status"] == asked.request.state
    assert sender.get(f"Encounter/{stay_id}").json()["status"] == "in-progress"
    assert Resource.objects.filter(rtype="Encounter").count() == 1
