"""Demo accounts and the console's verification."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.audit.models import ChainHead
from accounts.authentication.demo import ensure_demo_accounts, password_of, totp_secret_of
from accounts.authentication.models import User
from accounts.kernel.actor import Role
from accounts.organisations.models import Membership, Professional
from tests.factories.accounts import present_code
from tests.factories.people import actor, organisation, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _key(settings, tmp_path):
    key = tmp_path / "master.key"
    key.write_text(settings.MASTER_KEY_FILE.read_text())
    settings.MASTER_KEY_FILE = key


def professional() -> Professional:
    who = Professional.objects.create(family="Exemple", given="Camille", title="Dr")
    Membership.objects.create(professional=who, organisation=organisation(), role=Role.PHYSICIAN)
    return who


def test_a_demo_login_really_signs_in(capsys):
    ensure_demo_accounts({"camille.exemple": professional()})
    call_command("demo_accounts")
    (login,) = json.loads(capsys.readouterr().out)
    assert (login["role"], login["name"]) == ("medecin", "Dr Camille Exemple")
    client = Client()
    answer = client.post("/connexion/", {"login": login["username"], "password": login["password"]})
    assert answer["Location"] == "/connexion/code/"
    answer = client.post("/connexion/code/", {"code": present_code(login["totp_secret"])})
    assert answer["Location"] == "/"


def test_a_second_start_changes_nothing():
    who = professional()
    ensure_demo_accounts({"camille.exemple": who})
    before = User.objects.get(username="camille.exemple").password
    ensure_demo_accounts({"camille.exemple": who})
    assert User.objects.get(username="camille.exemple").password == before


def test_secrets_come_from_this_installation_only(settings, tmp_path):
    password, secret = password_of("camille"), totp_secret_of("camille")
    assert len(password) >= 15
    assert password != password_of("autre")
    (tmp_path / "elsewhere").mkdir()
    settings.MASTER_KEY_FILE = tmp_path / "elsewhere" / "master.key"
    assert password_of("camille") != password
    assert totp_secret_of("camille") != secret
    assert (tmp_path / "elsewhere" / "demo.key").stat().st_mode & 0o077 == 0


def test_production_has_no_demo_account(settings):
    settings.ENVIRONMENT = "production"
    with pytest.raises(ImproperlyConfigured):
        ensure_demo_accounts({"camille.exemple": professional()})
    with pytest.raises(CommandError):
        call_command("demo_accounts")


def test_the_audit_is_verified_from_the_console(capsys):
    nurse = actor(Role.NURSE)
    person(nurse)
    call_command("audit_verify")
    assert capsys.readouterr().out.startswith("The audit holds: ")
    ChainHead.objects.filter(chain=str(nurse.organisation_id)).update(number=0)
    with pytest.raises(CommandError, match=f"{nurse.organisation_id} #"):
        call_command("audit_verify")
