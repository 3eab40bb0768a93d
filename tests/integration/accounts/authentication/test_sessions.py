"""The sessions of an account: one at a time, seen and ended by their owner."""

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from accounts.audit.models import AuditRow
from accounts.authentication.models import OpenSession, User
from accounts.authentication.open_sessions import device_of
from accounts.authentication.states import Way
from accounts.authentication.tasks import alert_of_local_sign_ins, purge_sessions
from accounts.kernel.actor import Role
from accounts.organisations.models import Professional
from tests.factories import emergencies, people
from tests.factories.accounts import PASSWORD, account, present_code

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def entered(user: User, *, later: int = 0, device: str = FIREFOX) -> Client:
    """A browser whose sign-in is complete; the codes of one account are taken in order."""
    client = Client(headers={"User-Agent": device})
    client.post("/connexion/", {"login": user.username, "password": PASSWORD})
    client.post("/connexion/code/", {"code": present_code(later=later)})
    return client


def is_in(client: Client) -> bool:
    return client.get("/compte/sessions/").status_code == 200


def test_a_second_sign_in_ends_the_first_and_says_so():
    user = account()
    first = entered(user, later=-1)
    assert is_in(first)
    second = entered(user)
    assert is_in(second)
    assert first.get("/")["Location"].startswith("/connexion/")
    page = first.get("/connexion/").content.decode()
    assert "votre compte vient de se connecter ailleurs" in page
    assert "vient de se connecter ailleurs" not in first.get("/connexion/").content.decode()
    assert sorted(OpenSession.objects.values_list("ending", flat=True)) == ["", "replaced"]


def test_two_sessions_live_side_by_side_when_asked_for_and_no_third():
    user = account()
    User.objects.filter(pk=user.pk).update(sessions_allowed=2)
    browsers = [entered(user, later=later) for later in (-1, 0, 1)]
    assert [is_in(browser) for browser in browsers] == [False, True, True]


def test_a_session_of_somebody_else_is_never_ended():
    first, second = entered(account()), entered(account())
    first.post("/compte/sessions/")
    foreign = OpenSession.objects.get(key=second.session.session_key)
    first.post("/compte/sessions/", {"session": str(foreign.id)})
    assert is_in(second)


def test_one_sees_where_the_account_is_open_and_ends_the_others():
    user = account()
    User.objects.filter(pk=user.pk).update(sessions_allowed=2)
    lost, own = entered(user, later=-1), entered(user, device="curl/8")
    page = own.get("/compte/sessions/").content.decode()
    assert "Firefox, Windows" in page
    assert "Autre navigateur" in page
    assert "127.0.0.1" in page
    mine = OpenSession.objects.get(key=own.session.session_key)
    for refused in (str(mine.id), "x", "00000000-0000-0000-0000-000000000000"):
        own.post("/compte/sessions/", {"session": refused})
        assert is_in(own)
        assert is_in(lost)
    other = OpenSession.objects.exclude(pk=mine.pk).get()
    assert own.post("/compte/sessions/", {"session": str(other.id)})["Location"] == "/compte/sessions/"
    assert not is_in(lost)

    assert AuditRow.objects.filter(action="session.end").count() == 1


def test_ending_all_the_others_keeps_one_s_own():
    user = account()
    User.objects.filter(pk=user.pk).update(sessions_allowed=2)
    lost, own = entered(user, later=-1), entered(user)
    own.post("/compte/sessions/")
    assert (is_in(own), is_in(lost)) == (True, False)


def test_a_new_password_ends_every_other_session_at_once():
    user = account()
    User.objects.filter(pk=user.pk).update(sessions_allowed=2)
    lost, own = entered(user, later=-1), entered(user)
    better = "une autre phrase bien plus longue"
    own.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": better, "password2": better})
    assert (is_in(own), is_in(lost)) == (True, False)


def test_after_a_new_password_the_session_is_still_the_one_that_can_be_ended(clock):
    user = account()
    own = entered(user, later=-1)
    better = "une autre phrase bien plus longue"
    own.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": better, "password2": better})
    clock.forward(minutes=2)
    assert is_in(own)
    assert OpenSession.objects.get().key == own.session.session_key
    Client().post("/connexion/", {"login": user.username, "password": better})
    other = Client()
    other.post("/connexion/", {"login": user.username, "password": better})
    other.post("/connexion/code/", {"code": present_code()})
    assert not is_in(own)


def test_the_list_shows_the_last_use(clock):
    client = entered(account())
    before = OpenSession.objects.get().seen_at
    clock.forward(minutes=3)
    client.get("/")
    assert OpenSession.objects.get().seen_at > before


def test_old_sessions_are_forgotten(clock):
    entered(account())
    clock.forward(hours=25)
    purge_sessions()
    assert not OpenSession.objects.exists()
    assert not Session.objects.exists()


def test_a_sign_in_without_pro_sante_connect_at_an_emergency_post_is_told_once(settings):
    service = emergencies.service()
    officer = people.actor(Role.PRIVACY_OFFICER, service)
    Professional.objects.filter(pk=officer.professional_id).update(email="referent@samu.example")
    dispatcher, nurse = account(Role.EMERGENCY_DISPATCHER, at=service), account(Role.NURSE)
    for number, (user, way) in enumerate(((dispatcher, Way.LOCAL), (dispatcher, Way.PROSANTE), (nurse, Way.LOCAL))):
        OpenSession.objects.create(user=user, key=f"clé-{number}", way=way, device="", address="")
    assert alert_of_local_sign_ins() == 0
    assert not mail.outbox
    settings.PSC_ISSUER = "https://psc.example"
    assert alert_of_local_sign_ins() == 1
    assert alert_of_local_sign_ins() == 0
    (message,) = mail.outbox
    assert message.to == ["referent@samu.example"]
    assert "sans Pro Santé Connect" in message.body


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("", "Autre navigateur"),
        ("<script>alert(1)</script>" * 40, "Autre navigateur"),
    ],
)  # fmt: skip
def test_a_device_is_called_by_a_name_that_one_knows(agent, device):
    assert device_of(agent) == device
