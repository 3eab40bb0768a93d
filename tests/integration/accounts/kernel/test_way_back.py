"""After a session that ended while a form was being filled, nobody lands on an address that only takes forms."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.kernel.actor import Role
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
    [(FORM, "/personnes/?page=2"), ("http://elsewhere.test/trap/", None), ("", None), ("javascript:alert(1)", None)],
)
def test_one_goes_on_from_the_page_of_the_form(only_takes_forms, came_from, onward):
    answer = Client().post(only_takes_forms, headers={"Referer": came_from})
    found = parse_qs(urlsplit(answer["Location"]).query)["next"]
    assert found == [onward or only_takes_forms]


def test_an_address_that_only_takes_forms_says_so(only_takes_forms):
    client = signed_in(people.actor(Role.NURSE))
    answer = client.get(only_takes_forms, headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert answer["Content-Length"] == str(len(answer.content))
    assert "Repartez de la page où se trouve le bouton" in answer.content.decode()
    assert client.get(only_takes_forms, headers={"Accept": "application/json"}).content == b""
