"""Signing in with both factors, and everything that must not be enough."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from accounts.access.doors import screen
from accounts.access.permissions import Permission
from accounts.authentication.models import User
from accounts.kernel.actor import Role
from pathway import urls as project
from tests.factories.accounts import PASSWORD, account, present_code

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
