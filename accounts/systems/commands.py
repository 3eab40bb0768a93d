"""The life of a system: registered by two persons, its keys changed, its scopes widened by two, closed; and its tokens."""

from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.kernel.actor import Channel
from accounts.kernel.clock import now
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.kernel.outbound import OutboundRefused, destination_of
from accounts.systems.assertions import check_public_keys
from accounts.systems.models import AccessToken, FetchedKeys, FhirClient, ScopeAsk, UsedAssertion
from accounts.systems.records import (
    AnswerAsk,
    AskScopes,
    Assertion,
    DisableClient,
    IssueToken,
    Keys,
    RegisterClient,
    RotateKeys,
)
from accounts.systems.rules import (
    AskAnswered,
    AskWaiting,
    AssertionReplayed,
    KeysAddressRefused,
    KeysRefused,
    check_lifetime,
    check_scopes,
    narrowed,
)
from accounts.systems.states import AskState


@command(Permission.FHIR_CLIENT_REGISTER_CONSOLE)
def register_client(record: RegisterClient, act: Act) -> Receipt:
    """Register a system of an organisation and open it; raises `KeysRefused` or `ScopeRefused`."""
    client = _new_client(record)
    act.ask(_facts(client))
    check_scopes(record.scopes)
    _set_keys(client, record.keys)
    client.scopes = list(record.scopes)
    client.save(force_insert=True)
    return _receipt(client)


@command(Permission.FHIR_CLIENT_PROPOSE)
def propose_client(record: RegisterClient, act: Act) -> Receipt:
    """Register a system that stays closed until a second person grants its scopes; raises as `register_client` does."""
    client = _new_client(record)
    act.ask(_facts(client))
    check_scopes(record.scopes)
    _set_keys(client, record.keys)
    client.is_active = False
    client.save(force_insert=True)
    _note_ask(client, record.scopes, act)
    return _receipt(client)


@command(Permission.FHIR_CLIENT_PROPOSE)
def ask_scopes(record: AskScopes, act: Act) -> Receipt:
    """Ask for other scopes of a system, or for a closed one to open again; raises `AskWaiting` while another waits."""
    client = _locked(record.client_id)
    act.ask(_facts(client))
    check_scopes(record.scopes)
    if client.asks.filter(state=AskState.PENDING).exists():
        raise AskWaiting
    _note_ask(client, record.scopes, act)
    return _receipt(client)


@command(Permission.FHIR_CLIENT_REGISTER)
def open_client(record: AnswerAsk, act: Act) -> Receipt:
    """Grant the first scopes of a system, which opens it; another person asked for them. Raises `AskAnswered`."""
    return _grant(record, act, is_first=True)


@command(Permission.FHIR_CLIENT_WIDEN_SCOPE)
def widen_scopes(record: AnswerAsk, act: Act) -> Receipt:
    """Grant the scopes that another person asked for; a closed system is open again. Raises `AskAnswered`."""
    return _grant(record, act, is_first=False)


@command(Permission.FHIR_CLIENT_PROPOSE)
def refuse_ask(record: AnswerAsk, act: Act) -> Receipt:
    """Refuse a request for scopes, or take one's own back; raises `AskAnswered`."""
    ask = _locked_ask(record)
    act.ask(_facts(ask.client))
    _answer(ask, AskState.REFUSED, act)
    return _receipt(ask.client)


@command(Permission.FHIR_CLIENT_ROTATE_KEY)
def rotate_keys(record: RotateKeys, act: Act) -> Receipt:
    """Put new public keys in the place of a system's present ones; what the old ones gave ends with them.

    The system itself asks with an assertion signed by its present key. Raises `KeysRefused`, `AssertionReplayed`.
    """
    client = _locked(record.client_id)
    act.ask(_facts(client, signed_with_own_key=record.assertion is not None))
    if record.assertion:
        _use_up(client, record.assertion)
    _set_keys(client, record.keys)
    client.save(update_fields=["jwks", "jwks_url"])
    FetchedKeys.objects.filter(client=client).delete()
    AccessToken.objects.filter(client=client).delete()
    return _receipt(client)


@command(Permission.FHIR_CLIENT_DISABLE)
def disable_client(record: DisableClient, act: Act) -> Receipt:
    """Close a system: its next request is refused, whatever token it holds."""
    client = _locked(record.client_id)
    act.ask(_facts(client))
    client.is_active = False
    client.save(update_fields=["is_active"])
    AccessToken.objects.filter(client=client).delete()
    return _receipt(client)


@command(Permission.FHIR_CLIENT_ISSUE_TOKEN)
def issue_token(record: IssueToken, act: Act) -> Receipt:
    """Keep a token's digest for a system; the assertion that paid for it is used up. Raises `AssertionReplayed`."""
    client = _locked(record.client_id)
    if not client.is_active:
        raise NotFound
    act.ask(_facts(client))
    check_lifetime(record.lifetime, from_console=act.by.channel == Channel.CONSOLE)
    if record.assertion:
        _use_up(client, record.assertion)
    AccessToken.objects.create(
        digest=record.digest,
        client=client,
        scopes=list(narrowed(record.scopes, client.scopes)),
        certificate=record.certificate,
        expires_at=now() + record.lifetime,
    )
    return _receipt(client)


def _new_client(record: RegisterClient) -> FhirClient:
    return FhirClient(
        name=record.name, organisation_id=record.organisation_id, needs_certificate=record.needs_certificate
    )


def _set_keys(client: FhirClient, keys: Keys) -> None:
    """Take keys by value or by address, one of the two; an address must be one that this service may call."""
    if bool(keys.jwks) == bool(keys.url):
        raise KeysRefused
    if keys.url:
        try:
            destination_of(keys.url)
        except OutboundRefused as error:
            raise KeysAddressRefused from error
    else:
        check_public_keys(keys.jwks)
    client.jwks, client.jwks_url = dict(keys.jwks), keys.url


def _note_ask(client: FhirClient, scopes: tuple[str, ...], act: Act) -> None:
    if act.by.id is None:
        raise NotAllowed
    ScopeAsk.objects.create(
        client=client, scopes=list(scopes), asked_by=act.by.id, asked_by_name=act.by.display_name[:120]
    )


def _grant(record: AnswerAsk, act: Act, *, is_first: bool) -> Receipt:
    ask = _locked_ask(record)
    client = ask.client
    act.ask(_facts(client, ask=ask))
    if is_first == bool(client.scopes):
        raise NotFound
    _answer(ask, AskState.GRANTED, act)
    client.scopes, client.is_active = list(ask.scopes), True
    client.save(update_fields=["scopes", "is_active"])
    return _receipt(client)


def _answer(ask: ScopeAsk, state: AskState, act: Act) -> None:
    if ask.state != AskState.PENDING:
        raise AskAnswered
    ask.state, ask.answered_by, ask.answered_at = state, act.by.id, now()
    ask.save(update_fields=["state", "answered_by", "answered_at"])


def _locked_ask(record: AnswerAsk) -> ScopeAsk:
    found = ScopeAsk.objects.filter(pk=record.ask_id).first()
    if found is None:
        raise NotFound
    client = _locked(found.client_id)
    found.refresh_from_db()
    found.client = client
    return found


def _locked(client_id: UUID) -> FhirClient:
    client = FhirClient.objects.select_for_update(of=("self",)).filter(pk=client_id).first()
    if client is None:
        raise NotFound
    return client


def _use_up(client: FhirClient, assertion: Assertion) -> None:
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(client_id=client.id, jti=assertion.jti, expires_at=assertion.expires_at)
    except IntegrityError as error:
        raise AssertionReplayed from error


def _facts(client: FhirClient, *, ask: ScopeAsk | None = None, signed_with_own_key: bool = False) -> Facts:
    return Facts(
        type="fhir_client",
        id=client.id,
        organisation_id=client.organisation_id,
        asked_by=ask.asked_by if ask else None,
        signed_with_own_key=signed_with_own_key,
    )


def _receipt(client: FhirClient) -> Receipt:
    return Receipt(type="fhir_client", id=client.id, version=1)
