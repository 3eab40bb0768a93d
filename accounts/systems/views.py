"""The token endpoint of SMART Backend Services and what it says of itself."""

import secrets
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts.access.doors import public
from accounts.access.permissions import Permission
from accounts.audit.journal import write_alone
from accounts.audit.records import AuditEntry, Outcome
from accounts.kernel.actor import Actor, Channel, Role
from accounts.kernel.clock import now
from accounts.kernel.errors import DomainError
from accounts.systems.assertions import ALGORITHMS, claimed_client, verify_assertion
from accounts.systems.bearer import token_digest
from accounts.systems.commands import issue_token
from accounts.systems.queries import active_client
from accounts.systems.records import Assertion, ClientSnapshot, IssueToken
from accounts.systems.rules import TOKEN_LIFETIME, AssertionRefused, ScopeRefused, narrowed

GRANT = "client_credentials"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_BYTES = 32
FIELDS = ("grant_type", "scope", "client_assertion_type", "client_assertion")


class RequestUnclear(DomainError):
    """A token request lacks a field, repeats one, or asks for another kind of grant."""

    code = "token-request-unclear"
    text = "La demande de jeton est incomplète."
    status = 400


OAUTH_ERRORS: dict[type[DomainError], str] = {
    AssertionRefused: "invalid_client",
    ScopeRefused: "invalid_scope",
    RequestUnclear: "invalid_request",
}


def token_url() -> str:
    """Return the address of the token endpoint, which is also the audience of client assertions."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("oauth_token")


@public("tells systems how to sign in, without data")
@require_GET
def smart_configuration(request: HttpRequest) -> HttpResponse:
    """Answer what SMART calls the configuration; always JSON."""
    return JsonResponse(
        {
            "token_endpoint": token_url(),
            "grant_types_supported": [GRANT],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
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
    client = active_client(claimed_client(request.POST.get("client_assertion", "")))
    try:
        answer = _answer_to(request, client)
    except DomainError as refusal:
        _audit(request, refusal, client.id if client else None)
        return _refused(refusal)
    return _unkept(JsonResponse(answer))


def _answer_to(request: HttpRequest, client: ClientSnapshot | None) -> dict[str, Any]:
    fields = _fields(request)
    if client is None:
        raise AssertionRefused
    assertion = verify_assertion(
        fields["client_assertion"], client_id=client.id, jwks=client.jwks, audience=token_url(), at=now()
    )
    scopes = narrowed(fields["scope"].split(), client.scopes)
    bearer = secrets.token_urlsafe(TOKEN_BYTES)
    issue_token(_token_for(client, bearer, scopes, assertion), by=_actor(request, client))
    return {
        "access_token": bearer,
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LIFETIME.total_seconds()),
        "scope": " ".join(scopes),
    }


def _fields(request: HttpRequest) -> dict[str, str]:
    if any(len(request.POST.getlist(name)) > 1 for name in FIELDS):
        raise RequestUnclear
    fields = {name: request.POST.get(name, "") for name in FIELDS}
    if fields["grant_type"] != GRANT or fields["client_assertion_type"] != ASSERTION_TYPE:
        raise RequestUnclear
    if not fields["client_assertion"] or not fields["scope"].strip():
        raise RequestUnclear
    return fields


def _token_for(client: ClientSnapshot, bearer: str, scopes: tuple[str, ...], assertion: Assertion) -> IssueToken:
    return IssueToken(
        client_id=client.id,
        digest=token_digest(bearer),
        scopes=scopes,
        lifetime=TOKEN_LIFETIME,
        assertion=assertion,
    )


def _actor(request: HttpRequest, client: ClientSnapshot) -> Actor:
    return Actor(
        role=Role.FHIR_CLIENT,
        channel=Channel.FHIR,
        id=client.id,
        organisation_id=client.organisation_id,
        display_name=client.name,
        ip=request.META.get("REMOTE_ADDR", ""),
    )


def _audit(request: HttpRequest, refusal: DomainError, client_id: UUID | None) -> None:
    stranger = Actor(role=Role.ANONYMOUS, channel=Channel.FHIR, ip=request.META.get("REMOTE_ADDR", ""))
    entry = AuditEntry(
        actor=stranger,
        action=Permission.FHIR_CLIENT_ISSUE_TOKEN,
        object_type="fhir_client",
        object_id=client_id,
        outcome=Outcome.REFUSED,
        rule=refusal.code,
    )
    write_alone([entry])


def _refused(refusal: DomainError) -> HttpResponse:
    error = next((word for kind, word in OAUTH_ERRORS.items() if isinstance(refusal, kind)), "invalid_request")
    return _unkept(JsonResponse({"error": error, "error_description": refusal.message}, status=refusal.status))


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response
