"""What systems talk to: the token endpoint of SMART Backend Services, its neighbours, and what they say of themselves.

Source: SMART App Launch 2.2.0; RFC 6749 §5; RFC 7523; RFC 7662; RFC 8705.
"""

import secrets
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts.access.doors import public
from accounts.access.permissions import Permission
from accounts.audit.journal import write_alone
from accounts.audit.records import AuditEntry, Outcome
from accounts.kernel.actor import Actor, Channel, Role
from accounts.kernel.clock import now
from accounts.kernel.errors import DomainError, NotFound
from accounts.kernel.limits import Limit, Wait, count
from accounts.systems.assertions import ALGORITHMS, claimed_client, claimed_key, verify_assertion
from accounts.systems.bearer import actor_from_bearer, live_token, token_digest
from accounts.systems.certificates import presented_certificate
from accounts.systems.commands import issue_token, rotate_keys
from accounts.systems.keys import keys_of
from accounts.systems.models import AccessToken
from accounts.systems.queries import active_client
from accounts.systems.records import Assertion, ClientSnapshot, IssueToken, Keys, RotateKeys
from accounts.systems.rules import TOKEN_LIFETIME, AssertionRefused, KeysRefused, ScopeRefused, narrowed

GRANT: Final = "client_credentials"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM: Final = "application/x-www-form-urlencoded"
TOKEN_BYTES: Final = 32
MOST_BYTES: Final = 64 * 1024
MOST_FIELDS: Final = 20
CLIENTS_BEHIND_ONE_ADDRESS: Final = 4
INTROSPECTION: Final = "token.introspect"


class RequestUnclear(DomainError):
    """A request lacks a field, repeats one, or cannot be read."""

    code = "token-request-unclear"
    text = "La demande est incomplète."
    status = 400


class GrantRefused(RequestUnclear):
    """Another kind of grant than the one that is offered."""

    code = "token-grant-refused"


class TooMany(DomainError):
    """More requests than the limit of a minute."""

    code = "token-requests-limited"
    text = "Trop de demandes. Réessayez dans une minute."
    status = 429


SAID: Final[tuple[tuple[type[DomainError], str, str], ...]] = (
    (AssertionRefused, "invalid_client", "The client assertion does not hold."),
    (ScopeRefused, "invalid_scope", "None of a requested scope is open to this client, or it cannot be read."),
    (KeysRefused, "invalid_request", "The key set must hold named public keys, EC P-384 or RSA of 2048 bits or more."),
    (GrantRefused, "unsupported_grant_type", "Only client_credentials is offered."),
    (NotFound, "invalid_client", "The client assertion does not hold."),
    (TooMany, "temporarily_unavailable", "Too many requests: see Retry-After."),
    (RequestUnclear, "invalid_request", "A field is missing, repeated or unreadable."),
)
"""What a refusal is in OAuth's words, in the characters that RFC 6749 §5.2 allows."""


def token_url() -> str:
    """Return the address of the token endpoint, which is also the audience of client assertions."""
    return _address("systems:token")


@public("tells systems how to sign in, without data")
@require_GET
def smart_configuration(request: HttpRequest) -> HttpResponse:
    """Answer what SMART calls the configuration; always JSON."""
    return JsonResponse(
        {
            "token_endpoint": token_url(),
            "introspection_endpoint": _address("systems:introspect"),
            "grant_types_supported": [GRANT],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
            "tls_client_certificate_bound_access_tokens": bool(settings.CLIENT_CERTIFICATE_HEADER),
            "scopes_supported": ["system/*.cruds"],
            "code_challenge_methods_supported": ["S256"],
            "capabilities": ["client-confidential-asymmetric", "permission-v2"],
        }
    )


@csrf_exempt
@public("systems prove who they are by a signed assertion; each refusal is audited")
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Give a system a token for five minutes, or say in OAuth's words why not."""
    return _answered(request, Permission.FHIR_CLIENT_ISSUE_TOKEN, _new_token)


@csrf_exempt
@public("systems prove who they are by an assertion signed with their present key; each refusal is audited")
@require_POST
def keys(request: HttpRequest) -> HttpResponse:
    """Put new public keys (`jwks`) in the place of a system's present ones, which signed the assertion."""
    return _answered(request, Permission.FHIR_CLIENT_ROTATE_KEY, _new_keys)


@csrf_exempt
@public("a system asks about its own tokens, with one of them; each answer is audited")
@require_POST
def introspect(request: HttpRequest) -> HttpResponse:
    """Tell a system what one of its own tokens is worth; any other one is not active."""
    try:
        return _unkept(_told_of_token(request))
    except DomainError as refusal:  # the row of the answer could not be written: it does not leave
        return _refused(refusal)


def _told_of_token(request: HttpRequest) -> HttpResponse:
    try:
        _check_rate("introspect", _ip(request), settings.TOKEN_REQUESTS_PER_MINUTE * CLIENTS_BEHIND_ONE_ADDRESS)
    except _Limited as limited:
        if limited.wait.is_first:
            _audit_asking(request, None, TooMany.code, outcome=Outcome.REFUSED)
        return _refused(TooMany(), retry_after=limited.wait.seconds)
    asking = actor_from_bearer(request)
    if asking is None:
        _audit_asking(request, None, "no-valid-token")
        answer = JsonResponse({"error": "invalid_token"}, status=401)
        answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return answer
    try:
        asked = live_token(_fields(request).get("token", ""))
    except RequestUnclear as refusal:
        _audit_asking(request, asking, refusal.code, outcome=Outcome.REFUSED)
        return _refused(refusal)
    if asked is None or asked.client_id != asking.id:
        rule = "token-of-another" if asked else "token-not-active"
        _audit_asking(request, asking, rule, client_id=asked.client_id if asked else None)
        return JsonResponse({"active": False})
    _audit_asking(request, asking, "own-token", outcome=Outcome.ALLOWED, client_id=asked.client_id)
    return JsonResponse(_worth(asked))


def _worth(asked: AccessToken) -> dict[str, Any]:
    told: dict[str, Any] = {
        "active": True,
        "scope": " ".join(sorted(asked.scopes)),
        "client_id": str(asked.client_id),
        "sub": str(asked.client_id),
        "iss": settings.PUBLIC_URL,
        "aud": f"{settings.PUBLIC_URL.rstrip('/')}/fhir",
        "token_type": "Bearer",
        "iat": int(asked.issued_at.timestamp()),
        "exp": int(asked.expires_at.timestamp()),
    }
    if asked.certificate:
        told["cnf"] = {"x5t#S256": asked.certificate}
    return told


def _answered(request: HttpRequest, permission: Permission, give: Any) -> HttpResponse:
    """Answer a request that a signed assertion pays for."""
    client: ClientSnapshot | None = None
    try:
        _check_rate("address", _ip(request), settings.TOKEN_REQUESTS_PER_MINUTE * CLIENTS_BEHIND_ONE_ADDRESS)
        fields = _fields(request)
        client = active_client(claimed_client(fields.get("client_assertion", "")))
        if client:
            _check_rate("client", f"{client.id}|{_ip(request)}", settings.TOKEN_REQUESTS_PER_MINUTE)
        return _unkept(give(request, client, fields))
    except _Limited as limited:
        if limited.wait.is_first:
            _audit(request, permission, TooMany.code, client)
        return _refused(TooMany(), retry_after=limited.wait.seconds)
    except DomainError as refusal:
        _audit(request, permission, refusal.code, client)
        return _refused(refusal)


class _Limited(Exception):
    """A request over a limit."""

    def __init__(self, wait: Wait) -> None:
        super().__init__()
        self.wait = wait


def _check_rate(name: str, key: str, most: int) -> None:
    wait = count(Limit(f"token-{name}", most), key)
    if wait:
        raise _Limited(wait)


def _fields(request: HttpRequest) -> dict[str, str]:
    """Return the fields of a posted form, each at most once. Raises `RequestUnclear`."""
    if (request.content_type or "").lower() != FORM:
        raise RequestUnclear
    try:
        body = request.read(MOST_BYTES + 1)
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except (ValueError, UnreadablePostError) as error:
        raise RequestUnclear from error
    if len(body) > MOST_BYTES or len({name for name, _ in pairs}) != len(pairs):
        raise RequestUnclear
    return dict(pairs)


def _new_token(request: HttpRequest, client: ClientSnapshot | None, fields: dict[str, str]) -> HttpResponse:
    if not fields.get("grant_type"):
        raise RequestUnclear
    if fields["grant_type"] != GRANT:
        raise GrantRefused
    if not fields.get("scope", "").strip():
        raise RequestUnclear
    client, assertion = _proven(client, fields)
    certificate = presented_certificate(request)
    if client.needs_certificate and not certificate:
        raise AssertionRefused
    scopes = narrowed(fields["scope"].split(), client.scopes)
    bearer = secrets.token_urlsafe(TOKEN_BYTES)
    record = IssueToken(
        client_id=client.id,
        digest=token_digest(bearer),
        scopes=scopes,
        lifetime=TOKEN_LIFETIME,
        assertion=assertion,
        certificate=certificate,
    )
    issue_token(record, by=_actor(request, client))
    return JsonResponse(
        {
            "access_token": bearer,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFETIME.total_seconds()),
            "scope": " ".join(scopes),
        }
    )


def _new_keys(request: HttpRequest, client: ClientSnapshot | None, fields: dict[str, str]) -> HttpResponse:
    client, assertion = _proven(client, fields)
    try:
        jwks = orjson.loads(fields.get("jwks", ""))
    except ValueError as error:
        raise KeysRefused from error
    record = RotateKeys(client_id=client.id, keys=Keys(jwks=jwks), assertion=assertion)
    rotate_keys(record, by=_actor(request, client))
    return HttpResponse(status=204)


def _proven(client: ClientSnapshot | None, fields: dict[str, str]) -> tuple[ClientSnapshot, Assertion]:
    if fields.get("client_assertion_type") != ASSERTION_TYPE or not fields.get("client_assertion"):
        raise RequestUnclear
    told = fields["client_assertion"]
    if client is None or fields.get("client_id", str(client.id)) != str(client.id):
        raise AssertionRefused
    assertion = verify_assertion(
        told,
        client_id=client.id,
        jwks=keys_of(client, kid=claimed_key(told)),
        jwks_url=client.keys.url,
        audience=token_url(),
        at=now(),
    )
    return client, assertion


def _actor(request: HttpRequest, client: ClientSnapshot) -> Actor:
    return Actor(
        role=Role.FHIR_CLIENT,
        channel=Channel.FHIR,
        id=client.id,
        organisation_id=client.organisation_id,
        display_name=client.name,
        ip=_ip(request),
    )


def _audit(request: HttpRequest, permission: Permission, rule: str, client: ClientSnapshot | None) -> None:
    _write(_unknown(request), permission, rule, outcome=Outcome.REFUSED, client_id=client.id if client else None)


def _audit_asking(
    request: HttpRequest,
    asking: Actor | None,
    rule: str,
    *,
    outcome: Outcome = Outcome.DENIED,
    client_id: UUID | None = None,
) -> None:
    _write(asking or _unknown(request), INTROSPECTION, rule, outcome=outcome, client_id=client_id)


def _write(actor: Actor, action: str, rule: str, *, outcome: Outcome, client_id: UUID | None) -> None:
    entry = AuditEntry(
        actor=actor, action=action, object_type="fhir_client", object_id=client_id, outcome=outcome, rule=rule
    )
    write_alone([entry])


def _unknown(request: HttpRequest) -> Actor:
    return Actor(role=Role.ANONYMOUS, channel=Channel.FHIR, ip=_ip(request))


def _refused(refusal: DomainError, *, retry_after: int = 0) -> HttpResponse:
    said = next((told for told in SAID if isinstance(refusal, told[0])), None)
    _, error, description = said or (DomainError, "temporarily_unavailable", "Nothing was done: try again later.")
    status = {"invalid_client": 401, "temporarily_unavailable": refusal.status}.get(error, 400)
    answer = _unkept(JsonResponse({"error": error, "error_description": description}, status=status))
    if retry_after:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response


def _ip(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _address(route: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse(route)
