"""What one FHIR call leaves in the audit: one row for each person whose data left, one row when there is none.

Source: IHE BALP, one AuditEvent a request, and one a Patient when a search shows several.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from uuid import UUID

from accounts.audit.records import LONGEST_QUERY, AuditEntry, Outcome
from accounts.kernel.actor import Actor
from fhir_bridge.repository.catalogue import CATALOGUE, READ_ELSEWHERE, Kind
from fhir_bridge.repository.query import IN_ADDRESS

UNNAMED: Final = "fhir.call"
HIDDEN: Final = "…"
_SAFE_CONTROLS: Final = frozenset(
    {"_id", "_lastUpdated", "_count", "_sort", "_total", "_summary", "_include", "_revinclude", "_profile", "_format"}
)
_SAFE_KINDS: Final = frozenset({Kind.REFERENCE, Kind.DATE})
_UUID: Final = r"(?:[A-Z][A-Za-z]+/)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SAFE: Final = re.compile(
    rf"{_UUID}(?:,{_UUID})*|(?:eq|ne|gt|lt|ge|le|sa|eb|ap)?\d{{4}}(?:-\d\d){{0,2}}(?:T[\d:.]+(?:Z|[+-][\d:]+))?"
    r"|\d{1,3}|-?_lastUpdated|none|accurate|count|false|json|[A-Z][A-Za-z]+:[a-z-]+(?::[A-Z][A-Za-z]+)?|https?://[\w./-]+"
)


@dataclass(slots=True)
class Course:
    """One call on its way: who calls and what is run, as soon as each is known; `rule` is why it was refused.

    `is_traced`: its rows were written with what it read.
    """

    rtype: str
    fid: str
    actor: Actor | None = None
    code: str = ""
    rule: str = ""
    persons: frozenset[UUID] = field(default_factory=frozenset)
    query: str = ""
    is_traced: bool = False


def settled(course: Course, decisions: Sequence[AuditEntry], *, status: int) -> list[AuditEntry]:
    """Return the rows of a call from what was decided on its way and from the status it is answered with.

    Without a known caller the decisions stand as they are.
    """
    if course.actor is None or (status == HTTPStatus.TOO_MANY_REQUESTS):
        return list(decisions)
    outcome = _outcome(status)
    wanted = Outcome.ALLOWED if outcome == Outcome.ALLOWED else Outcome.DENIED
    told = [entry for entry in decisions if entry.outcome == wanted]
    persons: Sequence[UUID | None] = sorted(course.persons or {entry.person_id for entry in told if entry.person_id})
    rule = next((entry.rule for entry in reversed(told)), "") or course.rule or str(status)
    return [
        AuditEntry(
            actor=course.actor,
            action=f"fhir.{course.code}" if course.code else UNNAMED,
            object_type=course.rtype if course.code else "",
            object_id=_as_uuid(course.fid),
            person_id=person_id,
            outcome=outcome,
            rule=rule,
            query=course.query,
        )
        for person_id in persons or (None,)
    ]


def traced_query(rtype: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return a search as the audit may hold it: ids, dates and controls as they came, « … » for what could name a person."""
    params = {**CATALOGUE, **READ_ELSEWHERE}[rtype].params

    def shown(name: str, value: str) -> str:
        param = params.get(name)
        may = name in _SAFE_CONTROLS or (param is not None and param.kind in _SAFE_KINDS)
        return f"{name}={value if may and _SAFE.fullmatch(value) else HIDDEN}"

    asked = "&".join(shown(name, value) for name, value in pairs if name not in IN_ADDRESS)
    return f"{rtype}?{asked}"[:LONGEST_QUERY] if asked else rtype


def _outcome(status: int) -> Outcome:
    if status < HTTPStatus.BAD_REQUEST:
        return Outcome.ALLOWED
    hidden = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
    return Outcome.DENIED if status in hidden else Outcome.REFUSED


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
