"""Inputs of these commands, and what the pages read."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from ppa.acceptances.states import StepKind


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteTrustedPerson:
    """The designated person is asked. `link` leaves by e-mail, `code` is told: two proofs."""

    designation_id: UUID
    version: int | None
    email: str = field(repr=False)
    days: int
    link: UUID = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAcceptanceLink:
    """Somebody opens the link with the code that she was told."""

    link: UUID = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAcceptance:
    """Her answer. `name` is her own, as she writes it; `is_adult` is said by her."""

    access_id: UUID
    accepts: bool
    name: str
    is_adult: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAcceptanceLinkSent:
    """The e-mail has left."""

    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteReceipt:
    """The guide was handed over, or she accepted by word of mouth; `told_by` is who was there."""

    designation_id: UUID
    version: int | None
    kind: StepKind
    happened_on: date
    told_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An opened link: whose designation, to whom, until when."""

    id: UUID
    designation_id: UUID
    organisation_id: UUID
    person_name: str
    relative_name: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """One line of the trail."""

    kind: StepKind
    happened_on: date
    noted_at: datetime
    words: str
