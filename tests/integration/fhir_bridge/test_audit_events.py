"""AuditEvent: one BALP event a call, the French form beside it, each caller reading his own calls only (AU-1 to AU-5)."""

import base64
from uuid import uuid4

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from fhir.resources.R4B.bundle import Bundle

from accounts.access.models import Opposition
from accounts.audit.models import AuditRow
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from fhir_bridge.r4.systems import BALP, TDE_AUDIT_EVENT
from tests.factories import fhir, people
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db
PROFILE = f"{BALP}/StructureDefinition/IHE.BasicAudit."


def events(partner, query=""):
    response = partner.get(f"AuditEvent{query}")
    assert response.status_code == 200, response.content
    Bundle.model_validate(response.json())
    found = [entry["resource"] for entry in response.json().get("entry", [])]
    for one in found:
        AuditEvent.model_validate(one)
    return found


def calls(partner, code, query=""):
    return [one for one in events(partner, query) if one.get("subtype", [{}])[0].get("code") == code]


def agent(event, code):
    return next(one for one in event["agent"] if one["type"]["coding"][0]["code"] == code)


def entity(event, system, code):
    return [
        one
        for one in event["entity"]
        if (one["type"]["system"].rsplit("/", 1)[1], one["type"]["code"]) == (system, code)
    ]


PERSON, THING, REQUEST = ("audit-entity-type", "1"), ("audit-entity-type", "2"), ("BasicAuditEntityType", "XrequestId")


def test_a_read_is_one_patient_read_with_client_server_user_data_patient_and_request(partner, person_id):
    mine = str(uuid4())
    partner.get(f"Patient/{person_id}", x_request_id=mine)
    (event,) = calls(partner, "read")
    assert event["meta"]["profile"] == [f"{PROFILE}PatientRead"]
    assert (event["type"]["code"], event["action"], event["outcome"]) == ("rest", "R", "0")
    assert agent(event, "110152")["network"]["type"] == "2"
    assert agent(event, "110153")["who"]["identifier"]["value"].endswith("/fhir")
    user = agent(event, "IRCP")
    assert user["requestor"] is True
    assert user["who"]["identifier"]["system"].endswith("/fhir")
    assert partner.token not in str(event)
    assert user["policy"][0].startswith("urn:ietf:params:oauth:jti:")
    assert [one["what"]["reference"] for one in entity(event, *PERSON)] == [f"Patient/{person_id}"]
    assert [one["role"]["code"] for one in entity(event, *THING)] == ["4"]
    assert entity(event, *REQUEST)[0]["what"]["identifier"]["value"] == mine
    assert partner.get(f"AuditEvent/{event['id']}").json() == event


def test_a_search_names_each_patient_shown_and_repeats_no_name(hospital, nurse, partner):
    shown = [people.person(nurse) for _ in range(2)]
    partner.search("Patient", name="Philo")
    found = calls(partner, "search-type")
    patients = {entity(one, *PERSON)[0]["what"]["reference"] for one in found}
    assert patients == {f"Patient/{one}" for one in shown}
    for event in found:
        assert event["meta"]["profile"] == [f"{PROFILE}PatientQuery"]
        assert event["action"] == "E"
        asked = next(one for one in entity(event, *THING))
        assert "what" not in asked
        assert base64.b64decode(asked["query"]).decode() == asked["description"] == "Patient?name=…"
        assert agent(event, "110153")["network"]["type"] == "2"


def test_what_names_nobody_stays_in_the_query(partner, person_id):
    partner.get(f"CareTeam?patient={person_id}&_count=5")
    partner.get("Organization?name=abc")
    described = {e["description"] for one in calls(partner, "search-type") for e in entity(one, *THING)}
    assert described == {f"CareTeam?patient={person_id}&_count=5", "Organization?name=…"}


def test_a_create_is_a_patient_create(partner):
    response = partner.post("Patient", fhir.patient(people.registration()))
    assert response.status_code == 201, response.content
    (event,) = calls(partner, "create")
    assert event["meta"]["profile"] == [f"{PROFILE}PatientCreate"]
    assert (event["action"], agent(event, "110153")["network"]["type"]) == ("C", "2")
    assert len(entity(event, *PERSON)) == 1


@pytest.mark.parametrize("call", ["Patient/{}", "Patient/unknown", "Starship/1", "Patient?nothing=1"])
def test_every_refusal_is_one_event_that_tells_neither_of_whom_nor_why(stranger, person_id, call):
    stranger.get(call.format(person_id))
    (event,) = events(stranger)
    assert event["outcome"] == "4"
    assert "meta" not in event
    assert entity(event, *PERSON) == []
    assert event["outcomeDesc"] in ("not-found", "not-supported")


def test_a_hidden_resource_and_an_unknown_one_look_alike(stranger, person_id):
    stranger.get(f"Patient/{person_id}")
    stranger.get(f"Patient/{uuid4()}")
    hidden, unknown = events(stranger, "?outcome=4")
    changing = ("id", "period", "recorded", "entity", "text")
    assert {k: v for k, v in hidden.items() if k not in changing} == {
        k: v for k, v in unknown.items() if k not in changing
    }


def test_nobody_reads_foreign_trails(hospital, partner, stranger, person_id):
    partner.get(f"Patient/{person_id}")
    (event,) = calls(partner, "read")
    neighbour = fhir.partner(hospital)
    for other in (stranger, neighbour):
        assert other.get(f"AuditEvent/{event['id']}").status_code == 404
        assert events(other, f"?patient={person_id}") == []
        assert other.get("AuditEvent?_count=0").json()["total"] <= 3
    assert fhir.partner(hospital, "system/Patient.rs").get("AuditEvent").status_code == 403


def test_nothing_changes_or_deletes_an_event(partner, person_id):
    partner.get(f"Patient/{person_id}")
    where = f"/fhir/AuditEvent/{calls(partner, 'read')[0]['id']}"
    for method in ("put", "delete", "patch"):
        assert getattr(partner.client, method)(where, headers=partner.headers()).status_code == 405
    assert partner.post("AuditEvent", {"resourceType": "AuditEvent"}).status_code == 405


def test_the_search_by_patient_date_agent_entity_and_outcome(partner, person_id):
    partner.get(f"Patient/{person_id}")
    partner.get(f"Patient/{uuid4()}")
    client_id = AuditRow.objects.filter(action="fhir.read").first().actor_id
    day = now().date().isoformat()  # a day without a zone is one of UTC
    for query, number in {
        f"?patient={person_id}": 1,
        f"?patient=Patient/{uuid4()}": 0,
        f"?date=ge{day}&_count=1": 1,
        "?date=lt2020": 0,
        f"?agent=Device/{client_id}&entity=Patient/{person_id}": 1,
        f"?entity=Task/{person_id}": 0,
        "?outcome=4": 1,
        "?outcome=12": 0,
    }.items():
        assert len(events(partner, query)) == number, query
    for refused in ("?subtype=read", "?date=yesterday", "?_profile=http://example.org", "?patient:missing=true"):
        assert partner.get(f"AuditEvent{refused}").status_code == 400, refused
    first = partner.get("AuditEvent?_count=1").json()
    following = next(link["url"] for link in first["link"] if link["relation"] == "next")
    second = partner.get(following.partition("/fhir/")[2]).json()
    assert second["entry"][0]["fullUrl"] != first["entry"][0]["fullUrl"]


def test_the_french_form_has_two_agents_at_most_one_subtype_and_a_period(partner, person_id):
    partner.get(f"Patient/{person_id}")
    found = events(partner, f"?_profile={TDE_AUDIT_EVENT}")
    for event in found:
        assert event["meta"]["profile"] == [TDE_AUDIT_EVENT]
        assert len(event["agent"]) <= 2
        assert len(event.get("subtype", [])) <= 1
        assert event["period"]["start"]
        assert all(one["who"] for one in event["agent"])
    assert partner.get(f"AuditEvent/{found[-1]['id']}").json()["meta"]["profile"] == [TDE_AUDIT_EVENT]


@pytest.mark.parametrize(("form", "agents"), [("tde", 1), ("balp", 4)])
def test_the_privacy_officer_takes_the_trail_away_with_the_decisions_on_consent(
    hospital, nurse, person_id, form, agents
):
    Opposition.objects.create(person_id=person_id, stated_on=today(), means="spoken")
    signed_in(nurse).get(f"/personnes/{person_id}/")
    response = signed_in(people.actor(Role.PRIVACY_OFFICER, hospital)).get(f"/journal/structure/fhir/?forme={form}")
    assert response.status_code == 200
    Bundle.model_validate(response.json())
    alert = next(e["resource"] for e in response.json()["entry"] if e["resource"]["type"]["code"] == "110113")
    assert alert["subtype"][0]["code"] == "AuthZ-Consent"
    assert (alert["outcome"], alert["outcomeDesc"]) == ("4", "NOOPP")
    assert len(alert["agent"]) == agents
    assert {one["type"]["code"] for one in alert["entity"]} == {"1", "Consent"}
    assert signed_in(nurse).get("/journal/structure/fhir/").status_code == 403
