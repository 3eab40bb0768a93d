"""SMART Backend Services: what a system gets for a right assertion, and everything that is refused."""

import base64
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from joserfc.jwk import OctKey

from accounts.audit.models import AuditRow
from accounts.kernel.actor import Channel, Role, system_actor
from accounts.kernel.clock import now
from accounts.kernel.errors import NotAllowed
from accounts.systems.bearer import actor_from_bearer, token_digest
from accounts.systems.commands import register_client
from accounts.systems.models import AccessToken, FhirClient, UsedAssertion
from accounts.systems.records import Keys, RegisterClient
from accounts.systems.rules import KeysRefused, ScopeRefused
from accounts.systems.tasks import purge_tokens
from tests.factories import systems
from tests.factories.people import actor, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


def ask(client, assertion, **changes):
    return systems.post_form(client, "/oauth/token", systems.token_request(assertion, **changes))


def bearer_request(token="", **headers):
    given = {"Authorization": f"Bearer {token}"} if token else {}
    return RequestFactory().get("/fhir/Patient", headers={**given, **headers})


@pytest.mark.parametrize(("key", "alg"), [(systems.ec_key, "ES384"), (systems.rsa_key, "RS384")])
def test_a_right_assertion_gives_a_short_token(client, key, alg):
    at = organisation()
    client_id = systems.fhir_client(at=at)
    answer = ask(client, systems.signed(systems.claims(client_id), key=key(), alg=alg))
    given = answer.json()
    assert answer.status_code == 200
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 300, "system/Patient.rs")
    assert answer["Cache-Control"] == "no-store"
    assert not AccessToken.objects.filter(digest=given["access_token"]).exists()
    assert AuditRow.objects.filter(actor_id=client_id, action="fhir_client.issue_token", outcome="allowed").exists()

    request_id = uuid4()
    headers = {"X-Request-Id": str(request_id), "Idempotency-Key": "abc"}
    who = actor_from_bearer(bearer_request(given["access_token"], **headers))
    assert (who.role, who.channel, who.id, who.organisation_id) == (Role.FHIR_CLIENT, Channel.FHIR, client_id, at.id)
    assert who.scopes == {"system/Patient.rs"}
    assert (who.correlation_id, who.idempotency_key) == (request_id, "abc")


def forged_none(client_id):
    head, content = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "none", "kid": "cle-1"}, systems.claims(client_id))
    )
    return f"{head}.{content}."


def forged_hs256(client_id):
    secret = OctKey.import_key("a-secret-that-is-long-enough-for-hmac", {"kid": "cle-1"})
    return systems.signed(systems.claims(client_id), key=secret, alg="HS256")


def ahead(seconds):
    return int(now().timestamp()) + seconds


FORGERIES = {
    "alg none": forged_none,
    "alg HS256": forged_hs256,
    "unknown kid": lambda c: systems.signed(systems.claims(c), key=systems.ec_key("inconnue")),
    "no kid": lambda c: systems.signed(systems.claims(c), header={"kid": ""}),
    "another key under our kid": lambda c: systems.signed(
        systems.claims(c), key=systems.ec_key("autre"), header={"kid": "cle-1"}
    ),
    "jku": lambda c: systems.signed(systems.claims(c), header={"jku": "https://ailleurs.example/jwks"}),
    "wrong audience": lambda c: systems.signed(systems.claims(c, aud="https://ailleurs.example/oauth/token")),
    "audience with a slash more": lambda c: systems.signed(systems.claims(c, aud=f"{systems.token_url()}/")),
    "subject is not the issuer": lambda c: systems.signed(systems.claims(c, sub=str(uuid4()))),
    "unknown client": lambda c: systems.signed(systems.claims(uuid4())),
    "over": lambda c: systems.signed(systems.claims(c, exp=ahead(-1))),
    "six minutes ahead": lambda c: systems.signed(systems.claims(c, exp=ahead(360))),
    "no end": lambda c: systems.signed(systems.claims(c, exp=None)),
    "an end that is no number": lambda c: systems.signed(systems.claims(c, exp=True)),
    "no id": lambda c: systems.signed(systems.claims(c, jti=None)),
    "made in the future": lambda c: systems.signed(systems.claims(c, iat=ahead(120))),
    "altered": lambda c: systems.signed(systems.claims(c))[:-8] + "AAAAAAAA",
    "no assertion at all": lambda c: "n.importe.quoi",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_assertion_is_refused_and_audited(client, forge):
    client_id = systems.fhir_client()
    answer = ask(client, forge(client_id))
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert answer["Cache-Control"] == "no-store"
    assert not AccessToken.objects.exists()
    assert AuditRow.objects.filter(action="fhir_client.issue_token", outcome="refused").count() == 1


def test_an_assertion_serves_once(client):
    assertion = systems.signed(systems.claims(systems.fhir_client()))
    assert ask(client, assertion).status_code == 200
    again = ask(client, assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    assert AccessToken.objects.count() == 1
    assert AuditRow.objects.filter(outcome="refused", rule="client-assertion-replayed").exists()


def test_a_key_taken_out_no_longer_signs(client):
    client_id = systems.fhir_client()
    FhirClient.objects.filter(pk=client_id).update(jwks=systems.key_set(systems.ec_key("nouvelle")))
    assert ask(client, systems.signed(systems.claims(client_id))).status_code == 401


def test_a_closed_system_gets_nothing_and_its_tokens_stop(client):
    client_id = systems.fhir_client()
    token = ask(client, systems.signed(systems.claims(client_id))).json()["access_token"]
    FhirClient.objects.filter(pk=client_id).update(is_active=False)
    assert actor_from_bearer(bearer_request(token)) is None
    assert ask(client, systems.signed(systems.claims(client_id))).status_code == 401


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("system/Patient.cruds", "system/Patient.rs"),
        ("system/*.s", "system/Patient.s system/ServiceRequest.s"),
        ("system/Patient.r system/Patient.s", "system/Patient.rs"),
    ],
)
def test_scopes_only_narrow(client, asked, granted):
    client_id = systems.fhir_client()
    assert ask(client, systems.signed(systems.claims(client_id)), scope=asked).json()["scope"] == granted


@pytest.mark.parametrize(
    "asked",
    ["system/Task.rs", "system/Patient.d", "system/Patient.sr", "user/Patient.rs", "system/Patient.rs?x=1", "openid"],
)
def test_a_scope_outside_is_refused(client, asked):
    client_id = systems.fhir_client()
    answer = ask(client, systems.signed(systems.claims(client_id)), scope=asked)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    assert not AccessToken.objects.exists()
    assert AuditRow.objects.filter(rule="scope-refused", outcome="refused").exists()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"scope": ""}, "invalid_request"),
        ({"client_assertion_type": "x"}, "invalid_request"),
        ({"client_assertion": ""}, "invalid_request"),
    ],
)
def test_an_unclear_request_is_refused(client, changes, error):
    form = {**systems.token_request(systems.signed(systems.claims(systems.fhir_client()))), **changes}
    answer = systems.post_form(client, "/oauth/token", form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert client.get("/oauth/token").status_code == 405


def test_a_token_ends_after_five_minutes_and_is_purged(client, clock):
    token = ask(client, systems.signed(systems.claims(systems.fhir_client()))).json()["access_token"]
    assert actor_from_bearer(bearer_request(token)) is not None
    clock.forward(seconds=301)
    assert actor_from_bearer(bearer_request(token)) is None
    clock.forward(minutes=10)
    assert purge_tokens() == 2
    assert not AccessToken.objects.exists()
    assert not UsedAssertion.objects.exists()


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic YTpi", "bearer  "])
def test_no_right_token_is_nobody(authorization):
    assert actor_from_bearer(RequestFactory().get("/", headers={"Authorization": authorization})) is None


def test_an_odd_request_id_is_replaced(client):
    token = ask(client, systems.signed(systems.claims(systems.fhir_client()))).json()["access_token"]
    who = actor_from_bearer(bearer_request(token, **{"X-Request-Id": "<script>"}))
    assert who.correlation_id.version == 7


@pytest.mark.parametrize("route", ["/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration"])
def test_the_configuration_is_public_json(client, route):
    answer = client.get(route, headers={"Accept": "text/html"})
    assert answer["Content-Type"] == "application/json"
    said = answer.json()
    assert said["token_endpoint"].endswith("/oauth/token")
    assert "client-confidential-asymmetric" in said["capabilities"]
    assert "plain" not in said["code_challenge_methods_supported"]


def test_the_console_registers_and_issues(capsys, tmp_path):
    at = organisation()
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(systems.key_set(systems.ec_key())))
    call_command("create_fhir_client", "Logiciel", organisation=at.finess, scopes="system/Patient.rs", jwks=keys)
    client_id = capsys.readouterr().out.strip()
    call_command("issue_token", client_id, minutes=10)
    token = capsys.readouterr().out.strip()
    who = actor_from_bearer(bearer_request(token))
    assert (str(who.id), who.organisation_id) == (client_id, at.id)
    left = AccessToken.objects.get(digest=token_digest(token)).expires_at - now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    deeds = AuditRow.objects.filter(role="systeme", channel="console").values_list("action", flat=True)
    assert {"fhir_client.register_console", "fhir_client.issue_token"} <= set(deeds)


def test_the_console_refuses(capsys, tmp_path, settings):
    with pytest.raises(CommandError, match="FINESS"):
        call_command("create_fhir_client", "x", organisation="000000000", scopes="system/Patient.rs", jwks=tmp_path)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command(
            "create_fhir_client", "x", organisation=organisation().finess, scopes="x", jwks=tmp_path / "absent"
        )
    client_id = systems.fhir_client()
    with pytest.raises(CommandError, match="trop longue"):
        call_command("issue_token", str(client_id), minutes=100_000)
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError, match="production"):
        call_command("issue_token", str(client_id))


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"keys": []},
        {"keys": [{"kty": "oct", "k": "A" * 43, "kid": "a"}]},
        systems.key_set(systems.ec_key(), private=True),
        systems.key_set(systems.ec_key(), systems.ec_key()),
        {"keys": [{k: v for k, v in systems.ec_key().as_dict(private=False).items() if k != "kid"}]},
    ],
    ids=["nothing", "empty", "shared secret", "private", "twice the same name", "no name"],
)
def test_unfit_keys_are_not_registered(keys):
    record = RegisterClient(name="x", organisation_id=organisation().id, scopes=systems.SCOPES, keys=Keys(jwks=keys))
    with pytest.raises(KeysRefused):
        register_client(record, by=system_actor("tests", channel=Channel.CONSOLE))
    assert not FhirClient.objects.exists()


def test_registration_needs_readable_scopes_and_the_console():
    at = organisation()
    jwks = systems.key_set(systems.ec_key())
    record = RegisterClient(name="x", organisation_id=at.id, scopes=("system/Patient.sr",), keys=Keys(jwks=jwks))
    with pytest.raises(ScopeRefused):
        register_client(record, by=system_actor("tests", channel=Channel.CONSOLE))
    with pytest.raises(NotAllowed):
        register_client(record, by=actor(Role.NURSE))
