"""Files as DocumentReference and Binary."""

import base64
import hashlib
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from accounts.documents.records import DocumentKind, DocumentSnapshot
from fhir_bridge.mappers import binary, document_reference
from fhir_bridge.mappers.document_reference import DIRECTIVES_USE, PLAN_USE, RIGHTS_USE
from fhir_bridge.r4.validation import validate

CONTENT = b"%PDF-1.7 invented"


def card(**fields: object) -> DocumentSnapshot:
    values: dict[str, object] = {
        "id": uuid4(),
        "version": 1,
        "person_id": uuid4(),
        "kind": DocumentKind.PLAN,
        "title": "Plan personnalisé d’accompagnement",
        "content_type": "application/pdf",
        "size": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "sha1": hashlib.sha1(CONTENT, usedforsecurity=False).hexdigest(),
        "created_at": datetime(2026, 6, 2, 9, 30, tzinfo=UTC),
        "organisation_id": uuid4(),
        "source_id": None,
        **fields,
    }
    return DocumentSnapshot(**values)  # type: ignore[arg-type]  # (a factory takes any field)


@pytest.mark.parametrize(
    ("use", "type_code", "class_code"),
    [(PLAN_USE, "18776-5", "44"), (DIRECTIVES_USE, "EXPPAT_3", "90"), (RIGHTS_USE, "EXPPAT_1", "90")],
)
def test_each_use_gives_valid_r4_with_its_type_and_class(use, type_code, class_code):
    file = card()
    resource = document_reference.to_resource(file, use=use, authors=[f"Patient/{file.person_id}"])
    validate(resource)
    assert resource["type"]["coding"][0]["code"] == type_code
    assert resource["category"][0]["coding"][0]["code"] == class_code
    assert resource["type"]["coding"][0]["display"]


def test_the_attachment_points_to_the_binary_and_its_digest_is_that_of_the_bytes():
    file = card()
    resource = document_reference.to_resource(file, use=PLAN_USE, authors=["Organization/a"], dated=date(2026, 6, 1))
    attachment = resource["content"][0]["attachment"]
    assert attachment["url"] == f"Binary/{file.id}"
    assert base64.b64decode(attachment["hash"]) == hashlib.sha1(CONTENT, usedforsecurity=False).digest()
    assert attachment["size"] == len(CONTENT)
    assert attachment["creation"] == "2026-06-01"


def test_a_new_version_replaces_the_former_one_which_is_superseded():
    old = UUID(int=7)
    new = document_reference.to_resource(card(), use=PLAN_USE, authors=["Organization/a"], replaces=old)
    former = document_reference.to_resource(card(id=old), use=PLAN_USE, authors=["Organization/a"], is_current=False)
    validate(new)
    assert new["relatesTo"] == [{"code": "replaces", "target": {"reference": f"DocumentReference/{old}"}}]
    assert former["status"] == "superseded"


def test_a_binary_gives_the_bytes_back():
    file = card()
    resource = binary.to_resource(file, CONTENT)
    validate(resource)
    assert base64.b64decode(resource["data"]) == CONTENT
    assert resource["securityContext"] == {"reference": f"Patient/{file.person_id}"}
