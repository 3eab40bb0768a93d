"""Accounts of the demonstration: passwords and second factors made from a secret of this installation, never from the code."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from accounts.authentication.hashers import QuickArgon2Hasher
from accounts.authentication.models import User
from accounts.authentication.passwords import grouped
from accounts.authentication.second_factor import held_by
from accounts.authentication.sessions import situations_of
from accounts.kernel.keys import read_or_make_secret
from accounts.organisations.functions import grant_held
from accounts.organisations.models import Professional

SECRET_FILE = "demo.key"  # noqa: S105 (a file name)


def ensure_demo_accounts(professionals: Mapping[str, Professional]) -> None:
    """Give each professional, by username, an account that can sign in; accounts that exist stay as they are.

    Raises `ImproperlyConfigured` with production settings.
    """
    _refuse_production()
    for username, professional in professionals.items():
        if not User.objects.filter(username=username).exists():
            _open_account(username, professional)


def demo_logins() -> list[dict[str, Any]]:
    """Return every demo login: role, organisation, username, password, TOTP secret, name.

    Somebody with several functions has one line each.
    """
    _refuse_production()
    users = User.objects.filter(is_demo=True, is_active=True).select_related("professional").order_by("username")
    return [
        {
            "role": situation.role,
            "organisation": situation.organisation_name,
            "finess": situation.finess,
            "username": user.username,
            "password": password_of(user.username),
            "totp_secret": totp_secret_of(user.username),
            "name": situation.professional_name,
        }
        for user in users
        for situation in situations_of(user)
    ]


def password_of(username: str) -> str:
    """Return the demo password of a login: five groups of four letters or digits."""
    return grouped(_derive("password", username))


def totp_secret_of(username: str) -> str:
    """Return the demo TOTP secret of a login, in base32."""
    return base64.b32encode(_derive("totp", username)[:20]).decode()


@transaction.atomic
def _open_account(username: str, professional: Professional) -> None:
    user = User.objects.create(
        username=username,
        password=_hashed(password_of(username)),
        professional=professional,
        email=professional.email,
        is_demo=True,
    )
    grant_held(professional.pk)
    with held_by(user):
        secret = get_adapter().encrypt(totp_secret_of(username))
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": secret})


def _hashed(password: str) -> str:
    """Return the hash of a demo password: a light one where argon2 is in use, so that 150 accounts take a second."""
    usual, quick = get_hasher(), QuickArgon2Hasher()
    hasher = quick if usual.algorithm == quick.algorithm else usual
    return hasher.encode(password, hasher.salt())


def _derive(purpose: str, username: str) -> bytes:
    secret = read_or_make_secret(str(settings.MASTER_KEY_FILE.with_name(SECRET_FILE)))
    return hmac.new(secret.encode(), f"{purpose}|{username}".encode(), hashlib.sha256).digest()


def _refuse_production() -> None:
    if settings.ENVIRONMENT == "production":
        raise ImproperlyConfigured("Demo accounts do not exist with production settings.")
