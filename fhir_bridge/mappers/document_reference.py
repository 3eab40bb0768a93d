"""A kept file as a DocumentReference: what it is, whose, where its bytes are read and how to check them.

Source: interop_fr.md §2.2 (metadata of PDSm), §9.2 and §9.3; the profile itself is not claimed.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from accounts.documents.records import DocumentSnapshot
from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, identifier, instant, moment, period, reference
from fhir_bridge.r4.systems import (
    A01,
    A11,
    CLASS_CARE_PLAN,
    CLASS_PATIENT_DOCUMENT,
    CLASS_SYNTHESIS,
    TYPE_DIRECTIVES,
    TYPE_EMERGENCY_SHEET,
    TYPE_PPA,
    TYPE_TRUSTED_PERSON,
    URI,
    V3_CONFIDENTIALITY,
)

SystemAndCode = tuple[str, str]

PDF_IN_CDA: Final[SystemAndCode] = (A11, "urn:ihe:iti:xds-sd:pdf:2008")
PALLIATIVE_SETTING: Final[SystemAndCode] = (A01, "PALLIATIF")
NORMAL: Final[SystemAndCode] = (V3_CONFIDENTIALITY, "N")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentUse:
    """What kind of document a file is for others: codes of type (J07), class (J06), format (J10) and setting (J04)."""

    type: SystemAndCode
    category: SystemAndCode
    format: SystemAndCode | None = None
    setting: SystemAndCode = PALLIATIVE_SETTING
    label: SystemAndCode = NORMAL


PLAN_USE: Final = DocumentUse(type=TYPE_PPA, category=CLASS_CARE_PLAN, format=PDF_IN_CDA)
DIRECTIVES_USE: Final = DocumentUse(type=TYPE_DIRECTIVES, category=CLASS_PATIENT_DOCUMENT)
EMERGENCY_SHEET_USE: Final = DocumentUse(type=TYPE_EMERGENCY_SHEET, category=CLASS_SYNTHESIS, format=PDF_IN_CDA)
RIGHTS_USE: Final = DocumentUse(type=TYPE_TRUSTED_PERSON, category=CLASS_PATIENT_DOCUMENT)
"""What she wants and what she is entitled to: a designation, and what stands beside directives; no national code is nearer."""


def to_resource(
    card: DocumentSnapshot,
    *,
    use: DocumentUse,
    authors: Sequence[str],
    dated: date | datetime | None = None,
    is_current: bool = True,
    replaces: UUID | None = None,
    description: str = "",
) -> Json:
    """Return the DocumentReference of a file.

    `authors` are relative references (`Patient/…`, `Practitioner/…`, `Organization/…`); `dated` is the day written
    on the document, else the instant it was kept; `replaces` is the file that this one takes the place of.
    """
    return compact(
        resourceType="DocumentReference",
        id=str(card.id),
        masterIdentifier=identifier(URI, f"urn:uuid:{card.id}"),
        status="current" if is_current else "superseded",
        docStatus="final",
        type=_concept("document_types", use.type),
        category=[_concept("document_classes", use.category)],
        subject=reference(f"Patient/{card.person_id}"),
        date=instant(card.created_at),
        author=[reference(author) for author in authors],
        custodian=reference(f"Organization/{card.organisation_id}") if card.organisation_id else None,
        relatesTo=[{"code": "replaces", "target": reference(f"DocumentReference/{replaces}")}] if replaces else [],
        description=description,
        securityLabel=[_concept("confidentiality", use.label)],
        content=[compact(attachment=_attachment(card, dated), format=_coding("formats", use.format))],
        context=compact(
            period=period(dated or card.created_at), practiceSetting=_concept("practice_settings", use.setting)
        ),
    )


def _attachment(card: DocumentSnapshot, dated: date | datetime | None) -> Json:
    return compact(
        contentType=card.content_type,
        language="fr-FR",
        url=f"Binary/{card.id}",
        size=card.size,
        hash=base64.b64encode(bytes.fromhex(card.sha1)).decode(),
        title=card.title,
        creation=moment(dated or card.created_at),
    )


def _coding(list_name: str, code: SystemAndCode | None) -> Json | None:
    if code is None:
        return None
    return coding(*code, code_list(list_name).display(*code))


def _concept(list_name: str, code: SystemAndCode) -> Json:
    return concept(coding(*code, code_list(list_name).display(*code)))
