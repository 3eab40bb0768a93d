"""The door of every FHIR interaction: who calls, with which scope, for what; and how each refusal is answered.

The decisions are written to the audit before the answer leaves, or the answer does not leave.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.access.doors import Door, guard
from accounts.access.gate import Trail, open_trail
from accounts.access.rules import scope_grants
from accounts.audit.journal import write_alone
from accounts.audit.records import AuditEntry, Outcome
from accounts.kernel.actor import Actor, Channel, Role
from accounts.kernel.database import told_as
from accounts.kernel.errors import DomainError
from accounts.kernel.ids import new_id
from accounts.kernel.limits import Limit, count
from accounts.kernel.wall import seeing_as
from accounts.systems.bearer import actor_from_bearer
from fhir_bridge.r4 import outcomes
from fhir_bridge.r4.datatypes import Json
from fhir_bridge.r4.gate import serialise
from fhir_bridge.r4.outcomes import FhirError
from fhir_bridge.r4.systems import FHIR_JSON
from fhir_bridge.rest.negotiation import check_accept
from fhir_bridge.rest.trace import Course, settled

log = logging.getLogger(__name__)
CONTENT_TYPE: Final = f"{FHIR_JSON}; charset=utf-8"
SYSTEM_LEVEL: Final = ""
"""The type of an interaction on the whole server, such as a transaction."""


def base_url() -> str:
    """Return the address of this FHIR server, without a slash at the end."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/fhir"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One interaction about to run: its actor already carries the scope it needs."""

    request: HttpRequest
    actor: Actor
    rtype: str = SYSTEM_LEVEL
    fid: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back; for the audit, `persons` are those whose data it holds and `query` what was searched for."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = CONTENT_TYPE
    persons: frozenset[UUID] = frozenset()
    query: str = ""


Run = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One interaction: its FHIR code, the SMART letter it needs, the types it serves, and where its right is asked."""

    code: str
    letter: str
    types: frozenset[str]
    policy: str
    run: Run
    any_format: bool = False


interactions: list[Interaction] = []


def interaction(
    code: str, *, letter: str, types: Iterable[str], policy: str, any_format: bool = False
) -> Callable[[Run], Interaction]:
    """Register an interaction; `policy` says where the right on the object itself is asked."""

    def wrap(run: Run) -> Interaction:
        made = Interaction(
            code=code, letter=letter, types=frozenset(types), policy=policy, run=run, any_format=any_format
        )
        interactions.append(made)
        return made

    return wrap


def route(methods: Mapping[str, Interaction | tuple[Interaction, ...]]) -> Any:
    """Return the view of one address: by method, the interactions that may answer, told apart by their types."""
    table = {
        method: offered if isinstance(offered, tuple) else (offered,)
        for method, offered in {**methods, **({"HEAD": methods["GET"]} if "GET" in methods else {})}.items()
    }

    def view(request: HttpRequest, rtype: str = SYSTEM_LEVEL, fid: str = "", version: str = "") -> HttpResponse:
        course = Course(rtype, fid)
        with open_trail(reading=request.method in ("GET", "HEAD")) as trail:
            try:
                answer = _run(request, trail, table, course, version)
            except _Refused as refused:
                answer, course.rule = refused.answer, refused.rule
            try:
                if not course.is_traced:
                    write_alone(settled(course, trail.take(), status=answer.status))
            except DomainError as refusal:
                answer = answer_of(refusal)
        return _respond(answer, course.actor)

    return csrf_exempt(guard(view, Door(None, "each method carries the policy of its interaction")))


def answer_of(refusal: Exception) -> Answer:
    """Return the OperationOutcome of a refusal; anything unexpected is a 500 that says nothing."""
    if isinstance(refusal, FhirError):
        return outcome_answer(refusal.status, refusal.outcome)
    if isinstance(refusal, DomainError):
        headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
        return outcome_answer(refusal.status, outcomes.outcome(issue_of(refusal)), **headers)
    log.error("fhir interaction failed", extra={"error": type(refusal).__name__}, exc_info=refusal)
    fault = outcomes.issue(
        "exception", "An unexpected fault: read what became of it before asking again.", severity="fatal"
    )
    return outcome_answer(500, outcomes.outcome(fault))


def issue_of(refusal: DomainError) -> Json:
    """Return a refusal of the domain as an issue: French for people in `details`, its code in `diagnostics`."""
    made = outcomes.issue(refusal.issue, f"Refused by the rule {refusal.code}.")
    return {**made, "details": {"text": refusal.message}}


def outcome_answer(status: int, outcome: Json, **headers: str) -> Answer:
    """Return an answer that holds an OperationOutcome."""
    return Answer(status=status, body=serialise(outcome), headers=headers)


class _Refused(Exception):
    """An interaction that was not done, with its answer; `rule` says why in the audit."""

    def __init__(self, answer: Answer, *, rule: str = "") -> None:
        super().__init__()
        self.answer = answer
        self.rule = rule


Table = Mapping[str, tuple[Interaction, ...]]


def _run(request: HttpRequest, trail: Trail, table: Table, course: Course, version: str) -> Answer:
    try:
        course.actor = _caller(request, trail)
        chosen = _chosen(table, request.method or "", course.rtype)
        course.code = chosen.code
        if not chosen.any_format:
            check_accept(request)
        course.actor = _with_scope(course.actor, chosen, course.rtype, trail)
        reading = request.method in ("GET", "HEAD")
        with seeing_as(course.actor, reading=reading):
            answer = chosen.run(
                Call(request=request, actor=course.actor, rtype=course.rtype, fid=course.fid, version=version)
            )
            course.persons, course.query = answer.persons, answer.query
            if reading:
                write_alone(settled(course, trail.take(), status=answer.status), with_reading=True)
        course.is_traced = reading
    except _Refused:
        raise
    except Exception as fault:  # noqa: BLE001 (whatever happens, the answer is an OperationOutcome without content)
        refusal = told_as(fault, method=request.method)
        rule = refusal.code if isinstance(refusal, FhirError | DomainError) else "fault"
        raise _Refused(answer_of(refusal), rule=rule) from None
    return answer


def _caller(request: HttpRequest, trail: Trail) -> Actor:
    actor = actor_from_bearer(request)
    if actor is None:
        unknown = Actor(role=Role.ANONYMOUS, channel=Channel.FHIR, ip=request.META.get("REMOTE_ADDR", ""))
        _check_rate("fhir-unknown", unknown.ip, unknown, trail)
        trail.note(AuditEntry(actor=unknown, action="fhir.call", outcome=Outcome.DENIED, rule="no-valid-token"))
        refusal = outcomes.unauthenticated()
        challenge = 'Bearer realm="fhir"'
        if request.headers.get("Authorization"):
            challenge += ', error="invalid_token"'
        raise _Refused(outcome_answer(refusal.status, refusal.outcome, **{"WWW-Authenticate": challenge}))
    _check_rate("fhir", str(actor.id), actor, trail)
    return actor


def _check_rate(name: str, key: str, actor: Actor, trail: Trail) -> None:
    """Refuse with 429 what comes too often; of a flood, the first refusal of a minute is audited."""
    wait = count(Limit(name, settings.FHIR_REQUESTS_PER_MINUTE), key)
    if wait is None:
        return
    if wait.is_first:
        trail.note(AuditEntry(actor=actor, action="fhir.call", outcome=Outcome.REFUSED, rule="too-many-requests"))
    refusal = outcomes.throttled()
    headers = {"Retry-After": str(wait.seconds)}
    raise _Refused(outcome_answer(refusal.status, refusal.outcome, **headers))


def _chosen(table: Table, method: str, rtype: str) -> Interaction:
    if not any(rtype in one.types for one in interactions):
        raise outcomes.not_found("This resource type is not served here.")
    for offered in table.get(method, ()):
        if rtype in offered.types:
            return offered
    allowed = sorted(name for name, offered in table.items() if any(rtype in one.types for one in offered))
    refusal = outcomes.method_not_allowed()
    raise _Refused(outcome_answer(refusal.status, refusal.outcome, Allow=", ".join(allowed)), rule="method")


def _with_scope(actor: Actor, chosen: Interaction, rtype: str, trail: Trail) -> Actor:
    if rtype == SYSTEM_LEVEL:
        return actor  # each entry of a transaction is asked for by itself
    asking = actor.for_interaction(f"{rtype}.{chosen.letter}")
    if not scope_grants(asking.scopes, asking.interaction):
        action = f"fhir.{chosen.code}"
        trail.note(AuditEntry(actor=asking, action=action, object_type=rtype, outcome=Outcome.DENIED, rule="scope"))
        refusal = outcomes.forbidden()
        challenge = f'Bearer realm="fhir", error="insufficient_scope", scope="system/{asking.interaction}"'
        raise _Refused(outcome_answer(refusal.status, refusal.outcome, **{"WWW-Authenticate": challenge}))
    return asking


def _respond(answer: Answer, actor: Actor | None) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
    for name, value in answer.headers.items():
        response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Request-Id"] = str(actor.correlation_id if actor else new_id())
    return response


@register("doors")
def check_interactions(**_options: Any) -> list[CheckMessage]:
    """Report each interaction that says no policy as an error of `manage.py check`."""
    return [
        Error(f"No policy: interaction {one.code}", id="fhir.E001")
        for one in interactions
        if not one.policy or not one.letter
    ]
