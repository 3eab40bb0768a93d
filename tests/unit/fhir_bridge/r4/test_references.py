"""References: what is followed, what is found, what a transaction rewrites and what it must leave alone."""

import pytest

from fhir_bridge.r4.outcomes import FhirError
from fhir_bridge.r4.references import Target, iter_references, parse_reference, rewrite_urns

BASE = "https://territoire.example/fhir"
URN = "urn:uuid:6d8f1d4e-0000-4000-8000-000000000001"
OTHER = "urn:uuid:6d8f1d4e-0000-4000-8000-000000000002"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("Patient/1", Target(kind="literal", type="Patient", id="1")),
        ("Patient/1/_history/2", Target(kind="literal", type="Patient", id="1", version="2")),
        (f"{BASE}/Patient/1", Target(kind="literal", type="Patient", id="1")),
        ("#p", Target(kind="contained", id="p")),
        (URN.upper().replace("URN:UUID", "urn:uuid"), Target(kind="urn", urn=URN)),
        ("Patient?identifier=s|1", Target(kind="conditional", type="Patient", query="identifier=s|1")),
    ],
)
def test_each_kind_of_reference_is_read(text: str, target: Target) -> None:
    assert parse_reference(text, base_url=BASE) == target
    assert parse_reference(text, base_url=f"{BASE}/") == target


@pytest.mark.parametrize(
    "text",
    ["", "1", "patient/1", "Patient/", "Patient/1/2", f"Patient/{'a' * 65}", "https://ailleurs.example/fhir/Patient/1",
     f"{BASE}.ailleurs.example/Patient/1", "urn:oid:1.2.3", "urn:uuid:1", "Patient/1?x=y", "Patient/1 ", "Patient/1\n"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(FhirError) as caught:
        parse_reference(text, base_url=BASE)
    assert caught.value.status == 400


def test_references_are_found_everywhere_in_document_order() -> None:
    task = {
        "resourceType": "Task",
        "focus": {"reference": "ServiceRequest/1"},
        "for": {"identifier": {"value": "x"}},
        "input": [{"valueReference": {"reference": "Patient/1"}}],
        "contained": [{"resourceType": "Device", "owner": {"reference": "#o"}}],
    }
    assert [text for _, text in iter_references(task)] == ["ServiceRequest/1", "Patient/1", "#o"]


def test_a_transaction_rewrites_references_uris_and_links_of_the_narrative() -> None:
    sheet = {
        "resourceType": "DocumentReference",
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{URN}">a</a><img src=\'{URN}\' alt=""/></div>'},
        "subject": {"reference": URN.replace("6d8f", "6D8F"), "display": URN},
        "content": [{"attachment": {"url": OTHER, "title": OTHER}}],
        "extension": [{"url": "https://x.example", "valueUri": URN}, {"url": "https://x.example", "valueCanonical": URN}],
        "contained": [{"resourceType": "Patient", "managingOrganization": {"reference": OTHER}}],
    }  # fmt: skip
    rewritten = rewrite_urns(sheet, {URN: "Patient/42", OTHER: "Binary/7"})
    assert rewritten["subject"] == {"reference": "Patient/42", "display": URN}
    assert rewritten["content"] == [{"attachment": {"url": "Binary/7", "title": OTHER}}]
    assert rewritten["contained"][0]["managingOrganization"] == {"reference": "Binary/7"}
    assert 'href="Patient/42"' in rewritten["text"]["div"]
    assert "src='Patient/42'" in rewritten["text"]["div"]
    assert [part.get("valueUri") or part.get("valueCanonical") for part in rewritten["extension"]] == [
        "Patient/42",
        URN,
    ]


def test_an_identifier_equal_to_a_full_url_keeps_its_value() -> None:
    patient = {"resourceType": "Patient", "identifier": [{"system": "urn:ietf:rfc:3986", "value": URN}]}
    assert rewrite_urns(patient, {URN: "Patient/42"}) == patient


def test_an_unknown_urn_stays_and_the_original_is_untouched() -> None:
    task = {"resourceType": "Task", "focus": {"reference": OTHER}, "for": {"reference": URN}}
    rewritten = rewrite_urns(task, {URN: "Patient/42"})
    assert rewritten["focus"]["reference"] == OTHER
    assert task["for"] == {"reference": URN}
