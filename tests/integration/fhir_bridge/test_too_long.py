"""What is longer than can be kept is refused by name, on every database, and nothing of the Bundle is kept."""

import pytest

from accounts.organisations.models import Organisation, Professional
from accounts.people.models import Person
from fhir_bridge.r4.systems import FINESS, RPPS
from tests.factories import fhir, people

pytestmark = pytest.mark.django_db
LONG = "Zz" * 150


def doctor(rpps="89999999999", **name):
    return {
        "resourceType": "Practitioner",
        "identifier": [{"system": RPPS, "value": rpps}],
        "name": [{"family": "INVENTÉE", "given": ["Douce"], **name}],
    }


def hospital(finess="990000999", name="Clinique du Grand Essai (fictif)"):
    return {"resourceType": "Organization", "identifier": [{"system": FINESS, "value": finess}], "name": name}


def patient(**changes):
    made = fhir.patient(people.registration())
    return {**made, **changes}


def own_number(system):
    kind = {"coding": [{"system": "http://interopsante.org/fhir/CodeSystem/fr-v2-0203", "code": "PI"}]}
    return [{"type": kind, "system": system, "value": "42"}]


@pytest.mark.parametrize(
    "parts",
    [
        {"doctor": doctor(family=LONG)},
        {"doctor": doctor(given=[LONG])},
        {"doctor": doctor(rpps="8" * 40)},
        {"hospital": hospital(name=LONG)},
        {"hospital": hospital(finess="9" * 40)},
        {"doctor": {**doctor(), "telecom": [{"system": "phone", "value": "0" * 60}]}},
    ],
)
def test_a_contact_longer_than_can_be_kept_is_refused(parts):
    people.coordination()
    partner = fhir.partner(people.organisation())
    before = Professional.objects.count(), Organisation.objects.count()
    response = partner.post("", fhir.announcement_bundle(people.registration(), **parts))
    assert response.status_code == 422, response.content
    assert response.json()["issue"][0]["details"]["text"]
    assert (Professional.objects.count(), Organisation.objects.count()) == before
    assert not Person.objects.exists()


def test_a_title_longer_than_a_page_shows_is_left_to_the_message_that_came():
    people.coordination()
    partner = fhir.partner(people.organisation())
    parts = {"doctor": doctor(prefix=["Madame la Professeure Docteure"])}
    response = partner.post("", fhir.announcement_bundle(people.registration(), **parts))
    assert response.status_code == 200, response.content
    assert Professional.objects.get(rpps="89999999999").display_name == "Douce INVENTÉE"


@pytest.mark.parametrize("system", [f"urn:{LONG}"])
def test_an_own_number_of_a_system_longer_than_can_be_kept_is_refused(system):
    partner = fhir.partner(people.organisation())
    made = fhir.patient(people.registration())
    response = partner.post("Patient", {**made, "identifier": [*made["identifier"], *own_number(system)]})
    assert response.status_code == 422, response.content
    assert not Person.objects.exists()


@pytest.mark.parametrize("code", ["2" * 40, "21-231", ""])
def test_a_commune_that_is_no_code_is_no_fault(code):
    partner = fhir.partner(people.organisation())
    made = fhir.patient(people.registration())
    made["address"][0]["extension"][0]["valueCoding"] = {"code": code} if code else {"display": "Dijon"}
    response = partner.post("Patient", made)
    assert response.status_code in (201, 422), response.content
    assert all(len(person.commune) in (0, 5) for person in Person.objects.order_by("pk"))
