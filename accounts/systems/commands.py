"""Registering systems and giving them tokens."""

from django.db import IntegrityError, transaction

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.kernel.actor import Channel
from accounts.kernel.clock import now
from accounts.kernel.errors import NotFound
from accounts.systems.assertions import check_public_keys
from accounts.systems.models import AccessToken, FhirClient, UsedAssertion
from accounts.systems.records import Assertion, IssueToken, RegisterClient
from accounts.systems.rules import AssertionReplayed, ScopeRefused, check_lifetime, narrowed, parse_scope


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
