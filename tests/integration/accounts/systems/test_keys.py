"""Keys that a system publishes at an address: called seldom, believed for a while, gone when they are gone."""

import json
from datetime import timedelta
from typing import Any

import pytest

from accounts.kernel.actor import Channel, system_actor
from accounts.systems.commands import register_client
from accounts.systems.keys import life_of
from accounts.systems.models import AccessToken, FhirClient
from accounts.systems.records import Keys, RegisterClient
from accounts.systems.rules import KeysAddressRefused, KeysRefused
from tests.factories import systems
from tests.factories.people import organisation
from tests.support.tls import Authority, Listener, https_server

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


class Publisher:
    """A partner's server that gives its keys, and counts how often it is asked."""

    def __init__(self):
        self.keys = systems.key_set(systems.ec_key())
        self.headers, self.status, self.calls, self.url = {}, 200, 0, ""

    def __call__(self, _):
        self.calls += 1
        return self.status, self.headers, json.dumps(self.keys).encode()


@pytest.fixture
def publisher(tmp_path, settings):
    authority, made = Authority(tmp_path), Publisher()
    settings.OUTBOUND_CA_FILE = str(authority.file)
    with https_server(authority, made) as port:
        settings.OUTBOUND_INTERNAL_HOSTS = [f"localhost:{port}"]
        made.url = f"https://localhost:{port}/jwks.json"
        yield made


def ask(client, client_id, key=None, header=None):
    key = key or systems.ec_key()
    assertion = systems.signed(systems.claims(client_id), key=key, header=header)
    return systems.post_form(client, "/oauth/token", systems.token_request(assertion)).status_code


def test_keys_are_fetched_once_and_believed_for_a_while(client, publisher):
    client_id = systems.fhir_client(url=publisher.url)
    assert [ask(client, client_id) for _ in range(3)] == [200, 200, 200]
    assert publisher.calls == 1


def test_an_unknown_key_makes_one_call_a_minute(client, publisher, clock):
    client_id = systems.fhir_client(url=publisher.url)
    assert ask(client, client_id) == 200
    publisher.keys = systems.key_set(systems.ec_key(), systems.ec_key("nouvelle"))
    assert [ask(client, client_id, systems.ec_key("nouvelle")) for _ in range(5)] == [401] * 5
    assert publisher.calls == 1
    clock.forward(seconds=61)
    assert ask(client, client_id, systems.ec_key("nouvelle")) == 200
    assert [ask(client, client_id, systems.ec_key("inconnue")) for _ in range(5)] == [401] * 5
    assert publisher.calls == 2


def test_a_key_that_is_no_longer_published_no_longer_signs(client, publisher, clock):
    client_id = systems.fhir_client(url=publisher.url)
    assert ask(client, client_id) == 200
    publisher.keys = systems.key_set(systems.ec_key("nouvelle"))
    clock.forward(seconds=61)
    assert ask(client, client_id, systems.ec_key("nouvelle")) == 200
    assert ask(client, client_id) == 401


@pytest.mark.parametrize("trouble", ["status", "rubbish", "private"])
def test_keys_that_cannot_be_fetched_open_nothing(client, publisher, trouble, clock):
    client_id = systems.fhir_client(url=publisher.url)
    if trouble == "status":
        publisher.status = 503
    elif trouble == "rubbish":
        publisher.keys = ["rubbish"]
    else:
        publisher.keys = systems.key_set(systems.ec_key(), private=True)
    assert ask(client, client_id) == 401
    publisher.status, publisher.keys = 200, systems.key_set(systems.ec_key())
    assert ask(client, client_id) == 401
    assert publisher.calls == 1
    clock.forward(seconds=61)
    assert ask(client, client_id) == 200


def test_kept_keys_end_when_their_address_stays_silent(client, publisher, clock):
    client_id = systems.fhir_client(url=publisher.url)
    assert ask(client, client_id) == 200
    publisher.status = 500
    clock.forward(minutes=4)
    assert ask(client, client_id) == 200
    clock.forward(minutes=2)
    assert ask(client, client_id) == 401


def test_an_address_taken_off_the_list_is_not_called(client, publisher, settings):
    client_id = systems.fhir_client(url=publisher.url)
    settings.OUTBOUND_INTERNAL_HOSTS = []
    assert ask(client, client_id) == 401
    assert publisher.calls == 0


def test_a_jku_may_only_repeat_the_registered_address(client, publisher):
    client_id = systems.fhir_client(url=publisher.url)
    assert ask(client, client_id, header={"jku": publisher.url}) == 200
    with Listener() as elsewhere:
        assert ask(client, client_id, header={"jku": f"https://localhost:{elsewhere.port}/"}) == 401
        assert elsewhere.accepted() == 0


@pytest.mark.parametrize("url", ["https://ailleurs.example/jwks", "http://localhost/jwks", "https://a@localhost/"])
def test_an_address_that_is_not_on_the_list_is_not_registered(url):
    with pytest.raises(KeysAddressRefused):
        systems.fhir_client(url=url)


def test_keys_come_by_value_or_by_address(publisher):
    jwks = systems.key_set(systems.ec_key())
    for keys in (Keys(), Keys(jwks=jwks, url=publisher.url)):
        record = RegisterClient(name="x", organisation_id=organisation().id, scopes=systems.SCOPES, keys=keys)
        with pytest.raises(KeysRefused):
            register_client(record, by=system_actor("tests", channel=Channel.CONSOLE))


@pytest.mark.parametrize(
    ("told", "minutes"),
    [("", 5), ("max-age=0", 1), ("public, max-age=600", 10), ("max-age=999999", 60), ("no-store, max-age=600", 1)],
)
def test_how_long_fetched_keys_are_believed(told, minutes):
    assert life_of(told) == timedelta(minutes=minutes)


def new_keys(client, client_id, jwks, **header):
    form = systems.token_request(systems.signed(systems.claims(client_id), **header), jwks=json.dumps(jwks))
    return systems.post_form(client, "/oauth/keys", form)


def test_a_system_changes_its_own_keys_with_the_present_one(client):
    client_id = systems.fhir_client()
    systems.token_for(client, client_id)
    assert new_keys(client, client_id, systems.key_set(systems.ec_key("nouvelle"))).status_code == 204
    assert not AccessToken.objects.exists()
    assert ask(client, client_id) == 401
    assert ask(client, client_id, systems.ec_key("nouvelle")) == 200


def test_a_system_changes_nothing_with_another_key_or_to_unfit_ones(client):
    client_id = systems.fhir_client()
    fresh = systems.key_set(systems.ec_key("nouvelle"))
    assert new_keys(client, client_id, fresh, key=systems.ec_key("nouvelle")).status_code == 401
    unfit: Any
    for unfit in (systems.key_set(systems.ec_key("nouvelle"), private=True), [], {"keys": []}, "x"):
        answer = new_keys(client, client_id, unfit)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), unfit
    assert ask(client, client_id) == 200
    assert FhirClient.objects.get().jwks == systems.key_set(systems.ec_key(), systems.rsa_key())
