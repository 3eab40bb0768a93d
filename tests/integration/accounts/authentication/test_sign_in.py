"""Signing in with both factors, and everything that must not be enough."""

from datetime import timedelta
from urllib.parse import unquote, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.urls import path

from accounts.access.doors import screen
from accounts.access.permissions import Permission
from accounts.audit.models import AuditRow
from accounts.authentication.models import OpenSession, User
from accounts.authentication.second_factor import held_by
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.organisations.functions import open_function
from accounts.organisations.models import Membership
from pathway import urls as project
from tests.factories.accounts import PASSWORD, account, present_code
from tests.factories.people import organisation

pytestmark = pytest.mark.django_db


@screen(Permission.USER_ACCOUNT_OPEN_OWN_DESK)
def probe(request):
    return HttpResponse(f"{request.actor.role} {request.actor.organisation_id}")


urlpatterns = [path("essai/", probe, name="probe"), *project.urlpatterns]
handler400, handler403, handler404, handler500 = (
    project.handler400,
    project.handler403,
    project.handler404,
    project.handler500,
)


@pytest.fixture(autouse=True)
def _routes(settings):
    settings.ROOT_URLCONF = __name__


def give_password(client: Client, user: User, password: str = PASSWORD, **fields: str):
    return client.post("/connexion/", {"login": user.username, "password": password, **fields})


def sign_in(client: Client, user: User, **fields: str):
    give_password(client, user, **fields)
    return client.post("/connexion/code/", {"code": present_code()})


def test_password_then_code_open_the_desk(client):
    user = account(Role.NURSE)
    answer = give_password(client, user, next="/essai/")
    assert answer["Location"] == "/connexion/code/"
    assert client.get("/essai/").status_code == 302
    assert "Votre code" in client.get("/connexion/code/").content.decode()
    answer = client.post("/connexion/code/", {"code": present_code()})
    assert answer["Location"] == "/essai/"
    assert client.get("/essai/").content.decode().startswith("infirmier")


def test_the_session_key_changes_at_sign_in(client):
    client.get("/connexion/")
    session = client.session
    session["x"] = 1
    session.save()
    before = client.cookies["sessionid"].value if "sessionid" in client.cookies else session.session_key
    sign_in(client, account())
    assert client.cookies["sessionid"].value != before


@pytest.mark.parametrize("username", ["right", "unknown"])
def test_a_wrong_password_tells_nothing(client, username):
    user = account()
    if username == "unknown":
        user.username = "personne-inconnue"
    answer = give_password(client, user, "ce n’est pas la bonne phrase")
    assert answer.status_code == 200
    assert "ne correspond pas" in answer.content.decode()
    assert client.get("/essai/").status_code == 302
    assert AuditRow.objects.get(action="session.sign_in").outcome == "refused"


def test_a_wrong_code_does_not_open(client):
    give_password(client, account())
    answer = client.post("/connexion/code/", {"code": "000000" if present_code() != "000000" else "111111"})
    assert "Ce code n’est pas le bon" in answer.content.decode()
    assert client.get("/essai/").status_code == 302


def test_a_code_counts_once_even_in_its_tolerance(client, clock):
    user = account()
    code = present_code(later=1)
    give_password(client, user)
    assert client.post("/connexion/code/", {"code": code}).status_code == 302
    other = Client()
    for seconds in (0, 31):
        clock.forward(seconds=seconds)
        give_password(other, user)
        assert "il a déjà servi" in other.post("/connexion/code/", {"code": code}).content.decode()


def test_a_recovery_code_replaces_the_application_once(client):
    user = account()
    with held_by(user):
        codes = RecoveryCodes.activate(user).get_unused_codes()
    assert len(codes) == 10
    give_password(client, user)
    assert client.post("/connexion/code/", {"code": codes[0]}).status_code == 302
    again = Client()
    give_password(again, user)
    assert again.post("/connexion/code/", {"code": codes[0]}).status_code == 200
    stored = str(Authenticator.objects.get(user=user, type="recovery_codes").data)
    assert not any(code in stored for code in codes)


def test_the_secret_of_the_application_is_sealed():
    user = account()
    assert "JBSWY3DP" not in str(Authenticator.objects.get(user=user).data)


def test_without_second_factor_only_enrolment_is_open(client):
    user = account(second_factor=False)
    give_password(client, user, next="/essai/")
    for route in (
        "/essai/",
        "/compte/securite/",
        "/compte/mot-de-passe/",
        "/compte/situation/",
        "/compte/securite/codes/",
    ):
        assert client.get(route)["Location"] == "/compte/securite/application/"
    assert client.get("/health/live").status_code == 200
    page = client.get("/compte/securite/application/")
    secret = page.context["form"].secret
    assert "data:image/svg+xml;base64," in page.content.decode()
    assert secret in page.content.decode()
    wrong = client.post("/compte/securite/application/", {"code": "abcdef"})
    assert wrong.status_code == 200
    assert client.get("/essai/").status_code == 302
    answer = client.post("/compte/securite/application/", {"code": present_code(secret)})
    assert answer["Location"] == "/compte/securite/codes/"
    shown = client.get("/compte/securite/codes/").content.decode()
    assert shown.count("<code>") == 10
    assert client.get("/compte/securite/codes/").content.decode().count("<code>") == 0
    assert client.get("/essai/").status_code == 200


def test_changing_the_application_closes_the_desk_until_the_next_one(client, clock):
    user = account()
    sign_in(client, user)
    clock.forward(minutes=6)
    asked = client.get("/compte/securite/changer/")
    assert asked["Location"].startswith("/compte/confirmer/")
    client.post("/compte/confirmer/code/", {"code": present_code()})
    assert client.post("/compte/securite/changer/").status_code == 302
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get("/essai/")["Location"] == "/compte/securite/application/"


def test_stepping_up_refreshes_and_comes_back(client, clock):
    user = account()
    sign_in(client, user)
    clock.forward(minutes=6)
    first = actor_seen(client)
    answer = client.get("/compte/confirmer/?next=/essai/")
    assert answer["Location"] == "/compte/confirmer/code/?next=%2Fessai%2F"
    assert client.get(answer["Location"]).status_code == 200
    wrong = client.post(answer["Location"], {"code": "abcdef", "next": "/essai/"})
    assert wrong.status_code == 200
    assert actor_seen(client) == first
    back = client.post(answer["Location"], {"code": present_code(), "next": "/essai/"})
    assert back["Location"] == "/essai/"
    assert actor_seen(client) > first
    assert AuditRow.objects.filter(action="session.confirm").count() == 1


def test_stepping_up_changes_the_key_of_the_session(client):
    """Whoever learnt the key before the confirmation does not rise with it; the list of open sessions follows."""
    user = account()
    give_password(client, user)
    client.post("/connexion/code/", {"code": present_code(later=-1)})
    before = client.cookies["sessionid"].value
    client.post("/compte/confirmer/code/", {"code": present_code()})
    after = client.cookies["sessionid"].value
    assert after != before
    assert client.get("/essai/").status_code == 200
    assert list(OpenSession.objects.filter(user=user, ended_at=None).values_list("key", flat=True)) == [after]
    thief = Client()
    thief.cookies["sessionid"] = before
    assert thief.get("/essai/").status_code == 302


def actor_seen(client):
    return client.session["authenticated_at"]


ELSEWHERE = [
    "https://ailleurs.example/",
    "HTTPS://ailleurs.example/",
    "//ailleurs.example/",
    "///ailleurs.example/",
    "////ailleurs.example/",
    "//ailleurs.example/%2f..",
    "/\\ailleurs.example",
    "\\\\ailleurs.example",
    "/\\/ailleurs.example",
    "\\/ailleurs.example",
    "http:ailleurs.example",
    "http:/ailleurs.example",
    "http:\\\\ailleurs.example",
    "https:///ailleurs.example",
    "https:ailleurs.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,x",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://ailleurs.example/",
    "https://testserver@ailleurs.example/",
    "https://testserver:x@ailleurs.example/",
    "https://testserver.ailleurs.example/",
    "https://ailleurs.example/testserver",
    "https://testserver/compte/sessions/",
    "http://localhost/compte/sessions/",
    "http://127.0.0.1:9/",
    " //ailleurs.example",
    "\t//ailleurs.example",
    "/\t/ailleurs.example",
    "/\n/ailleurs.example",
    "/\r\n/ailleurs.example",
    "?next=//ailleurs.example",
    "ailleurs.example",
    "//[::1]/",
    "//ailleurs。example/",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_elsewhere(client, target):
    user = account()
    give_password(client, user, next=target)
    answers = [client.post("/connexion/code/", {"code": present_code()})]
    answers.append(client.get("/compte/confirmer/", {"next": target}))
    answers.append(client.post("/compte/situation/", {"situation": str(Membership.objects.get().id), "next": target}))
    answers.append(client.post("/compte/confirmer/code/", {"code": present_code(later=1), "next": target}))
    answers.append(client.get("/connexion/", {"next": target}))
    answers.append(client.post("/compte/deconnexion/", {"next": target}))
    for answer in answers:
        assert answer.status_code == 302
        assert answer["Location"].startswith("/")
        assert not answer["Location"].startswith(("//", "/\\"))
        assert "ailleurs" not in unquote(answer["Location"]).partition("?")[0]
        assert not urlsplit(answer["Location"]).netloc


def test_leaving_removes_the_session(client):
    sign_in(client, account())
    key = client.session.session_key
    assert client.get("/compte/deconnexion/").status_code == 200
    assert client.post("/compte/deconnexion/")["Location"] == "/connexion/"
    assert not Session.objects.filter(session_key=key).exists()
    assert client.get("/essai/").status_code == 302
    assert AuditRow.objects.filter(action="session.sign_out").count() == 1


def test_a_session_ends_when_nobody_uses_it(client, clock):
    sign_in(client, account())
    clock.forward(minutes=19)
    assert client.get("/essai/").status_code == 200
    clock.forward(minutes=19)
    assert client.get("/essai/").status_code == 200
    clock.forward(minutes=21)
    assert client.get("/essai/").status_code == 302
    assert "Votre session s’est fermée" in client.get("/connexion/").content.decode()


def test_saying_that_one_is_still_there_keeps_the_session(client, clock):
    sign_in(client, account())
    page = client.get("/").content.decode()
    assert 'data-seconds="1200"' in page
    for _ in range(3):
        clock.forward(minutes=19)
        assert client.post("/compte/presence/").status_code == 204
    clock.forward(minutes=21)
    assert client.post("/compte/presence/").status_code == 401
    assert client.get("/compte/presence/").status_code == 405


def test_a_post_of_emergency_dispatch_closes_after_ten_minutes(client, clock):
    sign_in(client, account(Role.EMERGENCY_DISPATCHER))
    assert 'data-seconds="600"' in client.get("/").content.decode()
    clock.forward(minutes=9)
    assert client.get("/essai/").status_code == 200
    clock.forward(minutes=11)
    assert client.get("/essai/").status_code == 302


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(client, clock):
    sign_in(client, account())
    for _ in range(4):
        clock.forward(minutes=6)
        last = client.get("/essai/", headers={"HX-Request": "true"})
    assert last.status_code == 302


def test_a_session_ends_after_ten_hours_whatever_happens(client, clock):
    sign_in(client, account())
    for _ in range(39):
        clock.forward(minutes=15)
        last = client.get("/essai/")
    assert last.status_code == 200
    clock.forward(minutes=16)
    assert client.get("/essai/").status_code == 302


def test_too_many_wrong_answers_lock_the_account_for_that_address(client, settings):
    settings.AXES_ENABLED = True
    user, neighbour = account(), account()
    for _ in range(5):
        answer = give_password(client, user, "ce n’est pas la bonne phrase")
    assert answer.status_code == 429
    assert "Merci de patienter" in answer.content.decode()
    assert give_password(client, user).status_code == 429
    user.username = user.username.upper()
    assert give_password(client, user).status_code == 429
    assert give_password(client, neighbour).status_code == 302
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert give_password(elsewhere, user).status_code == 302


def test_wrong_codes_lock_too(client, settings):
    settings.AXES_ENABLED = True
    user = account()
    give_password(client, user)
    for _ in range(5):
        answer = client.post("/connexion/code/", {"code": "abcdef"})
    assert answer.status_code == 429
    assert client.post("/connexion/code/", {"code": present_code()}).status_code == 429
    assert client.get("/essai/").status_code == 302


def test_what_was_typed_is_kept_nowhere(client, settings):
    settings.AXES_ENABLED = True
    user = account()
    give_password(client, user, "une phrase secrète mal tapée")
    give_password(client, user)
    client.post("/connexion/code/", {"code": "987123"})
    kept = str([list(model.objects.values()) for model in (AccessAttempt, AccessFailureLog, AccessLog)])
    assert "secr" not in kept
    assert "987123" not in kept


def test_one_chooses_for_whom_one_works(client):
    user = account(Role.PHYSICIAN)
    second = open_function(user.professional_id, organisation().id, Role.COORDINATOR)
    first = Membership.objects.exclude(pk=second.pk).get(professional=user.professional)
    stranger = account()
    sign_in(client, user)
    asked = client.get("/essai/")
    assert asked["Location"] == "/compte/situation/?next=%2Fessai%2F"
    assert "J’interviens pour…" in client.get(asked["Location"]).content.decode()
    foreign = Membership.objects.get(professional=stranger.professional)
    for wrong in (foreign.id, "x", ""):
        assert client.post("/compte/situation/", {"situation": str(wrong)}).status_code == 404
    chosen = client.post("/compte/situation/", {"situation": str(second.id), "next": "/essai/"})
    assert chosen["Location"] == "/essai/"
    assert client.get("/essai/").content.decode() == f"gestionnaire_dac {second.organisation_id}"
    client.post("/compte/situation/", {"situation": str(first.id)})
    assert client.get("/essai/").content.decode() == f"medecin {first.organisation_id}"


def test_an_ended_function_acts_on_the_next_request(client):
    user = account(Role.NURSE)
    sign_in(client, user)
    assert client.get("/essai/").status_code == 200
    yesterday = today() - timedelta(days=1)
    Membership.objects.filter(professional=user.professional).update(starts_on=yesterday, ends_on=yesterday)
    answer = client.get("/essai/")
    assert answer.status_code == 403
    assert "aucune organisation" in answer.content.decode()


def test_a_closed_account_stops_at_once(client):
    user = account()
    sign_in(client, user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/essai/").status_code == 302
    assert give_password(Client(), user).status_code == 302
    assert Client().get("/compte/inactif/").status_code == 200


def test_the_password_can_be_changed(client):
    user = account()
    sign_in(client, user)
    assert client.get("/compte/securite/").status_code == 200
    assert client.get("/compte/mot-de-passe/").status_code == 200
    fields = {"oldpassword": PASSWORD, "password1": "trop court", "password2": "trop court"}
    assert client.post("/compte/mot-de-passe/", fields).status_code == 200
    better = "une autre phrase bien plus longue"
    answer = client.post("/compte/mot-de-passe/", {**fields, "password1": better, "password2": better})
    assert answer["Location"] == "/compte/securite/"
    user.refresh_from_db()
    assert user.check_password(better)


@pytest.mark.parametrize(
    "route",
    [
        "signup/",
        "email/",
        "password/reset/",
        "password/set/",
        "2fa/",
        "login/",
        "logout/",
        "confirm-email/",
        "3rdparty/",
    ],
)
def test_what_allauth_offers_beside_is_not_served(client, route):
    assert client.get(f"/compte/{route}").status_code == 404


def test_the_side_shows_what_the_role_may_open(client):
    user = account(Role.NURSE)
    sign_in(client, user)
    request = client.get("/essai/").wsgi_request
    side = render_to_string("layout/base.html", request=request)
    assert "Infirmier, infirmière" in side
    assert "Système" not in side
    assert "J’interviens pour" not in side


def test_one_address_cannot_try_every_account(client):
    for _ in range(60):
        assert client.get("/connexion/").status_code == 200
    for number in range(60):
        client.post("/connexion/", {"login": f"inconnu{number}", "password": ""})
    answer = client.post("/connexion/", {"login": "inconnu", "password": ""})
    assert answer.status_code == 429
    assert "Merci de patienter" in answer.content.decode()
