"""The pages of stays: who is here, an arrival, a leave, a discharge, a death."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.kernel.actor import Role
from accounts.kernel.clock import PARIS, now, today
from accounts.people.models import Person
from pathway.referrals.states import LineState
from pathway.stays.models import Stay
from pathway.stays.states import StayState
from tests.factories import people, referrals
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode()


def local(instant):
    return instant.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M")


def test_a_place_is_proposed_then_the_person_arrives_and_leaves():
    asked = referrals.sent(referrals.structure(name="USP des Tilleuls (fictif)"))
    referrals.studied(asked)
    client = signed_in(asked.structures[0].manager)
    propose = reverse("stays:propose", args=[asked.line().id])
    assert "sept jours" in text_of(client.get(propose))
    assert client.post(propose, {"version": asked.line().version, "on": today() - timedelta(days=2)}).status_code == 422
    assert client.post(propose, {"version": asked.line().version, "on": today()}).status_code == 302
    assert "1" in text_of(client.get(reverse("stays:here") + "?etat=attendues"))
    admit = reverse("stays:admit", args=[asked.line().id])
    assert "seront closes" in text_of(client.get(admit))
    assert client.post(admit, {"version": asked.line().version, "admitted_at": local(now())}).status_code == 302
    stay = Stay.objects.get()
    page = reverse("stays:stay", args=[stay.id])
    assert "Départ en permission" in text_of(client.get(page))
    assert client.post(reverse("stays:leave", args=[stay.id]), {"version": stay.version}).status_code == 302
    assert "En permission" in text_of(client.get(page))
    assert client.post(reverse("stays:return", args=[stay.id]), {"version": stay.version + 1}).status_code == 302
    leave = reverse("stays:discharge", args=[stay.id])
    given = {"version": stay.version + 2, "ended_at": local(now()), "destination": "home_with_had"}
    assert client.post(leave, {**given, "destination": ""}).status_code == 422
    assert client.post(leave, {**given, "ended_at": local(now() + timedelta(minutes=1))}).status_code == 302
    assert Stay.objects.get().state == StayState.FINISHED
    assert asked.line().state == LineState.ENDED
    assert "Domicile, avec HAD" in text_of(client.get(page))


def test_the_second_structure_to_admit_is_told_that_the_person_is_elsewhere():
    asked = referrals.sent(referrals.structure(), referrals.structure())
    referrals.agreed(asked, 0)
    referrals.agreed(asked, 1)
    late = signed_in(asked.structures[0].manager)
    admit = reverse("stays:admit", args=[asked.line(0).id])
    assert late.get(admit).status_code == 200
    version = asked.line(0).version
    referrals.admitted(asked, 1)
    refused = late.post(admit, {"version": version, "admitted_at": local(now())})
    assert refused.status_code == 409
    assert "accueillie par une autre structure" in text_of(refused)


def test_somebody_arrives_without_a_request():
    structure = referrals.structure()
    person_id = people.person(structure.physician)
    client = signed_in(structure.physician)
    page = reverse("stays:open", args=[person_id])
    assert structure.offer.name in text_of(client.get(page))
    given = {"offer": str(structure.offer.id), "admitted_at": local(now())}
    assert client.post(page, given).status_code == 302
    assert Stay.objects.get().state == StayState.IN_PROGRESS
    assert signed_in(referrals.structure().physician).get(page).status_code == 404


def test_a_death_is_recorded_gently_and_only_when_confirmed():
    by = people.actor(Role.NURSE)
    person_id = people.person(by)
    client = signed_in(by)
    page = reverse("stays:death", args=[person_id])
    assert "s’arrêtera" in text_of(client.get(page))
    assert client.post(page, {"died_on": today()}).status_code == 422
    assert client.post(page, {"died_on": today(), "is_sure": "on"}).status_code == 302
    assert Person.objects.get().died_on == today()


def test_a_stay_is_unknown_outside_the_circle():
    asked = referrals.sent()
    referrals.agreed(asked)
    stay_id = referrals.admitted(asked)
    page = reverse("stays:stay", args=[stay_id])
    assert signed_in(asked.sender).get(page).status_code == 200
    assert signed_in(asked.structures[0].manager).get(page).status_code == 200
    for role in (Role.PHYSICIAN, Role.BED_MANAGER, Role.TECHNICAL_ADMIN):
        assert signed_in(people.actor(role)).get(page).status_code == 404
    death = reverse("stays:death", args=[asked.person_id])
    assert signed_in(people.actor(Role.PHYSICIAN)).get(death).status_code == 404


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_costs_the_same_for_one_and_five(count, django_assert_max_num_queries):
    structure = referrals.structure(places=9)
    for _ in range(count):
        asked = referrals.sent(structure)
        referrals.agreed(asked)
        referrals.admitted(asked)
    client = signed_in(structure.manager)
    with django_assert_max_num_queries(16):
        assert client.get(reverse("stays:here")).status_code == 200
