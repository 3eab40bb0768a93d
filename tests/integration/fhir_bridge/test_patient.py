"""A person registered by a team is read and searched by its system over HTTP, and by nobody else's."""

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.patient import Patient

from accounts.kernel.actor import Role
from tests.factories import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def registration():
    return people.registration(ipp="777-42", ipp_system="urn:oid:1.2.250.1.999.1")


@pytest.fixture
def person_id(hospital, registration):
    return people.register_person(registration, by=people.actor(Role.NURSE, hospital)).id


def ids(response):
    assert response.status_code == 200, response.content
    return [entry["resource"]["id"] for entry in response.json().get("entry", [])]


def test_a_read_gives_the_whole_person_with_the_callers_own_number(partner, person_id, registration):
    response = partner.get(f"Patient/{person_id}")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert response["ETag"] == 'W/"1"'
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    Patient.model_validate(body)
    values = {one["system"]: one["value"] for one in body["identifier"]}
    assert values == {
        f"urn:oid:{registration.ins.oid}": registration.ins.value,
        registration.ipp_system: registration.ipp,
    }
    assert body["name"][0]["family"] == registration.traits.birth_name
    assert body["meta"]["versionId"] == "1"


def test_a_stranger_gets_the_same_404_as_for_nobody(stranger, person_id):
    hidden, absent = (stranger.get(f"Patient/{one}") for one in (person_id, people.uuid4()))
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json() == absent.json()
    assert hidden.json()["resourceType"] == "OperationOutcome"


def test_search_by_number_name_birth_date_and_phone(partner, person_id, registration):
    ins = f"urn:oid:{registration.ins.oid}|{registration.ins.value}"
    asked = [
        {"identifier": ins},
        {"identifier": f"{registration.ipp_system}|{registration.ipp}"},
        {"name": registration.traits.birth_name[:4].lower()},
        {"family": registration.traits.birth_name.lower()},
        {"family:exact": registration.traits.birth_name},
        {"given": "philomene"},
        {"birthdate": "1955-03-12"},
        {"birthdate": "eq1955-03"},
        {"birthdate": "1955"},
        {"phone": "03 80 00 00 01"},
        {"_id": str(person_id)},
        {"name": "phil", "birthdate": "1955", "_lastUpdated": "ge2020"},
    ]
    for params in asked:
        assert ids(partner.search("Patient", **params)) == [str(person_id)], params
    missing = [
        {"family": registration.traits.birth_name + "X"},
        {"family:exact": registration.traits.birth_name.lower()},
        {"birthdate": "1956"},
        {"_lastUpdated": "lt2020"},
    ]
    for params in missing:
        assert ids(partner.search("Patient", **params)) == [], params


def test_a_stranger_finds_nobody_by_anything_and_the_totals_agree(stranger, partner, person_id, registration):
    ins = f"urn:oid:{registration.ins.oid}|{registration.ins.value}"
    own = f"{registration.ipp_system}|{registration.ipp}"
    for params in ({"identifier": ins}, {"identifier": own}, {"name": "phil"}, {"_id": str(person_id)}):
        hidden = stranger.search("Patient", **params, _total="accurate").json()
        nobody = stranger.search("Patient", _id=str(people.uuid4()), _total="accurate").json()
        assert hidden == nobody
        assert hidden["total"] == 0
    assert partner.search("Patient", name="phil", _total="accurate").json()["total"] == 1


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("identifier=urn:oid:1.2.250.1.213.1.4.10%7C255", "identifier"),
        ("address=rue", "address"),
        ("name:contains=phil", "name"),
        ("birthdate=gt1950", "birthdate"),
        ("_sort=name", "_sort"),
        ("_elements=id", "_elements"),
        ("_has:Task:patient:status=draft", "_has"),
        ("name=p", "name"),
        ("_include=Patient:nothing", "_include"),
        ("_page=abc", "_page"),
    ],
)
def test_what_is_not_offered_is_refused_by_name(partner, query, named):
    response = partner.get(f"Patient?{query}")
    assert response.status_code == 400
    assert named in response.json()["issue"][0]["diagnostics"]
    assert "255" not in response.content.decode()


def test_pages_follow_by_sealed_keys_without_gap_or_repeat(hospital, partner):
    nurse = people.actor(Role.NURSE, hospital)
    wanted = {str(people.person(nurse)) for _ in range(5)}
    seen, url = [], "Patient?_count=2&name=philomene"
    while url:
        response = partner.get(url)
        Bundle.model_validate(response.json())
        seen += ids(response)
        links = {link["relation"]: link["url"] for link in response.json()["link"]}
        url = links.get("next", "").partition("/fhir/")[2]
        assert "philomene" not in url
    assert len(seen) == 5
    assert set(seen) == wanted


def test_the_next_version_and_the_history(hospital, partner, person_id):
    nurse = people.actor(Role.NURSE, hospital)
    people.relative(person_id, nurse)
    response = partner.get(f"Patient/{person_id}")
    assert response["ETag"] == 'W/"2"'
    assert response.json()["contact"][0]["name"]["family"] == "MERLANDOISE"
    assert partner.get(f"Patient/{person_id}", if_none_match='W/"2"').status_code == 304
    assert partner.get(f"Patient/{person_id}", if_none_match='W/"1"').status_code == 200
    old = partner.get(f"Patient/{person_id}/_history/1").json()
    assert "contact" not in old
    assert partner.get(f"Patient/{person_id}/_history/9").status_code == 404
    history = partner.get(f"Patient/{person_id}/_history").json()
    Bundle.model_validate(history)
    assert [entry["request"]["method"] for entry in history["entry"]] == ["PUT", "POST"]


def test_the_care_team_names_the_organisation(partner, hospital, person_id):
    team = partner.get(f"CareTeam?patient={person_id}").json()["entry"][0]["resource"]
    assert team["participant"][0]["member"]["reference"] == f"Organization/{hospital.id}"
