"""A hospital's announcement comes in whole, or not at all."""

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle

from accounts.access.models import IdempotencyKey
from accounts.audit.models import AuditRow
from accounts.audit.verification import verify
from accounts.organisations.models import Organisation, Professional
from accounts.outbox.models import StoredEvent
from accounts.people.models import Person
from fhir_bridge.intake.models import ReceivedMessage
from ppa.announcements.models import Announcement, PlanProposal
from tests.factories import fhir, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordination():
    return people.coordination(departement="21")


@pytest.fixture
def partner(coordination):
    return fhir.partner(people.organisation())


def test_an_announcement_is_kept_whole_whatever_the_order_of_its_entries(partner, coordination):
    registration = people.registration()
    bundle = fhir.announcement_bundle(registration)
    bundle["entry"].reverse()
    response = partner.post("", bundle)
    assert response.status_code == 200, response.content
    answer = response.json()
    Bundle.model_validate(answer)
    assert answer["type"] == "transaction-response"
    assert [one["response"]["status"] for one in answer["entry"]] == ["201 Created"] * 6
    person, announcement = Person.objects.get(), Announcement.objects.get()
    assert announcement.person_id == person.id
    assert (announcement.diagnosis_code, announcement.recorder.rpps) == ("C34.1", "89999999999")
    assert PlanProposal.objects.get().owner_id == coordination.id
    assert Professional.objects.get(rpps="89999999999").verified is False
    assert verify().faults == []
    at = [entry["resource"]["resourceType"] for entry in bundle["entry"]].index("Patient")
    placed = answer["entry"][at]["response"]
    assert placed["etag"] == 'W/"1"'
    assert placed["location"].endswith(f"/fhir/Patient/{person.id}/_history/1")
    for entry in answer["entry"]:
        path = entry["response"]["location"].partition("/fhir/")[2]
        if path.partition("/")[0] in ("Patient", "Condition", "Communication", "Task"):
            assert partner.get(path).status_code == 200, path
    found = partner.get(
        f"Condition?patient={person.id}&code=http://hl7.org/fhir/sid/icd-10|C34.1&_include=Condition:patient"
        "&_revinclude=Task:focus"
    ).json()
    assert [(one["resource"]["resourceType"], one["search"]["mode"]) for one in found["entry"]] == [
        ("Condition", "match"),
        ("Patient", "include"),
        ("Task", "include"),
    ]
    stranger = fhir.partner(people.organisation())
    for rtype in ("Condition", "Communication", "Task"):
        assert stranger.get(f"{rtype}?patient={person.id}&_total=accurate").json()["total"] == 0


def test_known_actors_are_matched_by_their_national_numbers(partner):
    Professional.objects.create(rpps="89999999999", family="INVENTÉE", given="Douce")
    Organisation.objects.create(finess="990000999", name="Clinique (fictif)", kind="hospital")
    answer = partner.post("", fhir.announcement_bundle(people.registration())).json()
    assert [one["response"]["status"][:3] for one in answer["entry"]] == ["201"] * 4 + ["200"] * 2
    assert Professional.objects.filter(rpps="89999999999").count() == 1


def test_the_same_qualified_person_from_two_hospitals_is_one_person(partner):
    registration = people.registration()
    other = fhir.partner(people.organisation())
    for one in (partner, other):
        assert one.post("", fhir.announcement_bundle(registration, task=None)).status_code == 200
    assert Person.objects.count() == 1
    assert Announcement.objects.count() == 2


def test_the_same_key_gives_the_same_answer_once_and_another_body_is_refused(partner):
    registration = people.registration()
    bundle = fhir.announcement_bundle(registration)
    first = partner.post("", bundle, idempotency_key="annonce-1")
    again = partner.post("", bundle, idempotency_key="annonce-1")
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Announcement.objects.count() == 1
    other = partner.post("", fhir.announcement_bundle(people.registration()), idempotency_key="annonce-1")
    assert other.status_code == 422
    assert other.json()["issue"][0]["details"]["text"].startswith("Ce formulaire")


def test_the_message_is_kept_sealed(partner):
    registration = people.registration()
    partner.post("", fhir.announcement_bundle(registration))
    message = ReceivedMessage.objects.get()
    assert registration.traits.birth_name.encode() in message.content
    raw = bytes(ReceivedMessage.objects.values_list("content", flat=True).get().raw)
    assert registration.traits.birth_name.encode() not in raw


def at(bundle, rtype):
    return next(entry for entry in bundle["entry"] if entry["resource"]["resourceType"] == rtype)


def change(rtype, **elements):
    return lambda bundle: at(bundle, rtype)["resource"].update(elements)


def leave_only_the_condition(bundle):
    condition = at(bundle, "Condition")
    del condition["resource"]["recorder"]
    bundle["entry"] = [at(bundle, "Patient"), condition]


NOWHERE = {"reference": "urn:uuid:00000000-0000-4000-8000-000000000000"}
BREAKS = {
    "no birth date": (change("Patient", birthDate="1955"), 422),
    "a wrong key of the INS": (
        change("Patient", identifier=[{"system": f"urn:oid:{people.OID_TEST}", "value": "255032100000100"}]),
        422,
    ),
    "a production INS": (
        change("Patient", identifier=[{"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "255032100000168"}]),
        422,
    ),
    "an unknown urn": (change("Condition", subject=NOWHERE), 400),
    "announced tomorrow": (change("Communication", sent="2999-01-01T00:00:00Z"), 422),
    "not an announcement": (change("Communication", category=[{"text": "Bonjour"}]), 422),
    "a deletion": (
        lambda bundle: at(bundle, "Condition").update(request={"method": "DELETE", "url": "Condition/1"}),
        422,
    ),
    "a batch": (lambda bundle: bundle.update(type="batch"), 422),
    "a modifier extension": (
        change("Condition", modifierExtension=[{"url": "http://x.example", "valueBoolean": True}]),
        422,
    ),
    "a condition alone": (leave_only_the_condition, 422),
    "an unknown diagnosis code": (
        change("Condition", code={"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "cancer"}]}),
        422,
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_one_wrong_entry_refuses_the_whole_and_nothing_is_kept(partner, name):
    before = Professional.objects.count(), Organisation.objects.count()
    spoil, status = BREAKS[name]
    bundle = fhir.announcement_bundle(people.registration())
    spoil(bundle)
    response = partner.post("", bundle)
    assert response.status_code == status, response.content
    assert response.json()["resourceType"] == "OperationOutcome"
    kept = (Person, Announcement, PlanProposal, ReceivedMessage, StoredEvent, IdempotencyKey)
    assert [model.__name__ for model in kept if model.objects.exists()] == []
    assert (Professional.objects.count(), Organisation.objects.count()) == before
    assert AuditRow.objects.filter(action="fhir.transaction", outcome__in=["refused", "denied"]).count() == 1


def test_each_entry_needs_its_own_scope():
    partner = fhir.partner(people.organisation(), "system/Patient.c", "system/Condition.c")
    response = partner.post("", fhir.announcement_bundle(people.registration()))
    assert response.status_code == 403
    assert not Person.objects.exists()


def test_a_person_is_created_alone_and_only_once_under_if_none_exist(partner):
    registration = people.registration()
    body = fhir.patient(registration)
    same = f"identifier=urn:oid:{registration.ins.oid}|{registration.ins.value}"
    created = partner.post("Patient", body, if_none_exist=same)
    assert created.status_code == 201, created.content
    assert created["Location"].endswith("/_history/1")
    again = partner.post("Patient", body, if_none_exist=same, prefer="return=minimal")
    assert (again.status_code, again.content) == (200, b"")
    assert again["Location"] == created["Location"]
    assert Person.objects.count() == 1


HOSTILE = {
    "no json": (b"{", 400),
    "an array": (b"[]", 400),
    "deep": (b'{"resourceType":"Patient","x":' + b"[" * 5000 + b"]" * 5000 + b"}", 400),
    "a decimal bomb": (b'{"resourceType":"Patient","extension":[{"url":"a","valueDecimal":1e1000000}]}', 400),
    "twice the same member": (b'{"resourceType":"Patient","gender":"male","gender":"female"}', 400),
    "a null character": (b'{"resourceType":"Patient","birthDate":"\\u0000"}', 400),
    "unknown type": (b'{"resourceType":"Starship"}', 404),
    "another type": (b'{"resourceType":"Bundle","type":"transaction"}', 400),
    "a script": (
        orjson.dumps(
            {
                "resourceType": "Patient",
                "text": {
                    "status": "generated",
                    "div": '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>',
                },
            }
        ),
        400,
    ),
    "too large": (b'{"resourceType":"Patient","x":"' + b"a" * 1_100_000 + b'"}', 413),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_are_refused_and_nothing_is_kept(partner, name):
    body, status = HOSTILE[name]
    response = partner.post("Patient", body)
    assert response.status_code == status, response.content
    assert response.json()["resourceType"] == "OperationOutcome"
    assert not Person.objects.exists()
    assert not ReceivedMessage.objects.exists()
