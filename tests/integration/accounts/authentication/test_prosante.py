"""Pro Santé Connect, played by a provider of our own over real HTTPS: what signs in, and everything that must not."""

import base64
import hmac
import ssl
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from joserfc.jwk import RSAKey

from accounts.audit.models import AuditRow
from accounts.authentication.models import OpenSession, User
from accounts.authentication.rules import declared_places, rpps_of
from accounts.kernel.actor import Role
from accounts.organisations.functions import open_function
from accounts.organisations.models import Professional
from tests.factories.accounts import PASSWORD, account, present_code
from tests.factories.people import organisation
from tests.integration.accounts.authentication.test_sign_in import ELSEWHERE
from tests.support import oidc_provider
from tests.support.browser import Browser
from tests.support.oidc_provider import ELLIPTIC, RSA, encoded, signed
from tests.support.one_thread import serve_while

pytestmark = [pytest.mark.django_db, pytest.mark.once]

START, BACK = "/connexion/pro-sante-connect/", "/connexion/pro-sante-connect/retour/"


@pytest.fixture
def provider(settings, tmp_path):
    with oidc_provider.running(tmp_path) as running:
        settings.OUTBOUND_INTERNAL_HOSTS = [urlsplit(running.issuer).netloc]
        settings.OUTBOUND_CA_FILE = str(running.authority_file)
        settings.PSC_ISSUER = running.issuer
        settings.PSC_AUTHORIZATION_ENDPOINT = f"{running.base}/auth"
        settings.PSC_CLIENT_ID = oidc_provider.CLIENT
        settings.PSC_CLIENT_SECRET = oidc_provider.SECRET
        settings.PUBLIC_URL = "http://testserver"
        yield running


def told_of(user: User, *places: str, **more):
    """What the provider says of the professional of an account."""
    activities = [{"numeroFinessSite": place, "raisonSocialeSite": "Un lieu"} for place in (*places, "")]
    return {
        "sub": f"f:0000:{user.username}",
        "SubjectNameID": f"8{user.professional.rpps}",
        "given_name": "Test",
        "SubjectRefPro": {"exercices": [{"codeProfession": "10", "activities": activities}]},
        **more,
    }


def leave(client: Client, **fields: str) -> str:
    """Press the button; return where the provider sends the browser back to."""
    answer = client.post(START, fields)
    assert answer.status_code == 302, answer.content
    back = httpx.get(answer["Location"], verify=trusted()).headers["Location"]
    return back.removeprefix("http://testserver")


def trusted() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.OUTBOUND_CA_FILE)


def sign_in(client: Client, **fields: str):
    return client.get(leave(client, **fields))


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_without_settings_there_is_neither_button_nor_route(client):
    assert "Pro Santé Connect" not in client.get("/connexion/").content.decode()
    assert client.post(START).status_code == 404
    assert client.get(BACK, {"state": "x", "code": "y"}).status_code == 404


def test_the_question_carries_what_the_standard_asks(client, provider):
    page = client.get("/connexion/")
    assert "S’identifier avec Pro Santé Connect" in page.content.decode()
    assert client.get(START).status_code == 405
    asked = parse_qs(urlsplit(client.post(START, {"scope": "x", "auth_params": "acr_values=none"})["Location"]).query)
    assert set(asked["scope"][0].split()) == {"openid", "scope_all"}
    assert asked["acr_values"] == ["eidas1"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"http://testserver{BACK}"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))


def test_a_known_professional_comes_in_without_any_password(client, provider):
    user = account(Role.NURSE, second_factor=False)
    provider.person = told_of(user)
    answer = sign_in(client, next="/compte/sessions/")
    assert answer["Location"] == "/compte/sessions/"
    assert "Pro Santé Connect" in client.get("/compte/sessions/").content.decode()
    assert is_in(client)
    assert AuditRow.objects.get(action="session.sign_in").outcome == "allowed"
    kept = OpenSession.objects.get()
    assert (kept.way, kept.provider_grant["refresh_token"]) == ("prosante", "refresh")
    assert user.professional.rpps not in str(Session.objects.get().get_decoded())


def test_signing_in_changes_the_key_of_the_session(client, provider):
    user = account()
    provider.person = told_of(user)
    back = leave(client)
    before = client.cookies["sessionid"].value
    client.get(back)
    assert client.cookies["sessionid"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_nobody_is_sent_elsewhere_on_the_way_back(client, provider):
    for target in ELSEWHERE:
        client.post(START, {"next": target, "process": "redirect"})
    kept = [state for state, *_ in client.session["socialaccount_states"].values()]
    assert {(state.get("next"), state["process"]) for state in kept} == {(None, "login")}
    provider.person = told_of(account())
    assert sign_in(client, next="//ailleurs.example/", process="redirect")["Location"] == "/"


def test_an_elliptic_signature_is_taken_too(client, provider):
    provider.person = told_of(account())
    provider.forge = lambda claims, header: signed(claims, header | {"alg": "ES256", "kid": "ec-1"})
    sign_in(client)
    assert is_in(client)


def change(**claims):
    """Forge by changing claims; `None` takes one away."""

    def forge(true, header):
        true.update({name: value(true[name]) if callable(value) else value for name, value in claims.items()})
        return signed({name: value for name, value in true.items() if value is not None}, header)

    return forge


def unsigned(claims, header):
    return f"{encoded(header | {'alg': 'none'})}.{encoded(claims)}."


def symmetric(claims, header):
    said = f"{encoded(header | {'alg': 'HS256'})}.{encoded(claims)}"
    digest = hmac.digest(RSA.as_pem(private=False), said.encode(), "sha256")
    return f"{said}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


STRANGER = RSAKey.generate_key(2048, {"kid": "rsa-1"})

FORGED = {
    "another audience": change(aud="another-client", azp="another-client"),
    "another issuer": change(iss="http://127.0.0.1:1/realms/esante"),
    "another authorized party": change(aud=[oidc_provider.CLIENT, "another-client"], azp="another-client"),
    "several audiences, no authorized party": change(aud=[oidc_provider.CLIENT, "another-client"], azp=None),
    "no end": change(exp=None),
    "ended": change(exp=lambda exp: exp - 600),
    "an end that is no number": change(exp="9999999999"),
    "from another time": change(iat=lambda iat: iat - 3600),
    "from the future": change(iat=lambda iat: iat + 3600),
    "another nonce": change(nonce="x" * 43),
    "no nonce": change(nonce=None),
    "a weaker level": change(acr="eidas0"),
    "no level": change(acr=None),
    "no subject": change(sub=None),
    "no moment of proof": change(auth_time=None),
    "no signature": unsigned,
    "a symmetric signature by the public key": symmetric,
    "an unknown key": lambda claims, header: signed(claims, header | {"kid": "rsa-9"}),
    "the name of our key, the key of another": lambda claims, header: signed(claims, header, STRANGER),
    "a key inside the token": lambda claims, header: signed(
        claims, header | {"kid": "rsa-9", "jwk": STRANGER.as_dict(private=False)}, STRANGER
    ),
    "an elliptic algorithm with an RSA key's name": lambda claims, header: signed(
        claims, header | {"alg": "ES256", "kid": "rsa-1"}, ELLIPTIC
    ),
    "nothing like a token": lambda claims, header: "a.b.c",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_token_opens_nothing(client, provider, forge):
    provider.person = told_of(account())
    provider.forge = forge
    answer = sign_in(client)
    assert answer.status_code == 400
    assert "n’a pas confirmé" in answer.content.decode()
    assert not is_in(client)
    assert not OpenSession.objects.exists()
    assert AuditRow.objects.get(action="session.sign_in").outcome == "refused"


def test_another_subject_in_userinfo_opens_nothing(client, provider):
    user = account()
    provider.person = told_of(user)
    provider.userinfo = told_of(user, sub="f:0000:another")
    assert sign_in(client).status_code == 400
    assert not is_in(client)


def test_an_answer_serves_once_in_the_browser_that_asked(client, provider):
    provider.person = told_of(account())
    back = leave(client)
    assert Client().get(back).status_code == 400  # another browser: login CSRF
    assert client.get(back).status_code == 302
    client.post("/compte/deconnexion/")
    for thief in (client, Client()):
        assert thief.get(back).status_code == 400
        assert not is_in(thief)


def test_a_code_serves_once(client, provider):
    provider.person = told_of(account())
    first = leave(client)
    client.get(first)
    thief = Client()
    own = leave(thief)
    stolen = own.replace(parse_qs(urlsplit(own).query)["code"][0], parse_qs(urlsplit(first).query)["code"][0])
    assert thief.get(stolen).status_code == 400
    assert not is_in(thief)


def test_a_code_of_another_browser_does_not_pass_the_proof_key(client, provider):
    provider.person = told_of(account())
    victim, own = Client(), leave(client)
    code = parse_qs(urlsplit(leave(victim)).query)["code"][0]
    injected = own.replace(parse_qs(urlsplit(own).query)["code"][0], code)
    assert client.get(injected).status_code == 400
    assert not is_in(client)


def test_an_answer_that_waited_too_long_opens_nothing(client, provider, clock):
    provider.person = told_of(account())
    back = leave(client)
    clock.forward(minutes=11)
    assert client.get(back).status_code == 400
    assert not is_in(client)


def test_the_answer_of_another_issuer_opens_nothing(client, provider):
    provider.person = told_of(account())
    back = leave(client).partition("&iss=")[0] + "&iss=https%3A%2F%2Failleurs.example"
    assert client.get(back).status_code == 400
    assert not is_in(client)


def test_cancelling_over_there_leads_back(client, provider):
    provider.person = told_of(account())
    state = parse_qs(urlsplit(leave(client)).query)["state"][0]
    assert client.get(BACK, {"state": state, "error": "access_denied"})["Location"] == "/connexion/"


@pytest.mark.parametrize("identifier", ["899999999999", "0123456789", "", None, "8123", ["8"]])
def test_an_unknown_professional_gets_no_right_and_is_told_what_to_do(client, provider, identifier):
    provider.person = told_of(account(), SubjectNameID=identifier)
    before = (User.objects.count(), Professional.objects.count())
    answer = sign_in(client)
    assert answer.status_code == 403
    assert "Demandez à la personne qui administre les accès" in answer.content.decode()
    assert not is_in(client)
    assert (User.objects.count(), Professional.objects.count()) == before


def test_the_mail_address_of_somebody_else_opens_nothing(client, provider):
    victim = account()
    User.objects.filter(pk=victim.pk).update(email="victime@example.test")
    provider.person = told_of(
        account(), SubjectNameID="899999999999", email="victime@example.test", email_verified=True,
        preferred_username=victim.username,
    )  # fmt: skip
    assert sign_in(client).status_code == 403
    assert not is_in(client)
    assert User.objects.count() == 2


def test_a_closed_account_stays_closed(client, provider):
    user = account()
    User.objects.filter(pk=user.pk).update(is_active=False)
    provider.person = told_of(user)
    sign_in(client)
    assert not is_in(client)
    assert not OpenSession.objects.exists()


def test_the_declared_place_chooses_the_function(client, provider):
    user = account(Role.PHYSICIAN)
    here = organisation()
    there = open_function(user.professional_id, here.id, Role.COORDINATOR)
    provider.person = told_of(user, here.finess)
    sign_in(client)
    assert client.session["situation"] == str(there.id)
    client.post("/compte/deconnexion/")
    provider.person = told_of(user, "999999999")
    sign_in(client, next="/dossiers/")
    assert client.get("/dossiers/")["Location"].startswith("/compte/situation/")


def test_confirming_asks_the_provider_for_a_fresh_proof(client, provider, clock):
    user = account(Role.NURSE, second_factor=False)
    provider.person = told_of(user)
    sign_in(client)
    clock.forward(minutes=6)
    page = client.get("/compte/confirmer/", {"next": "/compte/sessions/"})
    assert "identifiez-vous à nouveau" in page.content.decode()
    provider.auth_time = int(time.time()) - 400
    assert sign_in(client, next="/compte/sessions/").status_code == 400
    asked = provider.calls("/auth")[-1]
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    provider.auth_time, before = None, client.cookies["sessionid"].value
    assert sign_in(client, next="/compte/sessions/")["Location"] == "/compte/sessions/"
    assert client.session["authenticated_at"] > time.time() - 5
    assert client.cookies["sessionid"].value != before


def test_an_old_proof_over_there_is_no_fresh_one_here(client, provider):
    provider.person = told_of(account())
    provider.auth_time = int(time.time()) - 3600
    sign_in(client)
    assert is_in(client)
    assert client.session["authenticated_at"] < time.time() - 3000


def test_the_session_ends_with_the_one_over_there(client, provider, clock):
    provider.person = told_of(account())
    sign_in(client)
    clock.forward(seconds=121)
    assert is_in(client)
    assert OpenSession.objects.get().provider_grant["refresh_token"] != "refresh"
    assert len([one for one in provider.calls("/token") if one["grant_type"] == "refresh_token"]) == 1
    provider.refreshes = False
    assert is_in(client)
    clock.forward(seconds=121)
    assert client.get("/").status_code == 302
    assert "session Pro Santé Connect est terminée" in client.get("/connexion/").content.decode()
    assert OpenSession.objects.get().ending == "provider_refused"
    assert not is_in(client)


def test_leaving_ends_the_session_over_there_without_a_token_in_an_address(client, provider):
    provider.person = told_of(account())
    sign_in(client)
    page = client.post("/compte/deconnexion/")
    assert f'action="{provider.issuer}/protocol/openid-connect/logout"' in page.content.decode()
    assert OpenSession.objects.get().ending == "left"
    assert not is_in(client)


def test_while_the_provider_is_down_open_sessions_live_on_and_local_accounts_work(client, provider, clock):
    provider.person = told_of(account())
    sign_in(client)
    provider.down = True
    clock.forward(seconds=121)
    assert is_in(client)
    lost = Client()
    provider.down = False
    back = leave(lost)
    provider.down = True
    answer = lost.get(back)
    assert answer.status_code == 503
    assert "Utilisez votre compte local" in answer.content.decode()
    user = account()
    lost.post("/connexion/", {"login": user.username, "password": PASSWORD})
    lost.post("/connexion/code/", {"code": present_code()})
    assert is_in(lost)


def test_attacking_the_local_account_leaves_the_provider_free(client, provider, settings):
    settings.AXES_ENABLED = True
    user = account()
    for _ in range(6):
        client.post("/connexion/", {"login": user.username, "password": "ce n’est pas la bonne phrase"})
    assert client.post("/connexion/", {"login": user.username, "password": PASSWORD}).status_code == 429
    provider.person = told_of(user)
    sign_in(client)
    assert is_in(client)


def test_keys_are_kept_and_asked_again_once_a_minute_at_most(provider, clock):
    provider.person = told_of(account())
    for _ in range(3):
        sign_in(Client())
    assert len(provider.calls("/certs")) == 1
    renewed = RSAKey.generate_key(2048, {"kid": "rsa-2", "use": "sig", "alg": "RS256"})
    provider.keys = [renewed]
    provider.forge = lambda claims, header: signed(claims, header | {"kid": "rsa-2"}, renewed)
    clock.forward(seconds=61)
    for _ in range(3):
        browser = Client()
        sign_in(browser)
        assert is_in(browser)
    assert len(provider.calls("/certs")) == 2
    provider.forge = lambda claims, header: signed(claims, header | {"kid": "rsa-9"})
    clock.forward(seconds=61)
    for _ in range(3):
        assert sign_in(Client()).status_code == 400
    assert len(provider.calls("/certs")) == 3
    clock.forward(seconds=3601)
    provider.forge = lambda claims, header: signed(claims, header | {"kid": "rsa-2"}, renewed)
    sign_in(Client())
    assert len(provider.calls("/certs")) == 4


def test_a_redirect_of_the_provider_is_not_followed(client, provider, monkeypatch):
    provider.person = told_of(account())
    back = leave(client)
    monkeypatch.setattr(provider, "answer_token", lambda values: (302, {}))
    assert client.get(back).status_code == 503
    assert not is_in(client)


def test_what_the_register_says_is_read_with_care():
    assert rpps_of("810001234567") == "10001234567"
    assert [rpps_of(one) for one in ("10001234567", "8１0001234567", None, 810001234567)] == ["", "", "", ""]
    assert declared_places({"SubjectRefPro": {"exercices": [{"activities": [{"numeroFinessSite": "750000001"}]}]}}) == {
        "750000001"
    }
    for odd in (
        {},
        {"SubjectRefPro": None},
        {"SubjectRefPro": {"exercices": "x"}},
        {"SubjectRefPro": {"exercices": [{}]}},
    ):
        assert declared_places(odd) == frozenset()


def test_a_browser_goes_there_and_back_over_real_http(provider, settings):
    user = account(Role.NURSE)
    provider.person = told_of(user)

    def visit(base: str) -> None:
        browser = Browser(base)
        browser.http = httpx.Client(base_url=base, follow_redirects=True, verify=trusted())
        browser.open("/connexion/")
        browser.submit(to="pro-sante-connect")
        assert browser.where == "/"
        browser.open("/compte/sessions/").must_say("Pro Santé Connect", "Cette session")
        browser.open("/compte/deconnexion/").submit()
        browser.must_say("Votre session est fermée ici")
        browser.submit(to="logout")
        assert browser.where == "/connexion/"
        browser.http.close()

    serve_while(visit, ready=lambda base: setattr(settings, "PUBLIC_URL", base))
    assert provider.calls("/logout")[0]["id_token_hint"].count(".") == 2
    assert OpenSession.objects.get(user=user).ending == "left"
