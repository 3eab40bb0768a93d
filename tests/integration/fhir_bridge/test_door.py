"""What every interaction has in common: who may call, in which format, and how a refusal is told."""

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome

from accounts.audit.models import AuditRow
from accounts.kernel.clock import now
from accounts.systems.models import AccessToken
from fhir_bridge.r4.systems import TDE_AUDIT_EVENT
from fhir_bridge.repository.catalogue import CATALOGUE, FHIR_TYPES
from tests.factories import fhir, people

pytestmark = pytest.mark.django_db


def outcome(response):
    OperationOutcome.model_validate(response.json())
    assert response["Content-Type"].startswith("application/fhir+json")
    return response.json()["issue"][0]["code"]


def test_no_token_a_wrong_one_and_an_ended_one_get_401(client, partner, person_id):
    for headers in ({}, {"Authorization": "Bearer nothing"}, {"Authorization": f"Basic {partner.token}"}):
        response = client.get(f"/fhir/Patient/{person_id}", headers=headers)
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("Bearer")
        assert outcome(response) == "login"
    AccessToken.objects.update(expires_at=now())
    assert partner.get(f"Patient/{person_id}").status_code == 401
    assert AuditRow.objects.filter(action="fhir.call", outcome="denied").count() == 4


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        ("system/Patient.r", "Patient/{}", 200),
        ("system/Patient.s", "Patient/{}", 403),
        ("system/Task.cruds", "Patient/{}", 403),
        ("system/Patient.r", "Patient?name=phil", 403),
        ("system/Patient.rs", "Patient?name=phil", 200),
        ("system/*.rs", "CareTeam?patient={}", 200),
    ],
)
def test_a_scope_opens_its_own_letter_of_its_own_type(hospital, person_id, scope, path, status):
    response = fhir.partner(hospital, scope).get(path.format(person_id))
    assert response.status_code == status
    if status == 403:
        assert outcome(response) == "forbidden"
        assert AuditRow.objects.filter(outcome="denied").exists()


def test_an_include_needs_the_scope_of_what_it_brings(hospital, person_id):
    path = f"CareTeam?patient={person_id}&_include=CareTeam:patient"
    assert len(fhir.partner(hospital, "system/CareTeam.rs").get(path).json()["entry"]) == 1
    assert len(fhir.partner(hospital, "system/*.rs").get(path).json()["entry"]) == 2


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({"accept": "application/fhir+json"}, "", 200),
        ({"accept": "text/html, application/json;q=0.9"}, "", 200),
        ({"accept": "*/*"}, "", 200),
        ({"accept": "application/fhir+json; fhirVersion=4.0"}, "", 200),
        ({"accept": "application/fhir+json; fhirVersion=5.0"}, "", 406),
        ({"accept": "application/fhir+xml"}, "", 406),
        ({"accept": "application/fhir+xml"}, "?_format=json", 200),
        ({"accept": "application/fhir+json"}, "?_format=xml", 406),
    ],
)
def test_only_fhir_json_is_answered(partner, person_id, headers, query, status):
    response = partner.get(f"Patient/{person_id}{query}", **headers)
    assert response.status_code == status
    if status == 406:
        assert outcome(response) == "not-supported"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "Starship", 404),
        ("get", "Starship/1", 404),
        ("get", "Patient/1/2/3/4", 404),
        ("get", "Patient/no_such!id", 404),
        ("get", "Patient/1/_history/x", 404),
        ("delete", "Patient/1", 405),
        ("post", "Condition", 405),
        ("patch", "Patient/1", 405),
        ("get", "Patient/_search", 405),
        ("get", "", 405),
    ],
)
def test_unknown_addresses_and_methods(partner, method, path, status):
    response = getattr(partner.client, method)(f"/fhir/{path}", headers=partner.headers())
    assert response.status_code == status
    assert outcome(response) in ("not-found", "not-supported")
    assert ("Allow" in response) == (status == 405)


def test_a_posted_search_takes_its_parameters_in_the_body_only(partner):
    url, form = "/fhir/Patient/_search", "application/x-www-form-urlencoded"
    sent = partner.client.post(url, b"{}", content_type="application/json", headers=partner.headers())
    assert sent.status_code == 415
    sent = partner.client.post(f"{url}?name=phil", "_count=1", content_type=form, headers=partner.headers())
    assert sent.status_code == 400
    sent = partner.client.post(url, b"name=%ff", content_type=form, headers=partner.headers())
    assert sent.status_code == 400
    sent = partner.client.post(url, b"_format=xml", content_type=form, headers=partner.headers())
    assert sent.status_code == 406
    sent = partner.client.post(url, b"identifier=%00|1", content_type=form, headers=partner.headers())
    assert sent.status_code == 400
    sent = partner.client.post(url, b"a" * 70_000, content_type=form, headers=partner.headers())
    assert sent.status_code == 413


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/fhir+xml", "application/fhir+json; fhirVersion=5.0"]
)
def test_another_format_of_body_is_415(partner, content_type):
    response = partner.client.post("/fhir/Patient", b"{}", content_type=content_type, headers=partner.headers())
    assert response.status_code == 415
    assert outcome(response) == "not-supported"


def test_head_answers_like_get_and_the_request_id_comes_back(partner, person_id):
    mine = str(people.uuid4())
    response = partner.client.head(f"/fhir/Patient/{person_id}", headers=partner.headers(x_request_id=mine))
    assert (response.status_code, response["ETag"], response["X-Request-Id"]) == (200, 'W/"1"', mine)
    assert AuditRow.objects.filter(correlation_id=mine, object_type="Patient", outcome="allowed").count() == 1


def test_every_read_and_every_hidden_read_leaves_one_line(partner, person_id):
    partner.get(f"Patient/{person_id}")
    assert AuditRow.objects.filter(object_type="Patient", person_id=person_id, outcome="allowed").count() == 1
    fhir.partner(people.organisation()).get(f"Patient/{person_id}")
    assert AuditRow.objects.filter(object_type="Patient", person_id=person_id, outcome="denied").exists()


def test_the_capability_statement_is_public_and_valid(client):
    response = client.get("/fhir/metadata")
    assert response.status_code == 200
    CapabilityStatement.model_validate(response.json())
    assert response.json()["fhirVersion"] == "4.0.1"
    assert client.get("/fhir/metadata?_format=xml").status_code == 406


@pytest.mark.once
@pytest.mark.thorough
def test_the_capability_statement_tells_only_what_works(client, partner):
    statement = client.get("/fhir/metadata").json()
    for told in statement["rest"][0]["resource"]:
        rtype, codes = told["type"], {one["code"] for one in told["interaction"]}
        assert (partner.get(f"{rtype}?_count=0").status_code == 200) == ("search-type" in codes), rtype
        for param in told.get("searchParam", []):
            value = "1" if param["name"] == "_id" else VALUES[param["type"]]
            response = partner.search(rtype, **{param["name"]: value})
            assert response.status_code == 200, (rtype, param["name"], response.content)
        for include in told.get("searchInclude", []):
            assert partner.get(f"{rtype}?_include={include}").status_code == 200, include
        for include in told.get("searchRevInclude", []):
            assert partner.get(f"{rtype}?_revinclude={include}").status_code == 200, include


VALUES = {
    "token": "urn:oid:1.2|0380000001",
    "string": "abc",
    "reference": str(people.uuid4()),
    "date": "2026",
    "uri": TDE_AUDIT_EVENT,
}


def test_every_answer_of_the_door_carries_its_headers_and_tells_no_version(client, partner, person_id):
    answers = [
        partner.get(f"Patient/{person_id}"),
        partner.get("Starship/1"),
        partner.post("Patient", b"{"),
        client.get("/fhir/Patient/1"),
        client.get("/fhir/metadata"),
        client.get("/fhir/.well-known/smart-configuration"),
        client.post("/oauth/token", b"", content_type="application/x-www-form-urlencoded"),
    ]
    for answer in answers:
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert "no-store" in answer["Cache-Control"]
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert not {"Server", "X-Powered-By", "Set-Cookie"} & set(answer.headers)
        assert b"Traceback" not in answer.content


def test_a_fault_of_ours_is_an_outcome_that_says_nothing(partner, person_id, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError(f"{person_id} at /srv/secret.py")

    monkeypatch.setattr("fhir_bridge.rest.read.store.read", broken)
    response = partner.get(f"Patient/{person_id}")
    assert response.status_code == 500
    assert outcome(response) == "exception"
    assert not [one for one in (str(person_id), "secret", "ZeroDivision") if one in response.content.decode()]


def test_every_parameter_of_the_catalogue_is_told(client):
    told = {one["type"]: one for one in client.get("/fhir/metadata").json()["rest"][0]["resource"]}
    for rtype, served in CATALOGUE.items():
        params = {one["name"]: one["type"] for one in told[rtype]["searchParam"]}
        assert params == {
            "_id": "token",
            "_lastUpdated": "date",
            **{name: FHIR_TYPES[param.kind] for name, param in served.params.items()},
        }
