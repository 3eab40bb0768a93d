"""Validation: valid R4 passes unchanged, what the library lets through is refused, what it wrongly refuses passes."""

import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_bridge.r4.gate import TRANSACTION, admit
from fhir_bridge.r4.outcomes import FhirError
from fhir_bridge.r4.systems import CONDITION_CLINICAL, EMBEDDED_TYPES, SERVED_TYPES
from fhir_bridge.r4.validation import preload, validate
from tests.support.pace import SLACK

BASE = "https://territoire.example/fhir"

CLINICAL = {"coding": [{"system": CONDITION_CLINICAL, "code": "active"}]}
PERSON = {"reference": "Patient/1"}

VALID: list[dict[str, Any]] = [
    {"resourceType": "Patient", "gender": "female", "birthDate": "1950-02", "active": True},
    {"resourceType": "Patient", "_birthDate": {"extension": [{"url": "u", "valueCode": "unknown"}]}},
    {"resourceType": "Patient", "name": [{"given": ["Zoé", None], "_given": [None, {"id": "b"}]}]},
    {"resourceType": "RelatedPerson", "patient": PERSON, "period": {"start": "2026-01-01", "end": "2026-01-01"}},
    {"resourceType": "Practitioner", "telecom": [{"system": "phone", "value": "+33199000000"}]},
    {"resourceType": "PractitionerRole", "practitioner": {"reference": "Practitioner/1"}},
    {"resourceType": "Organization", "partOf": {"identifier": {"value": "1"}}},
    {"resourceType": "HealthcareService", "availableTime": [{"daysOfWeek": ["mon"], "allDay": False}]},
    {"resourceType": "Location", "position": {"longitude": 5.04, "latitude": 47}},
    {"resourceType": "Condition", "subject": PERSON, "clinicalStatus": CLINICAL},
    {"resourceType": "Communication", "status": "completed", "subject": PERSON},
    {"resourceType": "DetectedIssue", "status": "preliminary", "implicated": [{"reference": "Consent/1"}]},
    {"resourceType": "Procedure", "status": "not-done", "subject": PERSON, "performedString": "hier"},
    {"resourceType": "Questionnaire", "status": "active", "item": [{"linkId": "a", "type": "decimal"}]},
    {"resourceType": "Observation", "status": "final", "code": {"text": "ESAS"}, "subject": PERSON, "valueInteger": 9},
    {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "subject": PERSON,
        "item": [{"linkId": "pain", "answer": [{"valueInteger": 7}]}],
    },
    {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": PERSON},
    {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"text": "Rester chez soi"},
        "subject": PERSON,
    },
    {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"text": "adr"},
        "category": [{"text": "acd"}],
        "policy": [{"uri": "https://regle.example"}],
    },
    {
        "resourceType": "DocumentReference",
        "status": "current",
        "content": [{"attachment": {"contentType": "application/pdf", "data": "JVBERi0="}}],
    },
    {"resourceType": "Binary", "contentType": "application/pdf", "data": "JVBERi0="},
    {"resourceType": "ServiceRequest", "status": "draft", "intent": "order", "subject": PERSON},
    {
        "resourceType": "Task",
        "status": "on-hold",
        "intent": "order",
        "input": [{"type": {"text": "a"}, "valueString": "b"}],
    },
    {"resourceType": "Encounter", "status": "entered-in-error", "class": {"code": "IMP"}},
    {"resourceType": "EpisodeOfCare", "status": "active", "patient": PERSON},
    {"resourceType": "CareTeam", "status": "active", "subject": PERSON},
    {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient"}}]},
    {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]},
    {
        "resourceType": "AuditEvent",
        "type": {"code": "rest"},
        "action": "R",
        "recorded": "2026-07-01T10:00:00Z",
        "agent": [{"requestor": True}],
        "source": {"observer": {"display": "ici"}},
    },
    {
        "resourceType": "Provenance",
        "target": [PERSON],
        "recorded": "2026-07-01T10:00:00.123Z",
        "agent": [{"who": {"display": "moi"}}],
    },
    {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "proposal",
        "medicationCodeableConcept": {"text": "Morphine 10 mg/mL"},
        "subject": PERSON,
        "dosageInstruction": [{"timing": {"repeat": {"frequency": 1, "period": 4, "periodUnit": "h"}}}],
    },
    # Valid R4 that the library refuses on its own.
    {"resourceType": "Patient", "extension": [{"url": "u", "_valueString": {"id": "a"}}]},
    {
        "resourceType": "Patient",
        "extension": [{"url": "u", "valueUuid": "urn:uuid:6d8f1d4e-0000-1000-8000-000000000001"}],
    },
    {"resourceType": "Patient", "extension": [{"url": "u", "valueMeta": {"versionId": "1"}}]},
    {
        "resourceType": "Task",
        "status": "draft",
        "intent": "order",
        "input": [{"type": {"text": "a"}, "_valueString": {"id": "b"}}],
    },
]


@pytest.mark.parametrize("resource", VALID, ids=lambda resource: resource["resourceType"])
def test_valid_r4_passes_and_is_left_as_it_is(resource: dict[str, Any]) -> None:
    before = copy.deepcopy(resource)
    validate(resource)
    assert resource == before


def test_every_served_type_has_a_valid_example_here() -> None:
    assert {resource["resourceType"] for resource in VALID} == set(SERVED_TYPES)


def patient(**members: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **members}


def extended(**value: Any) -> dict[str, Any]:
    return patient(extension=[{"url": "u", **value}])


INVALID: dict[str, tuple[dict[str, Any], int, str]] = {
    "unknown element": (patient(colour="red"), 400, "Patient"),
    "unknown element deep inside": (patient(name=[{"fam": "x"}]), 400, "Patient.name[0]"),
    "fhir_comments": (patient(fhir_comments=["a"]), 400, "Patient"),
    "boolean as number": (patient(active=1), 400, "Patient.active"),
    "boolean as string": (patient(active="true"), 400, "Patient.active"),
    "integer as string": (patient(telecom=[{"system": "phone", "rank": "1"}]), 400, "Patient.telecom[0].rank"),
    "integer as boolean": (patient(telecom=[{"system": "phone", "rank": True}]), 400, "Patient.telecom[0].rank"),
    "integer as decimal": (patient(multipleBirthInteger=1.5), 400, "Patient.multipleBirthInteger"),
    "decimal as a string": (extended(valueQuantity={"value": "1e1000000"}), 400, "Patient.extension[0].valueQuantity.value"),
    "string as number": (patient(id="1", language=3), 400, "Patient.language"),
    "null": (patient(gender=None), 400, "Patient.gender"),
    "null in a list without companion": (patient(name=[{"given": [None]}]), 400, "Patient.name[0].given"),
    "empty string": (patient(gender=""), 400, "Patient.gender"),
    "empty list": (patient(name=[]), 400, "Patient.name"),
    "empty object": (patient(name=[{}]), 400, "Patient.name[0]"),
    "object for a list": (patient(name={"family": "x"}), 400, "Patient.name"),
    "list for an object": (patient(maritalStatus=[{"text": "x"}]), 400, "Patient.maritalStatus"),
    "id of 65": (patient(id="a" * 65), 400, "Patient.id"),
    "bad base64": (
        {"resourceType": "Binary", "contentType": "a/b", "data": "@@@"}, 400, "Binary.data"),
    "base64 without padding": (
        {"resourceType": "Binary", "contentType": "a/b", "data": "JVBERi0"}, 400, "Binary.data"),
    "bad media type": ({"resourceType": "Binary", "contentType": "pdf", "data": "JVBERi0="}, 400, "Binary"),
    "bad uuid": (extended(valueUuid="urn:uuid:1"), 400, "Patient.extension[0].valueUuid"),
    "gender in capitals": (patient(gender="MALE"), 400, "Patient.gender"),
    "status out of the value set": ({"resourceType": "Task", "status": "banana", "intent": "order"}, 400, "Task.status"),
    "R5 code": (
        {"resourceType": "DocumentReference", "status": "current", "docStatus": "cancelled",
         "content": [{"attachment": {"title": "a"}}]}, 400, "DocumentReference.docStatus"),
    "bundle type": ({"resourceType": "Bundle", "type": "foo"}, 400, "Bundle.type"),
    "day of week in a list": (
        {"resourceType": "HealthcareService", "availableTime": [{"daysOfWeek": ["lundi"]}]}, 400,
        "HealthcareService.availableTime[0].daysOfWeek[0]"),
    "bound concept with another code": (
        {"resourceType": "Condition", "subject": PERSON, "clinicalStatus": {"coding": [{"code": "active"}]}}, 400,
        "Condition.clinicalStatus"),
    "target of the wrong type": (
        {"resourceType": "ServiceRequest", "status": "draft", "intent": "order", "subject": {"reference": "Practitioner/1"}},
        400, "ServiceRequest.subject"),
    "target of the wrong type by address": (
        patient(managingOrganization={"reference": f"{BASE}/Patient/1"}), 400, "Patient.managingOrganization"),
    "target of the wrong type by type": (
        patient(managingOrganization={"type": "Patient", "identifier": {"value": "1"}}), 400, "Patient.managingOrganization"),
    "target of the wrong type by search": (
        patient(managingOrganization={"reference": "Patient?identifier=1"}), 400, "Patient.managingOrganization"),
    "reference to nothing": (patient(managingOrganization={"id": "a"}), 400, "Patient.managingOrganization"),
    "required element missing": ({"resourceType": "Task", "status": "draft"}, 400, "Task"),
    "subject missing": ({"resourceType": "CarePlan", "status": "active", "intent": "plan"}, 400, "CarePlan"),
    "impossible date": (patient(birthDate="2026-02-30"), 400, "Patient.birthDate"),
    "moment without a zone": (
        patient(meta={"lastUpdated": "2026-01-01T10:00:00"}), 400, "Patient.meta.lastUpdated"),
    "two values": (patient(deceasedBoolean=True, deceasedDateTime="2026-01-01"), 400, "Patient"),
    "two extension values": (extended(valueCode="a", valueString="b"), 400, "Patient.extension[0]"),
    "R4B only: CodeableReference": (
        extended(valueCodeableReference={"concept": {"text": "x"}}), 400, "Patient.extension[0]"),
    "R4B only: RatioRange": (extended(valueRatioRange={"denominator": {"value": 1}}), 400, "Patient.extension[0]"),
    "R5 element": ({"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": PERSON,
                    "addresses": [{"concept": {"text": "x"}}]}, 400, "CarePlan.addresses[0]"),
    "per-1": (patient(name=[{"period": {"start": "2026-02-01", "end": "2026-01"}}]), 400, "Patient.name[0].period"),
    "ext-1 empty": (extended(), 400, "Patient.extension[0]"),
    "ext-1 both": (extended(valueCode="a", extension=[{"url": "v", "valueCode": "b"}]), 400, "Patient.extension[0]"),
    "pat-1": (patient(contact=[{"relationship": [{"text": "x"}]}]), 400, "Patient.contact[0]"),
    "cpt-2": (patient(telecom=[{"value": "+33199000000"}]), 400, "Patient.telecom[0]"),
    "att-1": (patient(photo=[{"data": "JVBERi0="}]), 400, "Patient.photo[0]"),
    "ppc-1": (
        {"resourceType": "Consent", "status": "active", "scope": {"text": "x"}, "category": [{"text": "x"}]}, 400, "Consent"),
    "modifier extension": (
        patient(modifierExtension=[{"url": "u", "valueBoolean": True}]), 422, "Patient"),
    "modifier extension deep inside": (
        patient(contact=[{"name": {"text": "x"}, "modifierExtension": [{"url": "u", "valueCode": "a"}]}]), 422, "Patient.contact[0]"),
    "implicit rules": (patient(implicitRules="https://regle.example"), 422, "Patient"),
    "type that is not served": ({"resourceType": "Grille"}, 422, ""),
    "contained type that is not accepted": (patient(contained=[{"resourceType": "Grille"}]), 422, "Patient.contained[0]"),
    "contained without a type": (patient(contained=[{"id": "a"}]), 422, "Patient.contained[0]"),
    "fault in a contained resource": (
        patient(contained=[{"resourceType": "Organization", "active": "yes"}]), 400, "Patient.contained[0].active"),
    "fault in an entry": (
        {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": patient(birthDate="hier")}]}, 400,
        "Bundle.entry[0].resource.birthDate"),
    "entry without a method": (
        {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"url": "Patient"}}]}, 400, "Bundle.entry"),
}  # fmt: skip


@pytest.mark.parametrize("name", INVALID)
def test_invalid_r4_is_refused_where_it_is_wrong(name: str) -> None:
    resource, status, expression = INVALID[name]
    with pytest.raises(FhirError) as caught:
        validate(resource)
    assert caught.value.status == status
    where = caught.value.outcome["issue"][0].get("expression", [""])[0]
    assert where.startswith(expression), where


def test_a_refusal_repeats_neither_values_nor_unknown_names() -> None:
    for resource in (patient(gender="CANARI"), patient(CANARI="x"), patient(birthDate="CANARI"), patient(id="CANARI/")):
        with pytest.raises(FhirError) as caught:
            validate(resource)
        assert "CANARI" not in json.dumps(caught.value.outcome)


def test_the_decimal_bomb_costs_nothing() -> None:
    bomb = extended(valueQuantity={"value": "1e1000000"})
    start = time.process_time()
    with pytest.raises(FhirError):
        validate(bomb)
    assert time.process_time() - start < 0.05 * SLACK


def test_deep_nesting_is_an_answer_not_a_crash() -> None:
    deep: dict[str, Any] = {"url": "u", "valueCode": "a"}
    for _ in range(5_000):
        deep = {"url": "u", "extension": [deep]}
    with pytest.raises(FhirError) as caught:
        validate(patient(extension=[deep]))
    assert caught.value.status == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=2)
        | st.dictionaries(
            st.sampled_from(["name", "text", "extension", "url", "contained", "entry", "resource"]), children
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from([*SERVED_TYPES, *EMBEDDED_TYPES, "Grille"]), st.dictionaries(st.text(max_size=6), JSON), JSON)
def test_any_dict_raises_nothing_but_fhir_errors(kind: str, members: dict[str, Any], inner: Any) -> None:
    resource = {**members, "resourceType": kind, "extension": inner, "contained": [inner], "entry": [inner]}
    with pytest.raises(FhirError):
        validate(resource)


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, 1.5, "", "x" * 70, [], {}, [None], [{}], {"a": 1}, "2026-13-01", 10**30, "\x00"]
)
NAMES = st.sampled_from(["extension", "_status", "contained", "entry", "data", "valueUuid", "_valueString", "text"])


@given(st.sampled_from(VALID), st.data(), JSON | ODD)
def test_a_valid_resource_with_one_part_replaced_is_read_or_refused(
    resource: dict[str, Any], data: st.DataObject, replacement: Any
) -> None:
    broken = copy.deepcopy(resource)
    place: Any = broken
    key: Any = data.draw(st.sampled_from(sorted(set(broken) - {"resourceType"})) | NAMES)
    while isinstance(place.get(key), dict) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place)) | NAMES)
    place[key] = replacement
    before = copy.deepcopy(broken)
    assert is_read_or_refused(broken)
    assert broken == before


def is_read_or_refused(resource: dict[str, Any]) -> bool:
    try:
        validate(resource)
    except FhirError as refusal:
        return refusal.status in {400, 422}
    return True


def test_preload_makes_the_first_validation_quick() -> None:
    preload()
    start = time.process_time()
    validate(VALID[0])
    assert time.process_time() - start < 0.05 * SLACK


# Official examples that this server refuses on purpose, with the reason.
REFUSED_EXAMPLES = {
    "Bundle-3a0707d3-549e-4467-b8b8-5a2ab3800efe.json": "a type inside is not accepted",
    "Bundle-bundle-references.json": "references to other servers",
    "Bundle-dg2.json": "a type inside is not accepted",
    "Bundle-father.json": "references to other servers",
    "Bundle-hla-1.json": "a type inside is not accepted",
    "Bundle-registry.json": "a type inside is not accepted",
    "Bundle-ussg-fht.json": "a type inside is not accepted",
    "QuestionnaireResponse-ussg-fht-answers.json": "references to other servers",
}


@pytest.mark.shared
def test_the_official_examples_of_the_served_types_pass_gate_and_validation(shared: Path) -> None:
    paths = [path for kind in SERVED_TYPES for path in sorted((shared / "fhir_examples" / kind).glob("*.json"))]
    refused = {}
    for path in paths:
        try:
            validate(admit(path.read_bytes(), base_url=BASE, limits=TRANSACTION))
        except FhirError as refusal:
            refused[path.name] = refusal.diagnostics
    assert set(refused) == set(REFUSED_EXAMPLES), refused
    assert len(paths) - len(refused) >= 95
