"""Opening accounts from the console, registering systems and giving them tokens."""

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.authentication.assertions import check_public_keys
from accounts.authentication.models import AccessToken, FhirClient, UsedAssertion, User
from accounts.authentication.records import Assertion, IssueToken, OpenAccount, RegisterClient, ResetAccount
from accounts.authentication.rules import (
    AssertionReplayed,
    LoginTaken,
    ScopeRefused,
    check_lifetime,
    narrowed,
    parse_scope,
)
from accounts.kernel.actor import Channel
from accounts.kernel.clock import now
from accounts.kernel.errors import NotFound
from accounts.organisations.models import Membership, Professional


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
    Membership.objects.get_or_create(
        professional=who, organisation_id=record.organisation_id, role=record.role, ends_on=None
    )
    user = User.objects.create_user(record.username.lower(), record.password, professional=who)
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


@command(Permission.FHIR_CLIENT_REGISTER_CONSOLE)
def register_client(record: RegisterClient, act: Act) -> Receipt:
    """Register a system of an organisation with its public keys; raises `KeysRefused` or `ScopeRefused`."""
    client = FhirClient(name=record.name, organisation_id=record.organisation_id, jwks=dict(record.jwks))
    act.ask(_facts(client))
    check_public_keys(record.jwks)
    if not record.scopes:
        raise ScopeRefused
    for scope in record.scopes:
        parse_scope(scope)
    client.scopes = list(record.scopes)
    client.save(force_insert=True)
    return _receipt(client)


@command(Permission.FHIR_CLIENT_ISSUE_TOKEN)
def issue_token(record: IssueToken, act: Act) -> Receipt:
    """Keep a token's digest for a system; the assertion that paid for it is used up. Raises `AssertionReplayed`."""
    client = FhirClient.objects.select_for_update(of=("self",)).filter(pk=record.client_id, is_active=True).first()
    if client is None:
        raise NotFound
    act.ask(_facts(client))
    check_lifetime(record.lifetime, from_console=act.by.channel == Channel.CONSOLE)
    if record.assertion:
        _use_up(client, record.assertion)
    AccessToken.objects.create(
        digest=record.digest,
        client=client,
        scopes=list(narrowed(record.scopes, client.scopes)),
        expires_at=now() + record.lifetime,
    )
    return _receipt(client)


def _use_up(client: FhirClient, assertion: Assertion) -> None:
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(client_id=client.id, jti=assertion.jti, expires_at=assertion.expires_at)
    except IntegrityError as error:
        raise AssertionReplayed from error


def _facts(client: FhirClient) -> Facts:
    return Facts(type="fhir_client", id=client.id, organisation_id=client.organisation_id)


def _receipt(client: FhirClient) -> Receipt:
    return Receipt(type="fhir_client", id=client.id, version=1)
