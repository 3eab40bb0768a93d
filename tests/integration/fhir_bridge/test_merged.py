"""Two records of one person as systems read them: one stands, the other says by which it was replaced."""

from dataclasses import replace

import pytest
from django.core.management import call_command

from accounts.access.circle import enter
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.kernel.actor import Role
from accounts.people.models import Person
from ppa.announcements.models import Announcement
from tests.factories import announcements, assessments, directives, fhir, identities, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return identities.pair(ipp="IPP-SECOND", ipp_system="urn:oid:1.2.3.4")


@pytest.fixture
def filled(pair):
    physician = people.actor(Role.PHYSICIAN, pair.hospital)
    for person_id in (pair.kept_id, pair.merged_id):
        people.relative(person_id, pair.nurse)
        assessments.assessment(person_id, pair.nurse)
        announcements.announced(person_id, physician)
    directives.directive(pair.merged_id, physician)
    return pair


def test_the_one_is_inactive_and_names_the_other(filled):
    partner = fhir.partner(filled.hospital)
    merge = identities.merged(filled)
    old = partner.get(f"Patient/{filled.merged_id}")
    assert old.status_code == 200
    assert old.json()["active"] is False
    assert old.json()["link"] == [{"other": {"reference": f"Patient/{filled.kept_id}"}, "type": "replaced-by"}]
    assert not {"name", "identifier", "birthDate", "telecom", "address"} & old.json().keys()
    present = partner.get(f"Patient/{filled.kept_id}").json()
    assert present["active"] is True
    assert present["link"] == [{"other": {"reference": f"Patient/{filled.merged_id}"}, "type": "replaces"}]
    call_command("rebuild_fhir", "--check")
    identities.parted(merge, filled)
    assert partner.get(f"Patient/{filled.merged_id}").json()["active"] is True
    assert "link" not in partner.get(f"Patient/{filled.kept_id}").json()
    call_command("rebuild_fhir", "--check")


def test_everything_is_about_the_one_that_stands_and_comes_back(filled):
    partner = fhir.partner(filled.hospital)

    def about(rtype):
        return [
            len(partner.get(f"{rtype}?patient={one}").json().get("entry", []))
            for one in (filled.kept_id, filled.merged_id)
        ]

    apart = {rtype: about(rtype) for rtype in ("Observation", "RelatedPerson", "Consent", "DocumentReference")}
    merge = identities.merged(filled)
    for rtype, (kept, merged) in apart.items():
        assert about(rtype) == [kept + merged] * 2, f"{rtype}: who holds the old id finds what stands"
    for entry in partner.get(f"Observation?patient={filled.kept_id}").json()["entry"]:
        assert entry["resource"]["subject"]["reference"] == f"Patient/{filled.kept_id}"
    identities.parted(merge, filled)
    assert {rtype: about(rtype) for rtype in apart} == apart


def test_a_search_by_either_number_finds_the_one_that_stands(filled):
    partner = fhir.partner(filled.hospital)
    identities.merged(filled)
    found = partner.search("Patient", identifier="urn:oid:1.2.3.4|IPP-SECOND").json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == [str(filled.kept_id)]
    name = Person.objects.get(pk=filled.kept_id).birth_name
    found = partner.search("Patient", family=name).json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == [str(filled.kept_id)]


def test_a_stranger_reads_neither(filled):
    identities.merged(filled)
    stranger = fhir.partner(people.organisation())
    unknown = stranger.get("Patient/00000000-0000-7000-8000-000000000000")
    for one in (filled.kept_id, filled.merged_id):
        answer = stranger.get(f"Patient/{one}")
        assert (answer.status_code, answer.json()) == (unknown.status_code, unknown.json())


def test_who_may_read_the_minimum_only_learns_by_which_record_it_was_replaced(filled):
    recipient = people.organisation()
    enter(OpenMembership(person_id=filled.merged_id, organisation_id=recipient.id, basis=Basis.ADDRESSED_REFERRAL))
    identities.merged(filled)
    old = fhir.partner(recipient).get(f"Patient/{filled.merged_id}").json()
    assert old["link"][0]["type"] == "replaced-by"


def test_an_announcement_for_the_merged_identity_goes_to_the_one_that_stands():
    people.coordination()
    nurse = people.actor(Role.NURSE)
    hospital = people.Organisation.objects.get(pk=nurse.organisation_id)
    officer = people.identity_officer(Role.PHYSICIAN, hospital)
    first = people.registration()
    second = replace(first, traits=replace(first.traits, birth_given_names=("Philomène",)))
    kept_id, merged_id = (people.register_person(one, by=nurse).id for one in (first, second))
    identities.merged(identities.Pair(hospital, officer, nurse, kept_id, merged_id))
    partner = fhir.partner(hospital)
    answer = partner.post("", fhir.announcement_bundle(second))
    assert answer.status_code == 200, answer.content
    assert Announcement.objects.get().person_id == kept_id
    assert Person.objects.count() == 2
    call_command("rebuild_fhir", "--check")
