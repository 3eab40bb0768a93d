"""A person as a Patient and back; what may not leave does not leave."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from accounts.people.records import Contact, Ins, PersonSnapshot, RelativeSnapshot, Traits
from accounts.people.rules import OID_TEST
from accounts.people.states import IdentityStatus, RelativeRole, Sex
from fhir_bridge.mappers.minimum import cut
from fhir_bridge.mappers.patient import to_registration, to_resource, with_own_number
from fhir_bridge.r4.outcomes import FhirError
from fhir_bridge.r4.systems import PROFILE_PATIENT, PROFILE_PATIENT_INS
from fhir_bridge.r4.validation import validate

MOMENT = datetime(2026, 1, 31, 9, tzinfo=UTC)
PERSON = PersonSnapshot(
    id=UUID(int=1),
    version=1,
    status=IdentityStatus.QUALIFIED,
    ins=Ins(value="255032100000168", oid=OID_TEST),
    traits=Traits(
        birth_name="CANARIVAUX",
        birth_given_names=("Philomène", "Rose"),
        birth_date=date(1955, 3, 12),
        sex=Sex.FEMALE,
        birthplace="21231",
    ),
    usual_name="SERINVILLE",
    usual_given_name="",
    contact=Contact(
        phones=("+33380000001",),
        email="p@example.org",
        postal_code="21000",
        city="Dijon",
        commune="21231",
        street="1 rue",
    ),
    departement="21",
    died_on=None,
    created_at=MOMENT,
    updated_at=MOMENT,
)
DAUGHTER = RelativeSnapshot(
    id=UUID(int=2),
    person_id=PERSON.id,
    version=1,
    family="MERLANDOISE",
    given="Capucine",
    relation="DAUC",
    relation_label="Fille",
    roles=(RelativeRole.CONTACT, RelativeRole.TRUSTED_PERSON),
    birth_date=None,
    contact=Contact(phones=("+33600000002",)),
    active=True,
)


def test_a_qualified_person_comes_back_as_she_left():
    resource = to_resource(PERSON)
    validate(resource)
    assert resource["meta"]["profile"] == [PROFILE_PATIENT_INS]
    record = to_registration(resource)
    assert (record.traits, record.ins, record.status) == (PERSON.traits, PERSON.ins, PERSON.status)
    assert record.usual_name == PERSON.usual_name
    assert record.contact == PERSON.contact


@pytest.mark.parametrize("status", [IdentityStatus.PROVISIONAL, IdentityStatus.RETRIEVED, IdentityStatus.VALIDATED])
def test_the_number_leaves_only_with_a_qualified_identity(status):
    resource = to_resource(replace(PERSON, status=status))
    validate(resource)
    assert "identifier" not in resource
    assert resource["meta"]["profile"] == [PROFILE_PATIENT]
    assert to_registration(resource).ins is None


def test_relatives_are_contacts_while_they_are_active_and_a_death_is_told():
    dead = replace(PERSON, died_on=date(2026, 1, 30))
    resource = to_resource(dead, relatives=[DAUGHTER, replace(DAUGHTER, id=UUID(int=3), active=False)])
    validate(resource)
    assert resource["deceasedDateTime"] == "2026-01-30"
    assert len(resource["contact"]) == 1
    codes = [one["coding"][0]["code"] for one in resource["contact"][0]["relationship"]]
    assert codes == ["ECON", "NOK", "DAUC"]


def test_the_own_number_of_the_caller_is_read_back_as_such():
    record = to_registration(with_own_number(to_resource(PERSON), system="urn:oid:1.2", value="42"))
    assert (record.ipp_system, record.ipp) == ("urn:oid:1.2", "42")


def test_the_minimum_set_has_neither_number_nor_phone_nor_relative():
    short = cut(to_resource(PERSON, relatives=[DAUGHTER]))
    validate(short)
    assert short.keys() == {"resourceType", "id", "meta", "active", "name", "gender", "birthDate", "address"}
    assert [(name["use"], name["family"]) for name in short["name"]] == [("official", PERSON.traits.birth_name)]
    assert short["address"] == [{"city": "Dijon", "postalCode": "21000"}]
    assert short["meta"] == {"tag": [{"system": short["meta"]["tag"][0]["system"], "code": "SUBSETTED"}]}


def test_an_unknown_type_is_cut_into_nothing_else():
    goal = {"resourceType": "Goal", "id": "1"}
    assert cut(goal) is goal


@pytest.mark.parametrize(
    ("change", "expression"),
    [
        ({"name": []}, "Patient.name"),
        ({"name": [{"family": "X"}]}, "Patient.name"),
        ({"birthDate": "1955-03"}, "Patient.birthDate"),
        ({"gender": "other"}, "Patient.gender"),
        (
            {"identifier": [{"system": f"urn:oid:{OID_TEST}", "value": str(one)} for one in (1, 2)]},
            "Patient.identifier",
        ),
    ],
)
def test_a_strict_trait_that_lacks_is_named(change, expression):
    with pytest.raises(FhirError) as refusal:
        to_registration({**to_resource(PERSON), **change})
    assert (refusal.value.status, refusal.value.expression) == (422, (expression,))


def test_an_identity_without_a_stated_status_is_provisional():
    resource = to_resource(PERSON)
    del resource["extension"]
    assert to_registration(resource).status == IdentityStatus.PROVISIONAL
