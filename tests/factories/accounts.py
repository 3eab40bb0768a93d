"""Accounts that really sign in: a known password, a known second factor."""

from itertools import count

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator

from accounts.authentication.models import User
from accounts.authentication.rules import STEP_SECONDS, code_of
from accounts.authentication.second_factor import held_by
from accounts.kernel.actor import Role
from accounts.kernel.clock import now
from accounts.organisations.functions import open_function
from accounts.organisations.models import Organisation, Professional
from tests.factories.people import organisation

PASSWORD = "une longue phrase de passe inventée"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_numbers = count(1)


def account(role: Role = Role.COORDINATOR, *, at: Organisation | None = None, second_factor: bool = True) -> User:
    """Return the account of a new professional with one function."""
    number = next(_numbers)
    who = Professional.objects.create(rpps=f"7{number:010d}", family=f"Compte{number}", given="Test")
    user = User.objects.create_user(f"compte{number}", PASSWORD, professional=who)
    open_function(who.id, (at or organisation()).id, role)
    if second_factor:
        with held_by(user):
            secret = get_adapter().encrypt(SECRET)
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": secret})
    return user


def present_code(secret: str = SECRET, *, later: int = 0) -> str:
    """Return the code that the application shows now, or `later` steps from now."""
    return code_of(secret, int(now().timestamp()) // STEP_SECONDS + later)
