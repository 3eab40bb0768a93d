"""The life of a system on its pages: two persons open and widen it, one closes it, and it feels it at once."""

import json

import pytest

from accounts.access.permissions import Permission
from accounts.audit.models import AuditRow
from accounts.kernel.actor import Role
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.organisations.models import Organisation
from accounts.systems.commands import open_client, refuse_ask, widen_scopes
from accounts.systems.models import FhirClient, ScopeAsk
from accounts.systems.records import AnswerAsk
from accounts.systems.rules import AskAnswered
from tests.factories import systems
from tests.factories.people import actor, organisation
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]
LIST = "/systeme/raccordes/"


@pytest.fixture
def first():
    return actor(Role.TECHNICAL_ADMIN)


@pytest.fixture
def second():
    return actor(Role.TECHNICAL_ADMIN)


def page_of(client_id, act=""):
    return f"{LIST}{client_id}/{act}"


def registration(at, **changes):
    return {
        "name": "Logiciel du DAC (fictif)",
        "organisation": str(at.id),
        "scopes": "system/Patient.rs\nsystem/Task.rs",
        "jwks": json.dumps(systems.key_set(systems.ec_key())),
        **changes,
    }


def registered(by):
    answer = signed_in(by).post(f"{LIST}nouveau/", registration(organisation()))
    assert answer.status_code == 302, answer.content.decode()
    return FhirClient.objects.get()


def token_status(client, client_id):
    form = systems.token_request(systems.signed(systems.claims(client_id)))
    return systems.post_form(client, "/oauth/token", form).status_code


def answer(by, client_id, act):
    ask = ScopeAsk.objects.filter(client_id=client_id).order_by("-created_at").first()
    return signed_in(by).post(page_of(client_id, f"{act}/"), {"ask_id": ask.id}, follow=True)


def test_a_system_opens_when_a_second_person_confirms(client, first, second):
    made = registered(first)
    assert token_status(client, made.id) == 401
    shown = signed_in(first).get(page_of(made.id)).content.decode()
    assert "Une autre personne que vous doit confirmer" in shown
    assert "Confirmer et ouvrir" not in shown
    assert answer(first, made.id, "ouvrir").status_code == 422
    assert token_status(client, made.id) == 401
    assert "Confirmer et ouvrir" in signed_in(second).get(page_of(made.id)).content.decode()
    assert "Le système est ouvert" in answer(second, made.id, "ouvrir").content.decode()
    assert token_status(client, made.id) == 200
    rows = AuditRow.objects.filter(object_type="fhir_client", object_id=made.id)
    assert rows.filter(action=Permission.FHIR_CLIENT_REGISTER, outcome="denied").count() == 1
    assert rows.filter(action=Permission.FHIR_CLIENT_REGISTER, outcome="allowed").count() == 1


def test_scopes_are_widened_by_two_persons(client, first, second):
    client_id = systems.fhir_client("system/Patient.r")
    asked = signed_in(first).post(page_of(client_id, "portees/"), {"scopes": "system/Patient.rs system/Task.cruds"})
    assert asked.status_code == 302
    assert FhirClient.objects.get().scopes == ["system/Patient.r"]
    ask = AnswerAsk(ask_id=ScopeAsk.objects.get().id)
    with pytest.raises(NotAllowed):
        widen_scopes(ask, by=first)
    assert "Les portées sont accordées" in answer(second, client_id, "elargir").content.decode()
    assert FhirClient.objects.get().scopes == ["system/Patient.rs", "system/Task.cruds"]
    with pytest.raises(AskAnswered):
        refuse_ask(ask, by=first)


def test_one_request_at_a_time_and_it_can_be_set_aside(first, second):
    client_id = systems.fhir_client()
    browser = signed_in(first)
    assert browser.post(page_of(client_id, "portees/"), {"scopes": "system/*.cruds"}).status_code == 302
    again = browser.post(page_of(client_id, "portees/"), {"scopes": "system/Task.r"})
    assert again.status_code == 422
    assert "attend déjà une réponse" in again.content.decode()
    assert "écartée" in answer(second, client_id, "ecarter").content.decode()
    assert "a déjà reçu une réponse" in answer(second, client_id, "elargir").content.decode()
    assert FhirClient.objects.get().scopes == list(systems.SCOPES)


def test_a_closed_system_loses_its_token_on_the_next_request(client, first, second):
    client_id = systems.fhir_client()
    headers = {"Authorization": f"Bearer {systems.token_for(client, client_id)}"}
    assert client.get("/fhir/Patient?_count=0", headers=headers).status_code == 200
    assert "fermé" in signed_in(first).post(page_of(client_id, "fermer/"), follow=True).content.decode()
    assert client.get("/fhir/Patient?_count=0", headers=headers).status_code == 401
    assert token_status(client, client_id) == 401
    signed_in(first).post(page_of(client_id, "portees/"), {"scopes": "system/Patient.rs"})
    answer(second, client_id, "elargir")
    assert token_status(client, client_id) == 200


def test_keys_are_changed_with_both_factors_just_given(client, first, clock):
    client_id = systems.fhir_client()
    fresh = {"jwks": json.dumps(systems.key_set(systems.ec_key("nouvelle")))}
    browser = signed_in(first)
    clock.forward(minutes=6)
    late = browser.post(page_of(client_id, "cles/"), fresh)
    assert late.status_code == 302
    assert late["Location"].startswith("/compte/confirmer/")
    assert token_status(client, client_id) == 200
    assert signed_in(first).post(page_of(client_id, "cles/"), fresh).status_code == 302
    assert token_status(client, client_id) == 401


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"jwks": "{"}, "n’est pas du JSON"),
        ({"jwks": "", "jwks_url": "https://ailleurs.example/jwks"}, "n’est pas autorisée"),
        ({"jwks": ""}, "Le jeu de clés doit contenir"),
        ({"jwks": "[]"}, "Le jeu de clés doit contenir"),
        ({"jwks": '"x"'}, "Le jeu de clés doit contenir"),
        ({"scopes": "system/Patient.sr"}, "portées"),
        ({"organisation": "00000000-0000-0000-0000-000000000000"}, "Sélectionnez un choix valide"),
    ],
)
def test_what_cannot_be_registered_is_told(first, changes, said):
    shown = signed_in(first).post(f"{LIST}nouveau/", registration(organisation(), **changes))
    assert shown.status_code == 422
    assert said in shown.content.decode()
    assert not FhirClient.objects.exists()


def test_a_privacy_officer_sees_and_closes_what_is_of_the_organisation(client):
    officer = actor(Role.PRIVACY_OFFICER)
    own = systems.fhir_client(at=officer_organisation(officer))
    other = systems.fhir_client()
    browser = signed_in(officer)
    shown = browser.get(LIST).content.decode()
    assert str(own) in shown
    assert str(other) not in shown
    assert browser.get(page_of(other)).status_code == 404
    assert browser.post(page_of(other, "fermer/")).status_code == 404
    page = browser.get(page_of(own)).content.decode()
    assert "Fermer ce système" in page
    assert "Changer ses clés" not in page
    assert browser.get(page_of(own, "cles/")).status_code == 404
    assert browser.post(page_of(own, "fermer/")).status_code == 302
    assert not FhirClient.objects.get(pk=own).is_active
    assert FhirClient.objects.get(pk=other).is_active


def officer_organisation(officer):
    return Organisation.objects.get(pk=officer.organisation_id)


@pytest.mark.parametrize("role", [Role.NURSE, Role.COORDINATOR, Role.RIGHTS_MANAGER])
def test_nobody_else_knows_the_pages(role):
    client_id = systems.fhir_client()
    browser = signed_in(actor(role))
    assert browser.get(LIST).status_code == 403
    assert browser.get(page_of(client_id)).status_code == 404


def test_the_first_scopes_and_later_ones_are_two_rights(first, second):
    made = registered(first)
    ask = AnswerAsk(ask_id=ScopeAsk.objects.get().id)
    with pytest.raises(NotFound):
        widen_scopes(ask, by=second)
    open_client(ask, by=second)
    assert FhirClient.objects.get(pk=made.id).is_active


def test_no_key_is_shown(first):
    client_id = systems.fhir_client()
    shown = signed_in(first).get(page_of(client_id)).content.decode()
    assert "cle-1" in shown
    assert str(systems.ec_key().as_dict(private=False)["x"]) not in shown
