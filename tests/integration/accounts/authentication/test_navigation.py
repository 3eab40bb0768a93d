"""The side navigation: links of the role, the page one is on, counts that cost little."""

import pytest
from django.urls import reverse

from accounts.access.rules import MATRIX
from accounts.authentication.context import LINKS, counted, desk
from accounts.authentication.labels import ROLE_LABELS
from accounts.kernel.actor import Role
from tests.factories import people
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db
PEOPLE = [role for role in Role if role not in (Role.FHIR_CLIENT, Role.ANONYMOUS, Role.SYSTEM)]


def desk_of(role, rf, path="/"):
    client = signed_in(people.actor(role))
    request = client.get("/compte/securite/").wsgi_request
    request.path = path
    return desk(request)["desk"]


@pytest.mark.parametrize("role", PEOPLE)
def test_every_role_has_a_name_and_only_links_that_open(role):
    client = signed_in(people.actor(role))
    seen = desk(client.get("/compte/securite/").wsgi_request)["desk"]
    assert seen["role_label"] == ROLE_LABELS[role] != ""
    assert seen["links"][0]["label"] == "Accueil"
    for link in seen["links"]:
        assert client.get(link["url"]).status_code == 200, link["url"]


def test_every_link_leads_somewhere():
    for link in LINKS:
        assert reverse(link.route).startswith("/")
        assert any((role, link.permission) in MATRIX for role in Role)


def test_one_link_is_current(rf):
    for path, label in (
        ("/", "Accueil"),
        ("/demandes/recues/", "Demandes reçues"),
        ("/demandes/", "Demandes envoyées"),
    ):
        current = [link["label"] for link in desk_of(Role.PHYSICIAN, rf, path)["links"] if link["current"]]
        assert current == [label]


NO_CARE = [Role.TECHNICAL_ADMIN, Role.RIGHTS_MANAGER, Role.PRIVACY_OFFICER, Role.REGIONAL_READER]


@pytest.mark.parametrize("role", NO_CARE)
def test_those_outside_of_care_find_the_directory(role, rf):
    assert "Structures et équipes" in {link["label"] for link in desk_of(role, rf)["links"]}


@pytest.mark.parametrize("role", NO_CARE)
def test_those_outside_of_care_search_nobody(role, rf):
    assert desk_of(role, rf)["search_url"] == ""


def test_carers_search(rf):
    assert desk_of(Role.NURSE, rf)["search_url"] == reverse("people:search")


def test_a_registered_count_stands_beside_its_link(rf, monkeypatch):
    monkeypatch.setattr("accounts.authentication.context._counts", {})
    counted("cases:index")(lambda actor: 7)
    links = {link["label"]: link["count"] for link in desk_of(Role.COORDINATOR, rf)["links"]}
    assert links["Dossiers suivis"] == 7
    assert links["Accueil"] is None


def test_nobody_signed_in_has_no_navigation(rf):
    request = rf.get("/")
    assert desk(request)["desk"] is None
