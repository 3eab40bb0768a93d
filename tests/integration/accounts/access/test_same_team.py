"""Another place of the establishment joins the care team: the person is told, and her refusal wins."""

import pytest

from accounts.access.models import CircleMembership, Opposition
from accounts.access.states import Basis, Category
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.organisations.directory import team_places
from accounts.people.commands import create_same_team
from accounts.people.records import CreateSameTeam
from accounts.people.rules import NotOfTheTeam, PersonNotInformed, RefusedByPerson
from tests.factories import people
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def hospital():
    return people.organisation()


@pytest.fixture
def unit(hospital):
    return people.organisation("Soins palliatifs (fictif)", finess=None, part_of=hospital)


@pytest.fixture
def nurse(hospital):
    return people.actor(Role.NURSE, people.organisation("Oncologie (fictive)", finess=None, part_of=hospital))


@pytest.fixture
def person_id(nurse):
    return people.person(nurse)


def added(person_id, place, *, informed=True):
    return CreateSameTeam(person_id=person_id, organisation_id=place.id, informed=informed)


def test_a_unit_of_the_house_reads_the_file_at_once(nurse, person_id, unit):
    colleague = signed_in(people.actor(Role.PHYSICIAN, unit))
    assert colleague.get(f"/personnes/{person_id}/").status_code == 404
    client, address = signed_in(nurse), f"/personnes/{person_id}/cercle/equipe/"
    assert "Ajouter un service" in client.get(f"/personnes/{person_id}/cercle/").content.decode()
    assert unit.name in client.get(address).content.decode()
    answer = client.post(address, {"organisation": str(unit.id), "informed": "on"})
    assert answer["Location"] == f"/personnes/{person_id}/cercle/"
    assert colleague.get(f"/personnes/{person_id}/").status_code == 200
    member = CircleMembership.objects.get(organisation=unit)
    assert (member.basis, member.opened_by_id) == (Basis.SAME_TEAM, nurse.professional_id)
    assert unit.name not in client.get(address).content.decode(), "it is in the team already"


def test_the_house_and_every_unit_of_it_are_one_team(hospital, unit, nurse):
    service = people.organisation("Hôpital de jour (fictif)", finess=None, part_of=unit)
    others = {hospital.id, unit.id, service.id}
    assert {key for key, _ in team_places(nurse.organisation_id)} == others
    assert {key for key, _ in team_places(hospital.id)} == {unit.id, service.id, nurse.organisation_id}
    assert {key for key, _ in team_places(service.id)} == {hospital.id, unit.id, nurse.organisation_id}
    assert team_places(people.organisation().id) == []


def test_another_establishment_needs_her_agreement(nurse, person_id):
    elsewhere = people.organisation()
    with pytest.raises(NotOfTheTeam):
        create_same_team(added(person_id, elsewhere), by=nurse)
    sent = {"organisation": str(elsewhere.id), "informed": "on"}
    assert signed_in(nurse).post(f"/personnes/{person_id}/cercle/equipe/", sent).status_code == 422
    assert not CircleMembership.objects.filter(organisation=elsewhere).exists()


def test_she_is_told_first(nurse, person_id, unit):
    with pytest.raises(PersonNotInformed):
        create_same_team(added(person_id, unit, informed=False), by=nurse)


@pytest.mark.parametrize("to_all", [False, True])
def test_her_refusal_wins(nurse, person_id, unit, to_all):
    Opposition.objects.create(
        person_id=person_id, organisation=None if to_all else unit, stated_at_id=nurse.organisation_id,
        stated_on=today(), means="spoken", category=Category.ALL,
    )  # fmt: skip
    with pytest.raises(RefusedByPerson):
        create_same_team(added(person_id, unit), by=nurse)


def test_who_only_knows_her_or_came_by_agreement_adds_nobody(hospital, nurse, person_id, unit):
    outside = people.actor(Role.PHYSICIAN)
    annexe = people.organisation("Annexe (fictive)", finess=None, part_of_id=outside.organisation_id)
    with pytest.raises(NotFound):
        create_same_team(added(person_id, annexe), by=outside)
    for basis in (Basis.KNOWN, Basis.CONSENT):
        CircleMembership.objects.create(
            person_id=person_id, organisation_id=outside.organisation_id, basis=basis, source_id=people.uuid4()
        )
        with pytest.raises(NotAllowed):
            create_same_team(added(person_id, annexe), by=outside)
    assert signed_in(outside).get(f"/personnes/{person_id}/cercle/equipe/").status_code == 403
