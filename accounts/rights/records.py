"""Inputs of the commands, and what others read."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from accounts.documents.records import NewFile


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAccess:
    """The person asks for a copy of her file, on a paper that she signed."""

    person_id: UUID
    asked_on: date
    paper: NewFile


@dataclass(frozen=True, slots=True, kw_only=True)
class StepExport:
    """Approve, hand over or let expire a copy."""

    export_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreExport:
    """The copy, made: the bytes of its archive."""

    export_id: UUID
    version: int
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAddendum:
    """The person says what is wrong in what was written, and how she says it herself; the original stays."""

    person_id: UUID
    target_type: str
    target_id: UUID
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerErasure:
    """The person wishes her file erased."""

    person_id: UUID
    asked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AddendumSnapshot:
    """An addendum as screens and the bridge read it."""

    id: UUID
    person_id: UUID
    target_type: str
    target_id: UUID
    text: str
    reason: str
    author_id: UUID
    author: str
    organisation_id: UUID
    added_at: datetime
