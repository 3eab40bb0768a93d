"""Opening and resetting accounts from the console."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.audit.models import AuditRow
from accounts.authentication.commands import open_account
from accounts.authentication.models import User
from accounts.authentication.records import OpenAccount
from accounts.kernel.actor import Role
from accounts.kernel.errors import NotAllowed
from accounts.organisations.models import Membership, Professional
from tests.factories.accounts import PASSWORD, account, present_code
from tests.factories.people import actor, organisation

pytestmark = pytest.mark.django_db


def open_for(username, at, **options):
    call_command(
        "open_account", username, family="Neuve", organisation=at.finess, role="infirmier", **{"rpps": "", **options}
    )


def test_a_new_account_signs_in_and_must_enrol(capsys):
    at = organisation()
    open_for("Neuve.Nour", at)
    password = capsys.readouterr().out.strip()
    assert len(password) >= 15
    client = Client()
    client.post("/connexion/", {"login": "neuve.nour", "password": password})
    assert client.get("/compte/securite/")["Location"] == "/compte/securite/application/"
    user = User.objects.get(username="neuve.nour")
    assert Membership.objects.get(professional=user.professional).organisation_id == at.id
    assert AuditRow.objects.filter(action="user_account.open_console", outcome="allowed").count() == 1


def test_a_known_professional_keeps_his_record(capsys):
    who = Professional.objects.create(rpps="80000000001", family="Connue")
    open_for("connue", organisation(), rpps="80000000001")
    assert User.objects.get(username="connue").professional_id == who.id


def test_a_login_or_a_professional_has_one_account(capsys):
    at = organisation()
    open_for("neuve", at, rpps="80000000002")
    with pytest.raises(CommandError, match="déjà un compte"):
        open_for("NEUVE", at)
    with pytest.raises(CommandError, match="déjà un compte"):
        open_for("autre", at, rpps="80000000002")
    with pytest.raises(CommandError, match="FINESS"):
        call_command("open_account", "x", family="X", organisation="000000000", role="infirmier")


def test_a_reset_ends_sessions_and_takes_the_second_factor_away(client, capsys):
    user = account()
    client.post("/connexion/", {"login": user.username, "password": PASSWORD})
    client.post("/connexion/code/", {"code": present_code()})
    assert client.get("/compte/securite/").status_code == 200
    call_command("reset_account", user.username)
    password = capsys.readouterr().out.strip()
    assert client.get("/compte/securite/")["Location"].startswith("/connexion/")
    assert not Authenticator.objects.filter(user=user).exists()
    again = Client()
    again.post("/connexion/", {"login": user.username, "password": password})
    assert again.get("/")["Location"] == "/compte/securite/application/"


def test_an_unknown_account_is_not_reset():
    with pytest.raises(CommandError):
        call_command("reset_account", "personne")


@pytest.mark.parametrize("role", [Role.TECHNICAL_ADMIN, Role.RIGHTS_MANAGER, Role.NURSE])
def test_nobody_opens_an_account_from_the_web_this_way(role):
    by = actor(role)
    record = OpenAccount(
        username="x", password=PASSWORD, organisation_id=by.organisation_id, role=Role.PHYSICIAN, family="X"
    )
    with pytest.raises(NotAllowed):
        open_account(record, by=by)
    assert not User.objects.exists()
