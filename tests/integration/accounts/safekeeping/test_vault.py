"""The master key in Vault's transit engine: it is asked over real HTTPS, and no answer means no key."""

import base64
import logging
import os
import secrets
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.kernel import keyring
from accounts.kernel.crypto import Purpose, Unreadable
from accounts.kernel.custody import CustodyFailed, FileCustody, custody
from accounts.kernel.data_keys import DataKey
from accounts.kernel.keyring import forget_keys, open_keys, ring
from accounts.kernel.vault import TransitCustody
from accounts.people.models import Person
from accounts.safekeeping.backup import RestoreRefused, _refuse_what_would_not_open
from accounts.safekeeping.rotation import rotate
from pathway.settings.base import FILE_CUSTODY, TRANSIT_CUSTODY
from tests.factories import people
from tests.support import transit
from tests.support.lint import production_environment

DATA_KEY = bytes(range(32))


@pytest.fixture
def vault(tmp_path, settings):
    with transit.running(tmp_path) as server:
        token = tmp_path / "token"
        token.write_text(server.new_token())
        settings.VAULT_ADDR = server.address
        settings.VAULT_TOKEN_FILE = str(token)
        settings.OUTBOUND_CA_FILE = str(server.authority_file)
        settings.OUTBOUND_INTERNAL_HOSTS = [server.address.removeprefix("https://")]
        yield server


@pytest.fixture
def role(vault, tmp_path, settings):
    settings.VAULT_TOKEN_FILE = ""
    settings.VAULT_ROLE_ID, secret = vault.role
    settings.VAULT_SECRET_ID_FILE = str(tmp_path / "secret_id")
    Path(settings.VAULT_SECRET_ID_FILE).write_text(secret)
    return vault


def test_a_data_key_is_wrapped_there_and_comes_back(vault):
    wrapped = TransitCustody().wrap(DATA_KEY)
    assert wrapped.startswith(b"vault:v1:")
    assert DATA_KEY not in base64.b64decode(wrapped.rpartition(b":")[2])
    assert TransitCustody().unwrap(wrapped) == DATA_KEY
    assert set(vault.asked) == {"/v1/transit/encrypt/coordination-ppa", "/v1/transit/decrypt/coordination-ppa"}


def test_a_role_signs_in_once_for_all_the_keys_it_opens(role):
    wrapped = [TransitCustody().wrap(secrets.token_bytes(32)) for _ in range(3)]
    role.asked.clear()
    holder = TransitCustody()
    for one in wrapped:
        holder.unwrap(one)
    assert role.asked.count("/v1/auth/approle/login") == 1


def test_a_wrong_secret_of_the_role_is_named(role, settings):
    Path(settings.VAULT_SECRET_ID_FILE).write_text("another")
    with pytest.raises(CustodyFailed, match="VAULT_SECRET_ID_FILE"):
        TransitCustody().wrap(DATA_KEY)
    settings.VAULT_SECRET_ID_FILE = "/gone/secret_id"
    with pytest.raises(CustodyFailed, match="secret_id cannot be read"):
        TransitCustody().wrap(DATA_KEY)


def test_the_namespace_of_an_enterprise_vault_is_told(vault, settings):
    vault.namespace = "hopital"
    with pytest.raises(CustodyFailed, match="403"):
        TransitCustody().wrap(DATA_KEY)
    settings.VAULT_NAMESPACE = "hopital"
    assert TransitCustody().unwrap(TransitCustody().wrap(DATA_KEY)) == DATA_KEY


def test_a_renewed_token_is_taken_from_its_file(vault, settings):
    vault.tokens.clear()
    with pytest.raises(CustodyFailed, match="403: the token"):
        TransitCustody().wrap(DATA_KEY)
    Path(settings.VAULT_TOKEN_FILE).write_text(vault.new_token() + "\n")
    assert TransitCustody().wrap(DATA_KEY)


@pytest.mark.parametrize(
    "forged", [b"vault:v1:AAAA", b"vault:v9:AAAA", b"not ours", b"vault:v1:\xff", b""], ids=range(5)
)
def test_what_another_key_wrapped_does_not_open(vault, forged):
    with pytest.raises(Unreadable) as refused:
        TransitCustody().unwrap(forged)
    assert not isinstance(refused.value, CustodyFailed)


def test_what_the_same_key_wrapped_for_another_use_does_not_open(vault):
    elsewhere = vault._encrypted(DATA_KEY, b"another use")["ciphertext"].encode()
    with pytest.raises(Unreadable, match="does not open"):
        TransitCustody().unwrap(elsewhere)


@pytest.mark.parametrize("status", [403, 404, 429, 472, 500, 502, 503])
def test_each_refusal_is_a_failure_that_quotes_nothing(vault, status):
    wrapped = TransitCustody().wrap(DATA_KEY)
    vault.status = status
    for act in (lambda: TransitCustody().wrap(DATA_KEY), lambda: TransitCustody().unwrap(wrapped)):
        with pytest.raises(CustodyFailed, match=str(status)) as refused:
            act()
        assert "as told" not in str(refused.value)


def test_a_sealed_vault_says_so(vault):
    vault.sealed = True
    with pytest.raises(CustodyFailed, match="503: sealed"):
        TransitCustody().wrap(DATA_KEY)


def test_a_key_name_that_does_not_exist_is_named(vault, settings):
    settings.VAULT_TRANSIT_KEY = "../other"
    with pytest.raises(CustodyFailed, match="VAULT_TRANSIT_KEY"):
        TransitCustody().wrap(DATA_KEY)
    assert vault.asked == ["/v1/transit/encrypt/..%2Fother"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"data": 1}',
        b'{"data": {"plaintext": "AAAA", "ciphertext": "vault"}}',
        b'{"data": {"plaintext": 1}}',
        b'{"data": {"plaintext": "\xc3\xa9"}}',
    ],
    ids=range(8),
)
def test_an_answer_that_is_no_key_is_a_failure(vault, body):
    wrapped = TransitCustody().wrap(DATA_KEY)
    vault.body = body
    with pytest.raises(CustodyFailed):
        TransitCustody().unwrap(wrapped)
    with pytest.raises(CustodyFailed):
        TransitCustody().wrap(DATA_KEY)


def test_a_vault_without_our_authority_or_that_is_gone_is_not_believed(vault, settings):
    settings.OUTBOUND_CA_FILE = ""
    with pytest.raises(CustodyFailed, match="cannot be reached"):
        TransitCustody().wrap(DATA_KEY)
    assert vault.asked == []
    settings.OUTBOUND_CA_FILE = str(vault.authority_file)
    settings.OUTBOUND_INTERNAL_HOSTS = []
    with pytest.raises(CustodyFailed, match="cannot be reached: not registered"):
        TransitCustody().wrap(DATA_KEY)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    settings.VAULT_ADDR = f"https://localhost:{port}"
    settings.OUTBOUND_INTERNAL_HOSTS = [f"localhost:{port}"]
    with pytest.raises(CustodyFailed, match="cannot be reached"):
        TransitCustody().wrap(DATA_KEY)


@pytest.fixture
def kept_there(vault, settings, db):
    """An installation whose data keys were wrapped by the file, and now are by Vault."""
    person_id = people.person(people.actor(people.Role.NURSE))
    settings.MASTER_KEY_PROVIDER = TRANSIT_CUSTODY
    call_command("rotate_keys", purpose="master", former=FILE_CUSTODY, verbosity=0)
    return person_id


def wrapped_keys():
    return [bytes(key) for key in DataKey.objects.order_by("number").values_list("wrapped", flat=True)]


def test_the_data_keys_go_from_the_file_to_vault_and_back(kept_there, vault, settings):
    assert all(key.startswith(b"vault:v1:") for key in wrapped_keys())
    forget_keys()
    assert Person.objects.get(pk=kept_there).birth_name
    settings.MASTER_KEY_PROVIDER = FILE_CUSTODY
    forget_keys()
    with pytest.raises(Unreadable):
        open_keys()
    call_command("rotate_keys", purpose="master", former=TRANSIT_CUSTODY, verbosity=0)
    forget_keys()
    assert Person.objects.get(pk=kept_there).birth_name
    assert FileCustody().unwrap(wrapped_keys()[0])


def test_a_new_version_of_the_master_key_wraps_again_what_the_former_one_wrapped(kept_there, vault):
    vault.rotate()
    vault.asked.clear()
    call_command("rotate_keys", purpose="master", verbosity=0)
    assert all(key.startswith(b"vault:v2:") for key in wrapped_keys())
    assert vault.asked.count("/v1/transit/rewrap/coordination-ppa") == len(wrapped_keys())
    vault.least_version = 2
    forget_keys()
    assert Person.objects.get(pk=kept_there).birth_name


def test_a_version_that_was_closed_too_early_is_named_and_nothing_is_lost(kept_there, vault):
    vault.rotate()
    vault.least_version = 2
    before = wrapped_keys()
    forget_keys()
    with pytest.raises(CommandError, match="does not open"):
        call_command("rotate_keys", purpose="master", verbosity=0)
    assert wrapped_keys() == before
    vault.least_version = 1
    open_keys()


def test_nothing_is_written_when_vault_stops_in_the_middle(kept_there, vault, monkeypatch):
    vault.rotate()
    before, answer = wrapped_keys(), vault._done
    calls = iter(range(100))

    def sealed_in_the_middle(*given):
        vault.sealed = next(calls) >= 4
        return answer(*given)

    monkeypatch.setattr(vault, "_done", sealed_in_the_middle)
    with pytest.raises(CommandError, match="sealed"):
        call_command("rotate_keys", purpose="master", verbosity=0)
    assert wrapped_keys() == before


def test_new_data_keys_are_wrapped_there(kept_there, vault, settings):
    done = rotate(Purpose.FIELDS)
    assert bytes(DataKey.objects.get(number=done.number).wrapped).startswith(b"vault:v1:")
    assert Person.objects.get(pk=kept_there).birth_name


def test_a_process_without_keys_does_not_start_and_one_that_holds_them_goes_on(kept_there, vault, settings, caplog):
    vault.sealed = True
    forget_keys()
    with pytest.raises(CustodyFailed, match="sealed"):
        open_keys()
    vault.sealed = False
    open_keys()
    number = keyring.make_key(Purpose.FIELDS, state=DataKey.State.ACTIVE)
    vault.sealed = True
    time.sleep(2 * settings.KEY_RING_SECONDS)
    with caplog.at_level(logging.WARNING, "accounts.kernel.keyring"):
        assert ring(Purpose.FIELDS).active != number
    assert "a new key cannot be opened" in caplog.text
    assert Person.objects.get(pk=kept_there).birth_name
    vault.sealed = False
    time.sleep(2 * settings.KEY_RING_SECONDS)
    assert ring(Purpose.FIELDS).active == number


def test_a_restore_says_that_vault_is_away_rather_than_that_the_key_is_wrong(vault, settings):
    settings.MASTER_KEY_PROVIDER = TRANSIT_CUSTODY
    wrapped = base64.b64encode(custody().wrap(DATA_KEY)).decode()
    head = {"format": 1, "database": connection.vendor, "keys": [{"wrapped": wrapped}]}
    _refuse_what_would_not_open(head)
    vault.sealed = True
    with pytest.raises(RestoreRefused, match="sealed"):
        _refuse_what_would_not_open(head)


def _start(directory, **changed):
    environment = {**os.environ, **production_environment(directory), "MASTER_KEY_PROVIDER": TRANSIT_CUSTODY, **changed}
    command = [sys.executable, "-c", "import pathway.settings.production"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_start_in_production_asks_for_an_https_vault_and_one_private_way_in(tmp_path):
    token = tmp_path / "token"
    token.write_text("hvs.secret")
    token.chmod(0o400)
    complete = {"VAULT_ADDR": "https://vault.example:8200", "VAULT_TOKEN_FILE": str(token)}
    assert _start(tmp_path, **complete).returncode == 0
    for changed, said in (
        ({"VAULT_ADDR": ""}, "VAULT_ADDR must be an https address"),
        ({"VAULT_ADDR": "http://vault.example:8200"}, "VAULT_ADDR must be an https address"),
        ({"VAULT_TOKEN_FILE": ""}, "Set either VAULT_TOKEN_FILE"),
        ({"VAULT_ROLE_ID": "role", "VAULT_SECRET_ID_FILE": str(token)}, "Set either VAULT_TOKEN_FILE"),
    ):
        refused = _start(tmp_path, **{**complete, **changed})
        assert refused.returncode != 0
        assert said in refused.stderr
    token.chmod(0o440)
    assert "VAULT_TOKEN_FILE must name a file that only its owner may read" in _start(tmp_path, **complete).stderr
