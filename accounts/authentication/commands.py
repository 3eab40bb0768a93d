"""Opening accounts from the console."""

from allauth.mfa.models import Authenticator
from django.db.models import Q

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.authentication.models import User
from accounts.authentication.records import OpenAccount, ResetAccount
from accounts.authentication.rules import LoginTaken
from accounts.kernel.errors import NotFound
from accounts.organisations.functions import grant_held, open_functions
from accounts.organisations.models import Professional


@command(Permission.USER_ACCOUNT_OPEN_CONSOLE)
def open_account(record: OpenAccount, act: Act) -> Receipt:
    """Open a professional's account with one function; the second factor is set up at the first sign-in.

    A known RPPS number gives the account to that professional. Raises `LoginTaken`.
    """
    act.ask(Facts(type="user_account", organisation_id=record.organisation_id))
    who = Professional.objects.filter(rpps=record.rpps).first() if record.rpps else None
    if User.objects.filter(
        Q(username__iexact=record.username) | Q(professional=who, professional__isnull=False)
    ).exists():
        raise LoginTaken
    who = who or Professional.objects.create(rpps=record.rpps or None, family=record.family, given=record.given)
    open_functions([(who.id, record.organisation_id, record.role)])
    user = User.objects.create_user(record.username.lower(), record.password, professional=who)
    grant_held(who.id)
    return Receipt(type="user_account", id=user.id, version=1)


@command(Permission.USER_ACCOUNT_OPEN_CONSOLE)
def reset_account(record: ResetAccount, act: Act) -> Receipt:
    """Give an account a new password and no second factor: its sessions end, the next sign-in sets one up."""
    user = User.objects.select_for_update(of=("self",)).filter(username__iexact=record.username).first()
    act.ask(Facts(type="user_account", id=user.id if user else None))
    if user is None:
        raise NotFound
    Authenticator.objects.filter(user=user).delete()
    user.set_password(record.password)
    user.save(update_fields=["password"])
    return Receipt(type="user_account", id=user.id, version=1)
