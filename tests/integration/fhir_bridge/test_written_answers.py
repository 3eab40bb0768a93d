"""A write answers what a read of the same thing would show to the same caller: no more, and no less."""

from dataclasses import replace
from uuid import UUID

import pytest

from accounts.access.commands import record_opposition
from accounts.access.records import RecordOpposition
from accounts.access.states import ConsentMeans
from accounts.audit.models import AuditRow
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.organisations.models import Organisation
from accounts.people.records import Contact
from fhir_bridge.mappers.task_line import DECLINE_REASON
from fhir_bridge.r4.systems import LOCAL_LINE_STATUS
from tests.factories import fhir, people

pytestmark = pytest.mark.django_db
HIDDEN = ("7 rue de la Canarde", "+33380112233", "SURNOMMÉE", "MERLANDOISE", "Capucine", "+33600000002")


@pytest.fixture
def registration():
    contact = Contact(
        phones=("03 80 11 22 33",), street="7 rue de la Canarde", postal_code="21000", city="Dijon", commune="21231"
    )
    return people.registration(contact=contact, usual_name="SURNOMMÉE")


@pytest.fixture
def followed(nurse, registration):
    """Return the person whom the hospital follows, with her street, her usual name and her daughter."""
    person_id = people.register_person(registration, by=nurse).id
    people.relative(person_id, nurse)
    return person_id


@pytest.fixture
def posted(registration):
    """Return what another system knows of her: the number, the five traits and a phone of its own."""
    contact = Contact(phones=("03 80 99 99 99",), postal_code="21000", city="Dijon", commune="21231")
    return fhir.patient(replace(registration, contact=contact, usual_name=""))


def refuse_everybody(person_id, by, *, at=None):
    record_opposition(
        RecordOpposition(
            person_id=person_id,
            organisation_id=at,
            stated_on=today(),
            means=ConsentMeans.SPOKEN,
        ),
        by=by,
    )


def same_number(registration):
    return f"identifier=urn:oid:{registration.ins.oid}|{registration.ins.value}"


def check_hidden(answer):
    assert answer.status_code in (200, 201), answer.content
    assert answer.content == b""
    assert "ETag" not in answer
    assert "Last-Modified" not in answer
    assert "/_history/" not in answer["Location"]


def check_as_read(partner, answer):
    read = partner.get(answer["Location"].partition("/fhir/")[2])
    assert read.status_code == 200, read.content
    assert answer.content == read.content
    assert (answer["ETag"], answer["Last-Modified"]) == (read["ETag"], read["Last-Modified"])


def test_the_creation_of_one_who_refuses_tells_nothing_of_her(nurse, followed, stranger, posted):
    refuse_everybody(followed, nurse)
    answer = stranger.post("Patient", posted)
    check_hidden(answer)
    assert stranger.get(f"Patient/{followed}").status_code == 404
    assert AuditRow.objects.filter(action="fhir.create", person_id=followed).count() == 1


def test_the_creation_of_one_who_is_known_elsewhere_gives_the_minimum_that_a_read_gives(followed, stranger, posted):
    answer = stranger.post("Patient", posted)
    assert answer.status_code == 201
    assert not [hidden for hidden in HIDDEN if hidden in answer.content.decode()]
    check_as_read(stranger, answer)


def test_who_knows_her_finds_her_by_no_telephone_that_a_read_hides(nurse, followed, stranger, posted):
    stranger.post("Patient", posted)
    assert stranger.get("Patient?phone=%2B33380112233&_total=accurate").json()["total"] == 0
    hers = fhir.partner(Organisation.objects.get(pk=nurse.organisation_id))
    assert hers.get("Patient?phone=%2B33380112233&_total=accurate").json()["total"] == 1


def test_what_is_found_instead_of_created_is_given_as_it_is_read(followed, stranger, posted, registration):
    stranger.post("Patient", posted)
    answer = stranger.post("Patient", posted, if_none_exist=same_number(registration))
    assert answer.status_code == 200
    check_as_read(stranger, answer)


def test_the_creation_of_ones_own_patient_gives_her_whole(partner, registration):
    answer = partner.post("Patient", fhir.patient(registration))
    assert answer.status_code == 201
    assert [
        told for told in (registration.traits.birth_name, "+33380112233") if told not in answer.content.decode()
    ] == []
    check_as_read(partner, answer)


def test_the_same_key_again_shows_what_may_be_read_now(nurse, partner, registration):
    posted = fhir.patient(registration)
    created = partner.post("Patient", posted, idempotency_key="creation-1")
    person_id = UUID(created.json()["id"])
    other_team = people.actor(Role.NURSE)
    people.consented(person_id, Organisation.objects.get(pk=other_team.organisation_id), by=nurse)
    people.register_person(registration, by=other_team)
    people.relative(person_id, nurse)
    refuse_everybody(person_id, nurse, at=partner.organisation.id)
    again = partner.post("Patient", posted, idempotency_key="creation-1")
    assert again["Idempotency-Replayed"] == "true"
    check_hidden(again)


def versions_told(sender, bundle):
    """Return, by type, whether each entry's version was told; the same as whether its sender reads it."""
    answer = sender.post("", bundle)
    assert answer.status_code == 200, answer.content
    told = {}
    for entry in answer.json()["entry"]:
        response = entry["response"]
        path = response["location"].partition("/fhir/")[2]
        read = sender.get(path)
        assert response.get("etag") == (read["ETag"] if read.status_code == 200 else None), path
        assert ("lastModified" in response) == ("/_history/" in path) == ("etag" in response)
        told[path.partition("/")[0]] = "etag" in response
    return told


def test_a_bundle_tells_the_versions_of_what_its_sender_reads(stranger, registration):
    people.coordination(departement="21")
    told = versions_told(stranger, fhir.announcement_bundle(registration))
    assert {rtype for rtype, is_told in told.items() if is_told} >= {"Patient", "Condition", "Communication", "Task"}


def test_a_bundle_tells_no_version_of_what_its_sender_may_not_read(nurse, followed, posted, registration):
    people.coordination(departement="21")
    refuse_everybody(followed, nurse)
    types = ("Patient", "Condition", "Communication", "Task", "Practitioner", "Organization")
    writes_only = fhir.partner(people.organisation(), *(f"system/{rtype}.c" for rtype in types))
    entries = fhir.announcement_bundle(people.registration())
    answer = writes_only.post("", entries)
    assert answer.status_code == 200, answer.content
    assert not [one for one in answer.json()["entry"] if {"etag", "lastModified"} & set(one["response"])]
    refused = fhir.partner(people.organisation()).post("", fhir.announcement_bundle(registration, patient=posted))
    assert refused.status_code == 404


def test_a_token_that_may_not_read_gets_the_address_only(hospital, registration):
    check_hidden(fhir.partner(hospital, "system/Patient.c").post("Patient", fhir.patient(registration)))


def test_the_answer_to_a_request_is_given_back_as_it_is_read(asked, first):
    line = asked.line()

    def step(**changes):
        task = first.get(f"Task/{line.id}")
        answer = first.put(f"Task/{line.id}", {**task.json(), **changes}, if_match=task["ETag"])
        assert answer.status_code == 200, answer.content
        return answer, first.get(f"Task/{line.id}")

    review = {"coding": [{"system": LOCAL_LINE_STATUS, "code": "under-review"}]}
    for changes in ({"status": "received"}, {"businessStatus": review}):
        answer, read = step(**changes)
        assert (answer.content, answer["ETag"]) == (read.content, read["ETag"])
    reason = {"coding": [{"system": DECLINE_REASON, "code": "no-place"}]}
    answer, read = step(status="rejected", statusReason=reason)
    assert (answer.content, read.status_code) == (b"", 404)


def test_an_answer_by_a_token_that_may_not_read_is_not_shown(asked, first):
    line = asked.line()
    task = first.get(f"Task/{line.id}")
    writes_only = fhir.partner(first.organisation, "system/Task.u")
    answer = writes_only.put(f"Task/{line.id}", {**task.json(), "status": "received"}, if_match=task["ETag"])
    assert answer.status_code == 200, answer.content
    assert answer.content == b""
    assert "ETag" not in answer
