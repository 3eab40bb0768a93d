"""The checklist of SMART Backend Services, line by line: each test is named by its line.

Source: SMART App Launch 2.2.0; the lines SM-2 and SM-6 are about people and apps, which are not offered here.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client

from accounts.access.rules import scope_grants
from accounts.audit.models import AuditRow
from accounts.kernel.errors import AuditUnavailable
from accounts.systems.models import AccessToken
from accounts.systems.rules import ScopeRefused, parse_scope
from fhir_bridge.rest import urls as _every_interaction  # noqa: F401 (its import registers them)
from fhir_bridge.rest.door import SYSTEM_LEVEL, interactions
from tests.factories import fhir, people, systems

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


def ask(client, assertion, **changes):
    return systems.post_form(client, "/oauth/token", systems.token_request(assertion, **changes))


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", ""])
@pytest.mark.parametrize("base", ["", "/fhir"])
def test_sm_1_the_configuration_is_json_with_whole_addresses(client, base, accept):
    answer = client.get(f"{base}/.well-known/smart-configuration", headers={"Accept": accept})
    said = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    for name in ("token_endpoint", "introspection_endpoint"):
        assert said[name].startswith(("http://", "https://"))
    assert {"grant_types_supported", "capabilities", "scopes_supported"} <= set(said)
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["token_endpoint_auth_signing_alg_values_supported"] == ["ES384", "RS384"]


def test_sm_2_no_app_launch_is_offered_nor_told(client):
    said = client.get("/.well-known/smart-configuration").json()
    assert "authorization_endpoint" not in said
    assert not [one for one in said["capabilities"] if one.startswith(("launch-", "context-", "sso-"))]
    assert client.get("/oauth/authorize").status_code == 404


def test_sm_3_the_token_answer(client):
    answer = ask(client, systems.signed(systems.claims(systems.fhir_client())), scope="system/Patient.cruds")
    given = answer.json()
    assert set(given) == {"access_token", "token_type", "scope", "expires_in"}
    assert (given["token_type"], given["scope"]) == ("Bearer", "system/Patient.rs")
    assert (answer["Cache-Control"], answer["Pragma"]) == ("no-store", "no-cache")


@pytest.mark.parametrize("scope", ["system/Patient.dus", "system/Patient.rr", "system/Patient", "system/patient.r"])
def test_sm_4_letters_stand_in_the_order_cruds(scope):
    with pytest.raises(ScopeRefused):
        parse_scope(scope)


@pytest.mark.parametrize("scope", ["system/Patient.read", "system/*.*", "system/Patient.rs?identifier=x", "launch"])
def test_sm_4_what_is_not_announced_is_refused(client, scope):
    said = client.get("/.well-known/smart-configuration").json()["capabilities"]
    assert "permission-v1" not in said
    answer = ask(client, systems.signed(systems.claims(systems.fhir_client("system/*.cruds"))), scope=scope)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


LETTERS = {
    "read": "r", "vread": "r", "history-instance": "r", "update": "u", "create": "c", "search-type": "s",
    "transaction": "c",
}  # fmt: skip


def test_sm_4_every_interaction_needs_the_letter_of_the_guide():
    assert {(one.code, one.letter) for one in interactions} == set(LETTERS.items())


def calls_of(partner, person_id):
    """Return one call of each interaction on one address of the server, by its code."""
    body = {"resourceType": "Patient", "id": str(person_id)}
    task = {"resourceType": "Task", "id": str(person_id)}
    return {
        ("read", "Patient"): lambda: partner.get(f"Patient/{person_id}"),
        ("read", "Binary"): lambda: partner.get(f"Binary/{person_id}"),
        ("vread", "Patient"): lambda: partner.get(f"Patient/{person_id}/_history/1"),
        ("history-instance", "Patient"): lambda: partner.get(f"Patient/{person_id}/_history"),
        ("search-type", "Patient"): lambda: partner.search("Patient", name="phil"),
        ("create", "Patient"): lambda: partner.post("Patient", body),
        ("update", "Task"): lambda: partner.put(f"Task/{person_id}", task, if_match='W/"1"'),
    }


def test_sm_4_the_router_refuses_each_interaction_without_its_letter(hospital, person_id):
    served = {one.code for one in interactions if SYSTEM_LEVEL not in one.types}
    calls = calls_of(fhir.partner(hospital, "system/Patient.r"), person_id)
    assert {code for code, _ in calls} == served
    for code, rtype in calls:
        others = "".join(letter for letter in "cruds" if letter != LETTERS[code])
        for scope in (f"system/{rtype}.{others}", "system/CareTeam.cruds"):
            answer = calls_of(fhir.partner(hospital, scope), person_id)[code, rtype]()
            assert answer.status_code == 403, (code, scope)
            assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]
        answer = calls_of(fhir.partner(hospital, f"system/{rtype}.{LETTERS[code]}"), person_id)[code, rtype]()
        assert answer.status_code != 403, code


def test_sm_5_a_scope_never_widens_a_right(person_id):
    stranger = fhir.partner(people.organisation(), "system/*.cruds")
    assert stranger.get(f"Patient/{person_id}").status_code == 404


def entry_types(bundle):
    return {entry["resource"]["resourceType"] for entry in bundle["entry"]}


def test_sm_5_each_entry_of_a_transaction_needs_its_own_scope(hospital):
    people.coordination(departement="21")
    bundle = fhir.announcement_bundle(people.registration())
    every = {f"system/{rtype}.c" for rtype in entry_types(bundle)}
    for missing in sorted(every):
        answer = fhir.partner(hospital, *(every - {missing})).post("", bundle)
        assert answer.status_code == 403, missing
    assert fhir.partner(hospital, *every).post("", bundle).status_code == 200


def test_sm_5_a_condition_on_a_search_needs_the_scope_to_search(hospital, person_id):
    condition = f"_id={person_id}"
    resource = fhir.patient(people.registration())
    without = fhir.partner(hospital, "system/Patient.c").post("Patient", resource, if_none_exist=condition)
    assert without.status_code == 403
    found = fhir.partner(hospital, "system/Patient.crs").post("Patient", resource, if_none_exist=condition)
    assert found.status_code == 200


def test_sm_5_what_a_system_may_no_longer_have_is_gone_on_its_next_request(hospital, person_id):
    partner = fhir.partner(hospital, "system/Patient.rs")
    assert partner.get(f"Patient/{person_id}").status_code == 200
    AccessToken.objects.get().client.__class__.objects.update(scopes=["system/Patient.s"])
    assert partner.get(f"Patient/{person_id}").status_code == 403
    assert partner.search("Patient", name="phil").status_code == 200


def test_sm_6_no_refresh_token_is_given_nor_taken(client):
    assertion = systems.signed(systems.claims(systems.fhir_client()))
    refused = systems.post_form(client, "/oauth/token", systems.token_request(assertion, grant_type="refresh_token"))
    assert refused.json()["error"] == "unsupported_grant_type"
    assert "refresh_token" not in ask(client, assertion).json()


@pytest.mark.parametrize(("key", "alg"), [(systems.ec_key, "ES384"), (systems.rsa_key, "RS384")])
def test_sm_7_both_algorithms_for_at_most_five_minutes(client, key, alg):
    answer = ask(client, systems.signed(systems.claims(systems.fhir_client()), key=key(), alg=alg))
    assert answer.status_code == 200
    assert answer.json()["expires_in"] <= 300


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"grant_type=client_credentials&grant_type=client_credentials", b"a" * 70_000, b"%ff=%ff"],
)
def test_sm_7_what_is_no_form_is_an_invalid_request(client, body):
    answer = client.post("/oauth/token", body, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_sm_7_another_kind_of_body_is_an_invalid_request(client, content_type):
    answer = client.post("/oauth/token", b"{}", content_type=content_type)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_sm_7_an_error_holds_what_rfc_6749_allows(client):
    answer = ask(client, "n.importe.quoi")
    said = answer.json()
    assert set(said) == {"error", "error_description"}
    assert all(" " <= letter <= "~" and letter not in '"\\' for letter in said["error_description"])
    assert answer["Cache-Control"] == "no-store"


def test_sm_7_another_client_id_beside_the_assertion_is_refused(client):
    assertion = systems.signed(systems.claims(systems.fhir_client()))
    assert ask(client, assertion, client_id=str(uuid4())).json()["error"] == "invalid_client"


@pytest.mark.postgresql
@pytest.mark.commits
@pytest.mark.django_db(transaction=True)
def test_sm_7_one_assertion_serves_once_among_eight_at_once():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: the race is PostgreSQL's")
    assertion = systems.signed(systems.claims(systems.fhir_client()))
    barrier = Barrier(8)

    def send(_):
        barrier.wait(timeout=10)
        try:
            return ask(Client(), assertion).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert sorted(pool.map(send, range(8))) == [200] + [401] * 7
    assert AccessToken.objects.count() == 1


def test_sm_8_a_scope_outside_what_was_agreed_is_refused_and_audited(client):
    answer = ask(client, systems.signed(systems.claims(systems.fhir_client())), scope="system/Observation.rs")
    assert answer.json()["error"] == "invalid_scope"
    assert AuditRow.objects.filter(rule="scope-refused", outcome="refused").count() == 1


def test_sm_9_without_a_token_the_answer_says_so(client):
    assert client.get("/fhir/Patient/1")["WWW-Authenticate"] == 'Bearer realm="fhir"'
    answer = client.get("/fhir/Patient/1", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="fhir", error="invalid_token"')
    assert client.get("/fhir/Patient/1?access_token=x").status_code == 401


def test_sm_9_each_answer_about_a_token_leaves_a_row(client, clock):
    client_id, other_id = systems.fhir_client(), systems.fhir_client()
    token, other = systems.token_for(client, client_id), systems.token_for(client, other_id)
    bearer = {"authorization": f"Bearer {token}"}
    before = AuditRow.objects.latest("id").pk
    for asked, headers in ((token, bearer), (other, bearer), ("x", bearer), (token, {})):
        systems.post_form(client, "/oauth/introspect", {"token": asked}, **headers)
    client.post("/oauth/introspect", b"{}", content_type="application/json", headers=bearer)
    rows = AuditRow.objects.filter(pk__gt=before, action="token.introspect").order_by("pk")
    assert [(row.actor_id, row.object_id, row.outcome, row.rule) for row in rows] == [
        (client_id, client_id, "allowed", "own-token"),
        (client_id, other_id, "denied", "token-of-another"),
        (client_id, None, "denied", "token-not-active"),
        (None, None, "denied", "no-valid-token"),
        (client_id, None, "refused", "token-request-unclear"),
    ]
    assert AuditRow.objects.filter(pk__gt=before).count() == 5
    assert token not in str(list(rows.values()))


def test_sm_9_no_answer_about_a_token_leaves_without_its_row(client, monkeypatch):
    token = systems.token_for(client, systems.fhir_client())

    def unwritten(entries):
        raise AuditUnavailable

    monkeypatch.setattr("accounts.systems.oauth.write_alone", unwritten)
    said = systems.post_form(client, "/oauth/introspect", {"token": token}, authorization=f"Bearer {token}")
    assert said.status_code == AuditUnavailable.status
    assert "active" not in said.json()


def test_sm_9_a_system_asks_about_its_own_tokens_only(client, clock):
    client_id = systems.fhir_client()
    token, other = systems.token_for(client, client_id), systems.token_for(client, systems.fhir_client())
    bearer = f"Bearer {token}"
    said = systems.post_form(client, "/oauth/introspect", {"token": token}, authorization=bearer)
    told = said.json()
    assert (told["active"], told["client_id"], told["scope"]) == (True, str(client_id), "system/Patient.rs")
    assert 0 < told["exp"] - told["iat"] <= 300
    assert told["aud"].endswith("/fhir")
    assert said["Cache-Control"] == "no-store"
    for unknown in (other, "x", ""):
        assert systems.post_form(client, "/oauth/introspect", {"token": unknown}, authorization=bearer).json() == {
            "active": False
        }
    assert systems.post_form(client, "/oauth/introspect", {"token": token}).status_code == 401
    clock.forward(seconds=301)
    assert systems.post_form(client, "/oauth/introspect", {"token": token}, authorization=bearer).status_code == 401


def test_sm_9_scopes_are_read_as_the_guide_writes_them():
    assert scope_grants(frozenset({"system/*.rs"}), "Task.s")
    assert not scope_grants(frozenset({"system/Tas.rs"}), "Task.s")
    assert not scope_grants(frozenset(), "Task.s")
