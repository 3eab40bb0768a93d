"""Refusals as FHIR says them: an exception that carries its status and its OperationOutcome.

Diagnostics name what is wrong and where, never what was sent: an error must not become a way out for an identity.
"""

from collections.abc import Sequence
from typing import Any, Literal

from fhir_bridge.r4.datatypes import compact

Severity = Literal["fatal", "error", "warning", "information"]


def issue(
    code: str, diagnostics: str, *, severity: Severity = "error", expression: Sequence[str] = ()
) -> dict[str, Any]:
    """Return one OperationOutcome.issue; `code` is of the issue-type value set, `expression` are FHIRPaths."""
    return compact(severity=severity, code=code, diagnostics=diagnostics, expression=list(expression))


def outcome(*issues: dict[str, Any]) -> dict[str, Any]:
    """Return an OperationOutcome holding at least one issue."""
    return {"resourceType": "OperationOutcome", "issue": list(issues) or [all_well()]}


def all_well() -> dict[str, Any]:
    """Return the issue of a success, for `Prefer: return=OperationOutcome` and $validate."""
    return issue("informational", "All well.", severity="information")


class FhirError(Exception):
    """A refusal with its HTTP status; `outcome` is the body to answer with."""

    def __init__(self, status: int, code: str, diagnostics: str, expression: Sequence[str] = ()) -> None:
        super().__init__(diagnostics)
        self.status = status
        self.code = code
        self.diagnostics = diagnostics
        self.expression = tuple(expression)

    @property
    def outcome(self) -> dict[str, Any]:
        """The OperationOutcome of this refusal."""
        return outcome(issue(self.code, self.diagnostics, expression=self.expression))


def bad_request(diagnostics: str, *, code: str = "invalid", expression: Sequence[str] = ()) -> FhirError:
    """400: the request could not be parsed, or breaks the base specification."""
    return FhirError(400, code, diagnostics, expression)


def unauthenticated(diagnostics: str = "A valid bearer token is needed.") -> FhirError:
    """401: no token, or one that is not valid."""
    return FhirError(401, "login", diagnostics)


def forbidden(diagnostics: str = "The scopes of this token do not cover the request.") -> FhirError:
    """403: the client may know that the thing exists, and may not do this."""
    return FhirError(403, "forbidden", diagnostics)


def not_found(diagnostics: str = "No such resource.") -> FhirError:
    """404: unknown, or invisible to this client; both read the same."""
    return FhirError(404, "not-found", diagnostics)


def method_not_allowed(diagnostics: str = "This interaction is not supported on this type.") -> FhirError:
    """405: the CapabilityStatement does not offer the interaction."""
    return FhirError(405, "not-supported", diagnostics)


def not_acceptable(diagnostics: str = "Only application/fhir+json, FHIR 4.0, is answered.") -> FhirError:
    """406: the format or FHIR version asked is not offered."""
    return FhirError(406, "not-supported", diagnostics)


def conflict(diagnostics: str = "The present state of the resource does not allow this.") -> FhirError:
    """409: a transition out of order, a lock or the integrity of the store."""
    return FhirError(409, "conflict", diagnostics)


def gone(diagnostics: str = "The resource was deleted.") -> FhirError:
    """410: it existed and was deleted."""
    return FhirError(410, "deleted", diagnostics)


def precondition_failed(
    diagnostics: str = "The resource has changed since it was read.", *, code: str = "conflict"
) -> FhirError:
    """412: stale If-Match, or a conditional request with several matches (code `multiple-matches`)."""
    return FhirError(412, code, diagnostics)


def too_large(diagnostics: str = "The body is larger than this endpoint accepts.") -> FhirError:
    """413: over a declared limit of size."""
    return FhirError(413, "too-long", diagnostics)


def unsupported_media_type(diagnostics: str = "Only application/fhir+json is read, uncompressed.") -> FhirError:
    """415: the format of the body is not read here."""
    return FhirError(415, "not-supported", diagnostics)


def unprocessable(diagnostics: str, *, code: str = "business-rule", expression: Sequence[str] = ()) -> FhirError:
    """422: valid FHIR that a rule of the domain, or of this server, refuses."""
    return FhirError(422, code, diagnostics, expression)


def throttled(diagnostics: str = "Too many requests; try again later.") -> FhirError:
    """429: the rate of this client is over its limit; the caller adds Retry-After."""
    return FhirError(429, "throttled", diagnostics)


def unavailable(diagnostics: str = "The service is briefly unavailable; try again later.") -> FhirError:
    """503: nothing was done and trying again is safe; the caller adds Retry-After."""
    return FhirError(503, "transient", diagnostics)
