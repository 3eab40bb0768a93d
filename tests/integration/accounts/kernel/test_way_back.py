"""After a session that ended while a form was being filled, nobody lands on an address that only takes forms."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.kernel.actor import Role
from accounts.organisations.functions import grant_held
from accounts.organisations.models import Membership
from tests.factories import people
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db
FORM = "http://testserver/personnes/?page=2"


@pytest.fixture
def only_takes_forms():
    person_id = people.person(people.actor(Role.NURSE))
    return reverse("people:leave", args=[person_id])


@pytest.mark.parametrize(
    ("came_from", "onward"),
    [
        (FORM, "/personnes/?page=2"),
        ("http://elsewhere.test/trap/", None),
        ("http://testserver//elsewhere.test/trap/", None),
        ("", None),
        ("javascript:alert(1)", None),
    ],
)
def test_one_goes_on_from_the_page_of_the_form(only_takes_forms, came_from, onward):
    answer = Client().post(only_takes_forms, headers={"Referer": came_from})
    found = parse_qs(urlsplit(answer["Location"]).query)["next"]
    assert found == [onward or only_takes_forms]


def test_who_has_to_choose_a_function_goes_on_from_there_too(only_takes_forms):
    nurse = people.actor(Role.NURSE)
    client = signed_in(nurse)
    for _ in range(2):
        Membership.objects.create(
            professional_id=nurse.professional_id, organisation=people.organisation(), role=Role.NURSE
        )
    Membership.objects.filter(professional_id=nurse.professional_id, organisation=nurse.organisation_id).delete()
    grant_held(nurse.professional_id)
    answer = client.post(only_takes_forms, headers={"Referer": FORM})
    onward = urlsplit(answer["Location"])
    assert (onward.path, parse_qs(onward.query)["next"]) == (reverse("situation"), ["/personnes/?page=2"])


def test_an_address_that_only_takes_forms_says_so(only_takes_forms):
    client = signed_in(people.actor(Role.NURSE))
    answer = client.get(only_takes_forms, headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert answer["Content-Length"] == str(len(answer.content))
    assert "Repartez de la page où se trouve le bouton" in answer.content.decode()
    assert client.get(only_takes_forms, headers={"Accept": "application/json"}).content == b""
