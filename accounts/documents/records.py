"""A file as it comes in and as others read it."""

from dataclasses import dataclass, field
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


class Scan(StrEnum):
    """What the antivirus says of a file. `withheld`: something dangerous in it; a new one is refused, a kept one is out of reach."""

    CLEAN = "clean"
    NOT_SCANNED = "not_scanned"
    MADE_HERE = "made_here"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file that somebody hands in, or that we made (`made_here`).

    `is_inspected`: it was looked into; `scan`: what the antivirus says, `None` before it was asked.
    """

    title: str
    content: bytes
    content_type: str
    made_here: bool = False
    is_inspected: bool = False
    scan: Scan | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithholdDocument:
    """A kept file in which the antivirus now recognises something dangerous."""

    document_id: UUID


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
    scan: Scan = Scan.NOT_SCANNED

    @property
    def is_withheld(self) -> bool:
        """Tell whether nobody opens it any more."""
        return self.scan == Scan.WITHHELD
