"""The store says what the domain says: after each change, and when it is made again."""

import pytest
from django.core.management import CommandError, call_command

from accounts.access.circle import leave
from accounts.access.commands import end_membership
from accounts.access.gate import open_trail
from accounts.access.models import CircleMembership
from accounts.access.records import EndMembership
from accounts.access.states import Basis
from accounts.kernel.actor import Role
from accounts.organisations.models import Organisation
from accounts.people.models import OrganisationLink
from fhir_bridge.projection.refresh import differences, refresh, refresh_all
from fhir_bridge.repository.models import Resource, ResourceVersion, TokenRow
from fhir_bridge.repository.query import read_query
from fhir_bridge.repository.records import Source
from fhir_bridge.repository.search import search
from fhir_bridge.repository.store import read
from tests.factories import announcements, fhir, people

pytestmark = pytest.mark.django_db
ALL = ("system/*.cruds",)


def test_what_has_not_changed_is_not_stored_again(person_id):
    assert refresh(Source(type="person", id=person_id)) == 0
    assert Resource.objects.get(rtype="Patient").version == 1
    assert not ResourceVersion.objects.exists()


def test_a_rebuilt_store_is_the_same_store(person_id, capsys):
    before = {(row.rtype, row.fid, bytes(row.mark)) for row in Resource.objects.all()}
    Resource.objects.all().delete()
    assert set(differences()) == {f"Patient/{person_id}", f"CareTeam/{person_id}"} | organisations(before)
    call_command("rebuild_fhir")
    assert {(row.rtype, row.fid, bytes(row.mark)) for row in Resource.objects.all()} >= before
    call_command("rebuild_fhir", "--check")


def organisations(rows):
    return {f"{rtype}/{fid}" for rtype, fid, _ in rows if rtype not in ("Patient", "CareTeam")}


@pytest.mark.parametrize("fault", ["a body", "a guard", "one too many"])
def test_the_check_names_a_planted_difference_and_nothing_else(person_id, capsys, fault):
    list(refresh_all())
    row = Resource.objects.get(rtype="Patient")
    if fault == "a body":
        Resource.objects.filter(pk=row.pk).update(mark=b"0" * 16)
    elif fault == "a guard":
        Resource.objects.filter(pk=row.pk).update(person_id=people.uuid4())
    else:
        Resource.objects.filter(pk=row.pk).update(fid=str(people.uuid4()))
    with pytest.raises(CommandError):
        call_command("rebuild_fhir", "--check")
    shown = capsys.readouterr().out.split()
    assert f"Patient/{person_id}" in shown
    assert len(shown) == (2 if fault == "one too many" else 1)


def test_what_is_gone_from_the_domain_is_gone_from_every_search_and_told_so(nurse, person_id):
    partner = fhir.partner(Organisation.objects.get(pk=nurse.organisation_id))
    assert partner.get(f"CareTeam/{person_id}").status_code == 200
    ghost = Resource.objects.get(rtype="CareTeam")
    Resource.objects.filter(pk=ghost.pk).update(source_type="person")
    refresh(Source(type="person", id=person_id))
    response = partner.get(f"CareTeam/{person_id}")
    assert (response.status_code, response.json()["issue"][0]["code"]) == (410, "deleted")
    assert "entry" not in partner.get(f"CareTeam?patient={person_id}").json()
    history = partner.get(f"CareTeam/{person_id}/_history").json()["entry"]
    assert [one["request"]["method"] for one in history] == ["DELETE", "POST"]
    assert partner.get(f"CareTeam/{person_id}/_history/1").status_code == 200


def test_a_right_that_ends_acts_on_the_next_request(nurse, person_id):
    partner = fhir.partner(Organisation.objects.get(pk=nurse.organisation_id))
    assert partner.get(f"Patient/{person_id}").status_code == 200
    link = OrganisationLink.objects.get(person_id=person_id)
    assert leave(source_ids=[link.id]) == 1
    assert partner.get(f"Patient/{person_id}").status_code == 404
    assert "entry" not in partner.get(f"Patient?_id={person_id}").json()


def test_no_name_number_or_phone_lies_in_clear_in_the_store(nurse):
    registration = people.registration()
    people.register_person(registration, by=nurse)
    bodies = b"".join(bytes(body) for body in Resource.objects.values_list("body", flat=True))
    for secret in (registration.traits.birth_name, registration.ins.value, "0380000001", "Dijon"):
        assert secret.encode() not in bodies
    assert TokenRow.objects.filter(param="name").exists()


def test_a_search_costs_the_same_for_one_and_for_many(nurse, person_id, django_assert_num_queries):
    client = people.system_client(Organisation.objects.get(pk=nurse.organisation_id), *ALL)
    asking = client.for_interaction("CareTeam.s")

    def run():
        query = read_query("CareTeam", [("_include", "CareTeam:patient"), ("_count", "20")], in_body=False)
        with open_trail():
            return search(query, actor=asking, base_url="http://testserver/fhir")

    with django_assert_num_queries(3):
        assert len(run().matches) == 1
    for _ in range(4):
        people.person(nurse)
    with django_assert_num_queries(3):
        page = run()
    assert (len(page.matches), len(page.included)) == (5, 5)


def test_the_circle_is_shown_as_it_is_after_every_way_to_enter_and_to_leave(nurse):
    registration = people.registration()
    person_id = people.register_person(registration, by=nurse).id
    other = people.actor(Role.PHYSICIAN)
    people.register_person(registration, by=other)
    assert list(differences()) == []
    announcements.announced(person_id, other)
    assert list(differences()) == []
    partner = fhir.partner(Organisation.objects.get(pk=nurse.organisation_id))
    assert len(partner.get(f"CareTeam/{person_id}").json()["participant"]) == 2
    assert other.organisation_id is not None
    membership = CircleMembership.objects.get(
        person_id=person_id, organisation_id=other.organisation_id, basis=Basis.SAME_TEAM
    )
    end_membership(EndMembership(membership_id=membership.id), by=nurse)
    assert list(differences()) == []
    members = partner.get(f"CareTeam/{person_id}").json()["participant"]
    assert ["end" in one["period"] for one in members] == [False, True]


def test_a_read_costs_two_queries_its_right_included(nurse, person_id, django_assert_num_queries):
    client = people.system_client(Organisation.objects.get(pk=nurse.organisation_id), *ALL)
    with open_trail(), django_assert_num_queries(2):
        found = read("CareTeam", str(person_id), actor=client.for_interaction("CareTeam.r"))
    assert found.version == 1
