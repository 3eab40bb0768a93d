"""A row of the audit as an AuditEvent, in the form of IHE BALP or in the French one (TDE).

A BALP form names its profile only for what succeeded: the profiles are for that. The TDE
form has two agents at most. Source: IHE BALP 1.1.3; interop_fr.md §4.4; fhir_r4.md A9.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from accounts.audit.records import Outcome
from accounts.kernel.actor import Channel, Role
from accounts.trails.records import Trace
from accounts.trails.rules import is_reading
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, identifier, instant, narrative, reference
from fhir_bridge.r4.systems import (
    AUDIT_ENTITY_TYPE,
    AUDIT_EVENT_TYPE,
    BALP,
    BALP_ENTITY_TYPE,
    DICOM,
    EXTRA_SECURITY_ROLE,
    LIFECYCLE_EVENT,
    OBJECT_ROLE,
    RESOURCE_TYPES,
    RESTFUL_INTERACTION,
    SECURITY_SOURCE_TYPE,
    TDE_AUDIT_EVENT,
    URI,
    V3_ACT_REASON,
    V3_PARTICIPATION_TYPE,
    V3_ROLE_CLASS,
)

SOURCE, DESTINATION = coding(DICOM, "110153", "Source Role ID"), coding(DICOM, "110152", "Destination Role ID")
REST: Final = "fhir."


class Form(StrEnum):
    """In which national or international form an event is told."""

    BALP = "balp"
    TDE = "tde"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One BALP pattern: its name, the action, and whether the data flows to the client."""

    name: str
    action: str
    to_client: bool = False


PATTERNS: Final[Mapping[str, Pattern]] = {
    "read": Pattern("Read", "R", to_client=True),
    "vread": Pattern("Read", "R", to_client=True),
    "history-instance": Pattern("Read", "R", to_client=True),
    "create": Pattern("Create", "C"),
    "update": Pattern("Update", "U"),
    "delete": Pattern("Delete", "D"),
    "search-type": Pattern("Query", "E"),
    "transaction": Pattern("", "E"),
}
ALERT = coding(DICOM, "110113", "Security Alert")
EXPORT = coding(DICOM, "110106", "Export")
AUTHENTICATION = coding(DICOM, "110114", "User Authentication")
RECORD = coding(DICOM, "110110", "Patient Record")
SYSTEM = coding(DICOM, "110100", "Application Activity")
DISCLOSE = coding(LIFECYCLE_EVENT, "disclose", "Disclose Record Lifecycle Event")
OUTCOMES: Final = {Outcome.ALLOWED: "0", Outcome.DENIED: "4", Outcome.REFUSED: "4"}


def to_resource(trace: Trace, *, form: Form, base_url: str) -> Json:
    """Return the AuditEvent of one row; its id tells the form. `base_url` is the address of this server."""
    pattern = _pattern(trace)
    kind, subtypes = _kind(trace)
    consent = _is_consent_decision(trace)
    return compact(
        resourceType="AuditEvent",
        id=resource_id(trace, form),
        meta=_profile(trace, pattern, form),
        text=narrative("Accès tracé", _told(trace)),
        type_=kind,
        subtype=subtypes[:1] if form == Form.TDE else subtypes,
        action=_action(trace, pattern),
        period={"start": instant(trace.at), "end": instant(trace.at)},
        recorded=instant(trace.at),
        outcome=OUTCOMES[trace.outcome],
        outcomeDesc=trace.rule if trace.outcome != Outcome.ALLOWED else None,
        purposeOfEvent=[concept(coding(V3_ACT_REASON, trace.purpose))] if trace.purpose else [],
        agent=_deciders(trace, base_url) if consent and form == Form.BALP else _agents(trace, pattern, form, base_url),
        source=compact(observer=_server(base_url), type_=[coding(SECURITY_SOURCE_TYPE, "4", "Application Server")]),
        entity=_decided_on(trace) if consent else _entities(trace, pattern),
    )


def resource_id(trace: Trace, form: Form) -> str:
    """Return the id of an event: chain, number, form."""
    return f"{trace.id}.{form}"


def read_id(fid: str) -> tuple[str, int, Form] | None:
    """Return the chain, the number and the form that an id names; `None` when it is none of ours."""
    chain, _, rest = fid.partition(".")
    number, _, form = rest.partition(".")
    if not chain or not number.isascii() or not number.isdigit() or len(number) > 18 or form not in set(Form):  # noqa: PLR2004 (a 64-bit number)
        return None
    return chain, int(number), Form(form)


def _code(trace: Trace) -> str:
    return trace.action.removeprefix(REST) if trace.action.startswith(REST) else ""


def _pattern(trace: Trace) -> Pattern | None:
    return PATTERNS.get(_code(trace))


def _profile(trace: Trace, pattern: Pattern | None, form: Form) -> Json | None:
    if form == Form.TDE:
        return {"profile": [TDE_AUDIT_EVENT]}
    if _is_consent_decision(trace):
        return {"profile": [f"{BALP}/StructureDefinition/IHE.BasicAudit.AuthZconsent"]}
    if pattern is None or not pattern.name or trace.outcome != Outcome.ALLOWED:
        return None
    whose = "Patient" if trace.person_id else ""
    return {"profile": [f"{BALP}/StructureDefinition/IHE.BasicAudit.{whose}{pattern.name}"]}


def _kind(trace: Trace) -> tuple[Json, list[Json]]:
    if _is_consent_decision(trace):
        return ALERT, [
            coding(f"{BALP}/CodeSystem/AuthZsubType", "AuthZ-Consent", "Authorization Decision using Consent")
        ]
    code = _code(trace)
    if code:
        rest = coding(AUDIT_EVENT_TYPE, "rest", "RESTful Operation")
        return rest, [coding(RESTFUL_INTERACTION, code, code)] if code in PATTERNS else []
    if _is_disclosure(trace):
        return EXPORT, [DISCLOSE]
    if trace.action.startswith("session."):
        leaving = trace.action == "session.sign_out"
        return AUTHENTICATION, [coding(DICOM, "110123", "Logout") if leaving else coding(DICOM, "110122", "Login")]
    return (RECORD if trace.person_id else SYSTEM), []


def _is_disclosure(trace: Trace) -> bool:
    verb = trace.action.partition(".")[2]
    return verb.startswith(("print", "export", "hand"))


def _is_consent_decision(trace: Trace) -> bool:
    """Tell whether the person's own word closed the file: an opposition, or an agreement that is missing."""
    codes = set(trace.rule.replace("|", "+").split("+"))
    return trace.outcome == Outcome.DENIED and trace.person_id is not None and bool(codes & {"NOOPP", "CONSENT"})


def _action(trace: Trace, pattern: Pattern | None) -> str:
    if _is_consent_decision(trace):
        return "E"
    if pattern:
        return pattern.action
    if trace.action.startswith("session."):
        return "E"
    return "R" if is_reading(trace) or _is_disclosure(trace) else "U"


def _agents(trace: Trace, pattern: Pattern | None, form: Form, base_url: str) -> list[Json]:
    """Return who took part: client, server and the user of the token; in the French form the user and his system."""
    person = _user(trace, base_url)
    if form == Form.TDE:
        return [person]
    to_client = pattern is not None and pattern.to_client
    client = compact(
        type_=concept(DESTINATION if to_client else SOURCE),
        who=_client(trace),
        requestor=False,
        network=_address(trace),
    )
    server = compact(
        type_=concept(SOURCE if to_client else DESTINATION),
        who=_server(base_url),
        requestor=False,
        network={"address": base_url, "type": "5"},
    )
    return [client, server, person]


def _deciders(trace: Trace, base_url: str) -> list[Json]:
    """Return who took part in a decision on the person's own word: application, user, his organisation, and this service."""
    whose = str(trace.organisation_id or "")
    return [
        compact(
            type_=concept(coding(DICOM, "110150", "Application")),
            who=_client(trace),
            requestor=False,
            network=_address(trace),
        ),
        _user(trace, base_url),
        compact(
            type_=concept(coding(V3_ROLE_CLASS, "PROV", "healthcare provider")),
            who=reference(f"Organization/{whose}") if whose else reference(display="Structure inconnue"),
            requestor=False,
        ),
        compact(
            type_=concept(coding(EXTRA_SECURITY_ROLE, "authserver", "authorization server")),
            who=_server(base_url),
            requestor=False,
        ),
    ]


def _decided_on(trace: Trace) -> list[Json]:
    return [
        compact(
            what=reference(f"Patient/{trace.person_id}"),
            type_=coding(AUDIT_ENTITY_TYPE, "1", "Person"),
            role=coding(OBJECT_ROLE, "1", "Patient"),
        ),
        compact(
            what=reference(type_="Consent", display="Refus ou accord de la personne"),
            type_=coding(RESOURCE_TYPES, "Consent", "Consent"),
        ),
    ]


def _address(trace: Trace) -> Json:
    return {"address": trace.ip or "0.0.0.0", "type": "2"}  # noqa: S104 (an address that is not known, no socket)


def _user(trace: Trace, base_url: str) -> Json:
    """Return the user: a professional by reference, a system by issuer and subject of its token, never the token."""
    is_system = trace.role == Role.FHIR_CLIENT
    who = _client(trace) if not is_system else reference(identifier=identifier(base_url, str(trace.actor_id)))
    return compact(
        type_=concept(coding(V3_PARTICIPATION_TYPE, "IRCP", "information recipient")),
        role=[concept(text=trace.role)],
        who=who,
        requestor=True,
        policy=[f"urn:ietf:params:oauth:jti:{trace.session}"] if is_system and trace.session else [],
        purposeOfUse=[concept(coding(V3_ACT_REASON, trace.purpose))] if trace.purpose else [],
    )


def _client(trace: Trace) -> Json:
    if trace.professional_id:
        return reference(f"Practitioner/{trace.professional_id}")
    if trace.actor_id:
        return reference(identifier=identifier(URI, f"urn:uuid:{trace.actor_id}"))
    return reference(display="Service" if trace.role == Role.SYSTEM else "Appelant non identifié")


def _server(base_url: str) -> Json:
    return reference(type_="Device", identifier=identifier(URI, base_url))


def _entities(trace: Trace, pattern: Pattern | None) -> list[Json]:
    entities = [
        compact(
            what={"identifier": {"value": str(trace.correlation_id)}},
            type_=coding(BALP_ENTITY_TYPE, "XrequestId"),
        )
    ]
    if pattern is not None and pattern.name == "Query":
        asked = trace.query or trace.object_type
        entities.append(
            compact(
                type_=coding(AUDIT_ENTITY_TYPE, "2", "System Object"),
                role=coding(OBJECT_ROLE, "24", "Query"),
                description=asked,
                query=base64.b64encode(asked.encode()).decode(),
            )
        )
    elif what := _what(trace):
        entities.append(
            compact(
                what=what,
                type_=coding(AUDIT_ENTITY_TYPE, "2", "System Object"),
                role=coding(OBJECT_ROLE, "4", "Domain Resource"),
            )
        )
    if trace.person_id:
        entities.append(
            compact(
                what=reference(f"Patient/{trace.person_id}"),
                type_=coding(AUDIT_ENTITY_TYPE, "1", "Person"),
                role=coding(OBJECT_ROLE, "1", "Patient"),
            )
        )
    return entities


def _what(trace: Trace) -> Json | None:
    if trace.object_id is None:
        return reference(display=trace.object_type) if trace.object_type else None
    if trace.channel == Channel.FHIR and _code(trace):
        return reference(f"{trace.object_type}/{trace.object_id}")
    return reference(identifier=identifier(URI, f"urn:uuid:{trace.object_id}"), display=trace.object_type or None)


def _told(trace: Trace) -> list[tuple[str, str | None]]:
    return [("Action", trace.action), ("Réponse", str(trace.outcome)), ("Fonction", trace.role)]
