"""Security keys beside the application: joining, signing in, confirming, leaving; and what is not one's own key."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.audit.models import AuditRow
from accounts.authentication.models import User
from accounts.kernel.actor import Role
from tests.factories.accounts import PASSWORD, account, present_code
from tests.support.security_key import SecurityKey

pytestmark = [pytest.mark.django_db, pytest.mark.once]

HERE = "https://coordination.example.test"
ADD, LIST = "/compte/securite/cles/nouvelle/", "/compte/securite/cles/"


@pytest.fixture(autouse=True)
def _address(settings):
    settings.PUBLIC_URL = HERE


def give_password(client: Client, user: User) -> None:
    client.post("/connexion/", {"login": user.username, "password": PASSWORD})


def present(client: Client, key: SecurityKey, at: str = "/connexion/code/", **fields: str):
    """Open the page that asks for a key, and answer with this one."""
    options = client.get(at).context["js_data"]["request_options"]
    return client.post(at, {"credential": json.dumps(key.sign(options)), **fields})


def add(client: Client, key: SecurityKey, name: str = "Ma clé"):
    options = client.get(ADD).context["js_data"]["creation_options"]
    return client.post(ADD, {"credential": json.dumps(key.make(options)), "name": name})


def holder() -> tuple[User, SecurityKey]:
    """An account whose only second factor is a key."""
    user, key, client = account(Role.NURSE, second_factor=False), SecurityKey(HERE), Client()
    give_password(client, user)
    assert add(client, key)["Location"] == "/compte/securite/codes/"
    return user, key


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_a_new_account_may_enrol_a_key_and_gets_recovery_codes(client):
    user, key = account(second_factor=False), SecurityKey(HERE)
    give_password(client, user)
    assert client.get("/")["Location"] == "/compte/securite/application/"
    assert "Ajouter une clé de sécurité" in client.get(ADD).content.decode()
    assert add(client, key, "Clé du service")["Location"] == "/compte/securite/codes/"
    assert client.get("/compte/securite/codes/").content.decode().count("<code>") == 10
    assert is_in(client)
    assert "Clé du service" in client.get(LIST).content.decode()


def test_the_key_is_the_second_step(client):
    user, key = holder()
    give_password(client, user)
    assert not is_in(client)
    assert "Présenter ma clé" in client.get("/connexion/code/").content.decode()
    assert present(client, key).status_code == 302
    assert is_in(client)


def test_an_application_and_a_key_serve_side_by_side(client):
    user, key = account(), SecurityKey(HERE)
    give_password(client, user)
    client.post("/connexion/code/", {"code": present_code()})
    add(client, key)
    for step in ("key", "code"):
        other = Client()
        give_password(other, user)
        if step == "key":
            present(other, key)
        else:
            other.post("/connexion/code/", {"code": present_code(later=1)})
        assert is_in(other)


def other_key(key: SecurityKey) -> SecurityKey:
    return SecurityKey(HERE)


def other_signature(key: SecurityKey) -> SecurityKey:
    return SecurityKey(HERE, credential_id=key.credential_id)


def other_place(key: SecurityKey) -> SecurityKey:
    return SecurityKey("https://coordination.example.test.ailleurs.example", key.private, key.credential_id)


@pytest.mark.parametrize("forged", [other_key, other_signature, other_place])
def test_what_is_not_the_key_opens_nothing(client, forged):
    user, key = holder()
    give_password(client, user)
    answer = present(client, forged(key))
    assert answer.status_code == 200
    assert "Cette clé n’a pas été reconnue" in answer.content.decode()
    assert not is_in(client)
    assert AuditRow.objects.filter(action="session.sign_in", outcome="refused").count() == 1


def test_an_answer_serves_once(client):
    user, key = holder()
    give_password(client, user)
    said = key.sign(client.get("/connexion/code/").context["js_data"]["request_options"])
    assert client.post("/connexion/code/", {"credential": json.dumps(said)}).status_code == 302
    thief = Client()
    give_password(thief, user)
    thief.get("/connexion/code/")
    assert thief.post("/connexion/code/", {"credential": json.dumps(said)}).status_code == 200
    assert not is_in(thief)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "x",
        "null",
        "[]",
        "{}",
        '{"id": 1}',
        '{"response": []}',
        '{"rawId": "é", "response": {}}',
        "1" * 9999,
        "[" * 60000,
        "x" * 70000,
    ],
)
def test_an_answer_that_cannot_be_read_is_refused(client, said):
    user, _ = holder()
    give_password(client, user)
    client.get("/connexion/code/")
    assert client.post("/connexion/code/", {"credential": said}).status_code == 200
    assert not is_in(client)
    beginner = Client()
    give_password(beginner, account(second_factor=False))
    beginner.get(ADD)
    assert beginner.post(ADD, {"credential": said, "name": "x"}).status_code == 200
    assert not is_in(beginner)


def test_the_key_of_somebody_else_is_not_one_s_own(client):
    (user, _), (_, foreign) = holder(), holder()
    give_password(client, user)
    present(client, foreign)
    assert not is_in(client)


def test_wrong_keys_lock_like_wrong_codes(client, settings):
    settings.AXES_ENABLED = True
    user, key = holder()
    give_password(client, user)
    for _ in range(5):
        answer = present(client, SecurityKey(HERE))
    assert answer.status_code == 429
    assert present(client, key).status_code == 429


def test_a_key_confirms_before_a_grave_act(client, clock):
    user, key = holder()
    give_password(client, user)
    present(client, key)
    clock.forward(minutes=6)
    before = client.session["authenticated_at"]
    asked = client.get("/compte/confirmer/", {"next": "/compte/sessions/"})["Location"]
    assert asked == "/compte/confirmer/cle/?next=%2Fcompte%2Fsessions%2F"
    assert present(client, SecurityKey(HERE), asked).status_code == 200
    assert client.session["authenticated_at"] == before
    assert present(client, key, asked, next="/compte/sessions/")["Location"] == "/compte/sessions/"
    assert client.session["authenticated_at"] > before
    assert AuditRow.objects.filter(action="session.confirm").count() == 1


def test_removing_the_last_factor_closes_the_desk(client):
    user, key = holder()
    give_password(client, user)
    present(client, key)
    row = Authenticator.objects.get(user=user, type="webauthn")
    page = f"{LIST}{row.pk}/retirer/"
    assert "n’ouvrira plus votre compte" in client.get(page).content.decode()
    stranger = Client()
    give_password(stranger, account())
    stranger.post("/connexion/code/", {"code": present_code()})
    assert stranger.post(page).status_code == 404
    assert client.post(page)["Location"] == LIST
    assert client.get("/")["Location"] == "/compte/securite/application/"
    assert not Authenticator.objects.filter(user=user).exists()


def test_who_has_no_recovery_codes_can_make_some(client):
    user = account()
    give_password(client, user)
    client.post("/connexion/code/", {"code": present_code()})
    page = "/compte/securite/codes/nouveaux/"
    assert page in client.get("/compte/securite/").content.decode()
    assert client.get(page).status_code == 200
    assert client.post(page)["Location"] == "/compte/securite/codes/"
    assert client.get("/compte/securite/codes/").content.decode().count("<code>") == 10
    assert page not in client.get("/compte/securite/").content.decode()
