"""The emergency sheet as commands take it and as pages, papers, the emergency view and the bridge read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from accounts.documents.records import DocumentSnapshot
from ppa.emergency_sheets.states import (
    HOLDER_LABELS,
    MEANS_LABELS,
    HolderKind,
    Means,
    Measure,
    Phase,
    Sedation,
    SheetState,
    Stance,
    Transfer,
    WithdrawalReason,
)

Content = Mapping[str, Any]
"""A sheet as it is kept: `written` by a physician, `sources` taken from the file (`rules.content_of`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a physician completes. `measures` leaves out what was not said; `comments` is the second page."""

    phase: Phase
    illness: str = ""
    symptoms: str = ""
    goals: str = ""
    conduct: str = ""
    comfort_only: bool = False
    measures: Mapping[Measure, Stance] = field(default_factory=dict)
    sedation: Sedation = Sedation.NOT_DISCUSSED
    transfer: Transfer = Transfer.UNSAID
    transfer_to: str = ""
    devices: str = ""
    call: str = ""
    comments: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteSheet:
    """A physician writes the next version. `version` is that of the sheet that was read, `None` when there was none."""

    person_id: UUID
    version: int | None
    written: Written


@dataclass(frozen=True, slots=True, kw_only=True)
class SignSheet:
    """A physician signs what he read: `digest` is that of the content that was shown."""

    sheet_id: UUID
    version: int | None
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteHolder:
    """Somebody gave or sent the last signed version. `holder_id`: one that had a former version; `None`: a new one.

    `who` did it, on `done_on`; `departement` is that of a SAMU; by `phone` the holder is told of the next version.
    """

    sheet_id: UUID
    version: int | None
    kind: HolderKind
    name: str
    means: Means
    who: str
    done_on: date
    departement: str = ""
    phone: str = ""
    holder_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """A holder has no copy any more: given back, destroyed."""

    sheet_id: UUID
    version: int | None
    holder_id: UUID
    who: str
    done_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawSheet:
    """The sheet speaks no more."""

    sheet_id: UUID
    version: int | None
    reason: WithdrawalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowSources:
    """What the signed version rests on may have changed."""

    sheet_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who has which version of which sheet, as last noted. `taken_back_on`: since when he has none."""

    id: UUID
    sheet_id: UUID
    kind: HolderKind
    name: str
    departement: str
    means: Means
    number: int
    done_on: date
    who: str
    recorder: str
    phone: str = ""
    taken_back_on: date | None = None

    @property
    def kind_label(self) -> str:
        """What kind of holder, in words."""
        return HOLDER_LABELS[self.kind]

    @property
    def means_label(self) -> str:
        """How it reached him, in words."""
        return MEANS_LABELS[self.means]

    @property
    def title(self) -> str:
        """The holder in a few words: « SAMU 21 », « Enveloppe au domicile »."""
        named = f"SAMU {self.departement}" if self.kind == HolderKind.SAMU else ""
        return ", ".join(part for part in (named, self.name) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetVersionSnapshot:
    """One signed version. `replaced_at`: when the next was signed; `withdrawn`: the sheet speaks no more, or is being written anew."""

    id: UUID
    sheet_id: UUID
    person_id: UUID
    number: int
    content: Content
    signer_id: UUID
    signer: str
    organisation_id: UUID
    organisation: str
    signed_at: datetime
    document: DocumentSnapshot
    replaces_document: UUID | None = None
    replaced_at: datetime | None = None
    replaced_by: int | None = None
    withdrawn: bool = False

    @property
    def is_current(self) -> bool:
        """Tell whether it is the version in force."""
        return self.replaced_at is None and not self.withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSnapshot:
    """Where a person's sheet stands, with its last signed version; `drift` names what changed since, in words."""

    id: UUID
    version: int
    person_id: UUID
    state: SheetState
    number: int
    current: SheetVersionSnapshot | None
    drift: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetDraft:
    """What a physician is about to complete or sign: the content as it would be signed now, and its digest."""

    sheet_id: UUID | None
    version: int | None
    number: int
    written: Written
    content: Content
    digest: str
    is_written: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetToUpdate:
    """A sheet that no longer says what the file says, for a desk."""

    person_id: UUID
    person_name: str
    number: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiesOut:
    """The copies of a sheet that no longer count, for a desk. `number`: what replaces them; `None` once it is withdrawn."""

    person_id: UUID
    person_name: str
    number: int | None
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number that the family could call from: whose, whether a search finds her by it, whether the signed sheet has it."""

    whose: str
    phone: str
    is_found: bool
    on_sheet: bool

    @property
    def is_sure(self) -> bool:
        """Tell whether who answers at night recognises it."""
        return self.is_found and self.on_sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """« Le SAMU retrouverait-il cette personne ? »: the numbers, to which SAMU a sheet went, and what is missing.

    `sheet_id` and `number`: the sheet and the version in force, `None` when none is.
    """

    numbers: tuple[Number, ...]
    sheet_id: UUID | None
    departement: str
    sent: tuple[Holder, ...]
    number: int | None
    missing: tuple[str, ...]

    @property
    def is_found(self) -> bool:
        """Tell whether nothing is missing."""
        return not self.missing
