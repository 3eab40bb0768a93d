"""Locks that last longer each time, hashes a few at a time, passwords that nobody guesses, secrets that stay where they are."""

import importlib
import threading
import time
from datetime import timedelta

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.authentication import crowd
from accounts.authentication.hashers import AT_ONCE, Argon2Hasher
from accounts.authentication.rules import lock_after
from accounts.authentication.second_factor import held_by, use_code
from accounts.kernel.crypto import Unreadable
from accounts.kernel.errors import Busy
from accounts.kernel.keyring import seal
from tests.factories.accounts import PASSWORD, SECRET, account, present_code


def test_a_lock_doubles_up_to_four_hours():
    minutes = [lock_after(failures) // timedelta(minutes=1) for failures in (0, 4, 5, 6, 7, 8, 9, 10, 1000)]
    assert minutes == [0, 0, 15, 30, 60, 120, 240, 240, 240]


@pytest.mark.django_db
def test_each_failure_after_a_lock_locks_for_longer(client, settings, clock):
    settings.AXES_ENABLED = True
    user = account()

    def attempt(password: str) -> int:
        return client.post("/connexion/", {"login": user.username, "password": password}).status_code

    for _ in range(4):
        assert attempt("ce n’est pas la bonne phrase") == 200
    assert attempt("ce n’est pas la bonne phrase") == 429
    clock.forward(minutes=14)
    assert attempt("ce n’est pas la bonne phrase") == 429  # tried during the lock: it counts for nothing
    clock.forward(minutes=2)
    assert attempt("ce n’est pas la bonne phrase") == 429
    clock.forward(minutes=16)
    assert attempt(PASSWORD) == 429
    clock.forward(minutes=15)
    assert attempt(PASSWORD) == 302
    client.post("/connexion/code/", {"code": present_code()})
    client.post("/compte/deconnexion/")
    assert attempt("ce n’est pas la bonne phrase") == 200  # a complete sign-in starts the count again


def test_few_hashes_at_once_and_no_more(monkeypatch):
    running, most, guard = [0], [0], threading.Lock()

    def slow(self, password, salt):
        with guard:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.02)
        with guard:
            running[0] -= 1
        return "hash"

    monkeypatch.setattr(Argon2PasswordHasher, "encode", slow)
    threads = [threading.Thread(target=Argon2Hasher().encode, args=("x", "y")) for _ in range(AT_ONCE + 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == AT_ONCE


@pytest.mark.django_db
def test_a_flood_is_told_so_instead_of_waiting(monkeypatch, settings, client):
    settings.PASSWORD_HASHERS = ["accounts.authentication.hashers.Argon2Hasher"]
    monkeypatch.setattr("accounts.authentication.hashers.WAIT_SECONDS", 0.01)
    places = importlib.import_module("accounts.authentication.hashers")._places
    for _ in range(AT_ONCE):
        places.acquire()
    try:
        with pytest.raises(Busy):
            Argon2Hasher().verify("x", "argon2$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA")
        answer = client.post("/connexion/", {"login": "personne", "password": "x" * 20})
        assert answer.status_code == 503
        assert "très sollicité" in answer.content.decode()
    finally:
        for _ in range(AT_ONCE):
            places.release()


@pytest.mark.django_db
def test_a_crowd_at_the_door_is_sent_away_at_once_and_leaves_the_others_alone(client, django_assert_num_queries):
    user = account()
    for _ in range(crowd.AT_ONCE):
        assert crowd.places.acquire(blocking=False)
    try:
        with django_assert_num_queries(0):
            refused = client.post("/connexion/", {"login": user.username, "password": PASSWORD})
        assert (refused.status_code, refused["Retry-After"]) == (503, "5")
        assert "très sollicité" in refused.content.decode()
        assert "Content-Security-Policy" in refused.headers
        assert client.get("/connexion/").status_code == 200
    finally:
        for _ in range(crowd.AT_ONCE):
            crowd.places.release()
    answer = client.post("/connexion/", {"login": user.username, "password": PASSWORD})
    assert answer["Location"] == "/connexion/code/"


@pytest.mark.django_db
def test_every_sign_in_gives_its_place_back(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("allauth.account.views.LoginView.post", None)  # a fault of ours, in the middle of a sign-in
    for _ in range(crowd.AT_ONCE + 1):
        assert client.post("/connexion/").status_code == 500


@pytest.mark.django_db
@pytest.mark.parametrize(
    "password",
    [
        "quatorzelettr",
        "motdepassemotdepasse",
        "Soins-Palliatifs-2026",
        "coordination-ppa-dac",
        "aaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "azertyuiopqsdfghjklm",
        "Compte-Test-{username}-1234",
        "x1y2" * 40,
    ],
)
def test_a_password_that_others_would_try_is_refused(password):
    user = account()
    with pytest.raises(ValidationError):
        validate_password(password.format(username=user.username), user)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "password", [PASSWORD, "le merle chante sous la pluie", "κάποτε βρέχει στη θάλασσα", "bonjour, la lune est rousse"]
)
def test_a_phrase_of_one_s_own_is_taken(password):
    validate_password(password, account())


@pytest.mark.django_db
def test_a_secret_copied_to_another_account_does_not_open():
    victim, thief = account(), account()
    stolen = Authenticator.objects.get(user=victim).data["secret"]
    Authenticator.objects.filter(user=thief).update(data={"secret": stolen})
    with pytest.raises(Unreadable):
        use_code(thief, present_code())
    assert use_code(victim, present_code())


@pytest.mark.django_db
def test_secrets_of_before_are_bound_by_the_migration():
    user = account()
    import base64

    old = base64.b64encode(seal(SECRET.encode(), bound_to=b"second-factor")).decode()
    Authenticator.objects.filter(user=user).update(data={"secret": old, "last_step": 7})
    importlib.import_module("accounts.migrations.0009_bind_second_factors").bind(apps, None)
    row = Authenticator.objects.get(user=user)
    assert row.data["last_step"] == 7
    with held_by(user):
        assert get_adapter().decrypt(row.data["secret"]) == SECRET


@pytest.mark.django_db
def test_an_attack_from_elsewhere_does_not_lock_the_holder_out(settings):
    settings.AXES_ENABLED = True
    user, enemy = account(), Client(REMOTE_ADDR="192.0.2.9")
    for _ in range(8):
        enemy.post("/connexion/", {"login": user.username, "password": "ce n’est pas la bonne phrase"})
    answer = Client().post("/connexion/", {"login": user.username, "password": PASSWORD})
    assert answer["Location"] == "/connexion/code/"
