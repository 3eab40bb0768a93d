"""A file as it comes in and as others read it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class DocumentKind(StrEnum):
    """What a file is for the person."""

    DIRECTIVES = "directives"
    DESIGNATION = "designation"
    PLAN = "plan"
    EMERGENCY_SHEET = "emergency_sheet"
    EVIDENCE = "evidence"
    LETTER = "letter"
    EXPORT = "export"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file that somebody hands in, or that we made (`made_here`). `is_inspected`: it was looked into."""

    title: str
    content: bytes
    content_type: str
    made_here: bool = False
    is_inspected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSnapshot:
    """A file's card; its content is read apart."""

    id: UUID
    version: int
    person_id: UUID
    kind: DocumentKind
    title: str
    content_type: str
    size: int
    sha256: str
    sha1: str
    created_at: datetime
    organisation_id: UUID | None
    source_id: UUID | None
