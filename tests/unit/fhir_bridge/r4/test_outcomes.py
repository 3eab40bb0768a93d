"""Refusals: the right status and issue code, and an OperationOutcome that R4 accepts."""

import pytest

from fhir_bridge.r4 import outcomes
from fhir_bridge.r4.codes import required_codes
from fhir_bridge.r4.outcomes import FhirError
from fhir_bridge.r4.validation import validate

REFUSALS = [
    (outcomes.bad_request("Unknown element.", code="structure", expression=["Patient"]), 400, "structure"),
    (outcomes.unauthenticated(), 401, "login"),
    (outcomes.forbidden(), 403, "forbidden"),
    (outcomes.not_found(), 404, "not-found"),
    (outcomes.method_not_allowed(), 405, "not-supported"),
    (outcomes.not_acceptable(), 406, "not-supported"),
    (outcomes.conflict(), 409, "conflict"),
    (outcomes.gone(), 410, "deleted"),
    (outcomes.precondition_failed(), 412, "conflict"),
    (outcomes.precondition_failed("Several matches.", code="multiple-matches"), 412, "multiple-matches"),
    (outcomes.too_large(), 413, "too-long"),
    (outcomes.unsupported_media_type(), 415, "not-supported"),
    (outcomes.unprocessable("A directive needs a date."), 422, "business-rule"),
    (outcomes.throttled(), 429, "throttled"),
    (outcomes.unavailable(), 503, "transient"),
]


@pytest.mark.parametrize(("refusal", "status", "code"), REFUSALS)
def test_each_refusal_has_its_status_and_a_valid_outcome(refusal: FhirError, status: int, code: str) -> None:
    assert refusal.status == status
    issue = refusal.outcome["issue"][0]
    assert issue["code"] == code
    assert code in required_codes()["OperationOutcomeIssue.code"]
    assert issue["severity"] == "error"
    validate(refusal.outcome)


def test_expression_is_left_out_when_there_is_none() -> None:
    assert "expression" not in outcomes.not_found().outcome["issue"][0]
    assert outcomes.bad_request("x", expression=["Task.status"]).outcome["issue"][0]["expression"] == ["Task.status"]


def test_an_outcome_without_issue_says_that_all_is_well() -> None:
    assert outcomes.outcome()["issue"][0]["severity"] == "information"
