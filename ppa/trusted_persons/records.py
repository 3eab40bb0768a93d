"""Designations as commands take them and as others read them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from accounts.access.records import Facts
from accounts.documents.records import NewFile
from accounts.people.records import RecordRelative
from ppa.directives.records import Witness
from ppa.trusted_persons.states import IN_DOUBT, Action, Duration, EndMeans, Scope, State

LASTING_SINCE: Final = date(2024, 4, 10)
"""From when a designation lasts unless somebody says otherwise: loi n° 2024-317 du 8 avril 2024 (domain.md §3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """What the judge or the family council allowed to a protected adult."""

    authority: str
    given_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeTrustedPerson:
    """The person was told that she may designate a trusted person."""

    person_id: UUID
    proposed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerProposal:
    """« Pas maintenant », with a day to come back to it; or the subject is taken up again (`declines` false)."""

    designation_id: UUID
    version: int | None
    answered_on: date
    declines: bool = True
    come_back_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """The day each of the two signed; `None` for who has not."""

    person_signed_on: date | None = None
    trusted_signed_on: date | None = None

    @property
    def both(self) -> bool:
        """Tell whether the two have signed."""
        return self.person_signed_on is not None and self.trusted_signed_on is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignateTrustedPerson:
    """The person chose somebody round her.

    `awaits_signature` says that a signature will come later: the designation is kept and
    is not active. `trusted_is_adult` is stated when the birth date is not known. `witnesses` are the
    two who attest the choice of a person unable to write: her day of signature is then theirs.
    """

    person_id: UUID
    relative_id: UUID
    signatures: Signatures
    awaits_signature: bool = False
    scope: Scope = Scope.ALL
    limits: str = ""
    knows_wishes: bool = False
    holds_copy: bool = False
    trusted_is_adult: bool = False
    is_protected: bool = False
    leave: Leave | None = None
    file: NewFile | None = None
    duration: Duration = Duration.UNKNOWN
    witnesses: tuple[Witness, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignateNewRelative:
    """The person chose somebody who was not recorded yet; `designation.relative_id` is replaced by the new relative's."""

    relative: RecordRelative
    designation: DesignateTrustedPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class SignDesignation:
    """The missing signatures came; a day left empty stays as it was, and so does `is_protected` left `None`."""

    designation_id: UUID
    version: int | None
    signatures: Signatures
    trusted_is_adult: bool = False
    is_protected: bool | None = None
    leave: Leave | None = None
    file: NewFile | None = None
    witnesses: tuple[Witness, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDesignation:
    """The person revokes, the trusted person renounces, or the judge suspends (`action`)."""

    designation_id: UUID
    version: int | None
    action: Action
    ended_on: date
    means: EndMeans
    received_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeDesignation:
    """The judge gives the role back."""

    designation_id: UUID
    version: int | None
    resumed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmDuration:
    """Somebody now knows for how long an older designation was meant: for good, or for a stay that is over."""

    designation_id: UUID
    version: int | None
    duration: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDesignation:
    """The record was a mistake: another person's paper, somebody she never chose. `why` says it in words."""

    designation_id: UUID
    version: int | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Why a designation should never have been recorded, who noted it, and when; `by` is empty when nobody is named."""

    why: str
    noted_on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignationSnapshot:
    """A whole designation; the relative's own name and contact are read from `accounts.people`."""

    id: UUID
    person_id: UUID
    version: int
    state: State
    relative_id: UUID | None
    proposed_on: date | None
    come_back_on: date | None
    signatures: Signatures
    scope: Scope
    limits: str
    knows_wishes: bool
    holds_copy: bool
    is_protected: bool
    leave: Leave | None
    document_id: UUID | None
    organisation_id: UUID | None
    ended_on: date | None
    end_means: EndMeans | None
    end_received_by: str
    created_at: datetime
    updated_at: datetime
    duration: Duration = Duration.UNKNOWN
    witnesses: tuple[Witness, ...] = ()
    mistake: Mistake | None = None

    @property
    def is_in_doubt(self) -> bool:
        """Tell whether it may have been meant for one stay only, and nobody said yet."""
        signed_on = self.signatures.person_signed_on
        old = signed_on is not None and signed_on < LASTING_SINCE
        return old and self.state in IN_DOUBT and self.duration == Duration.UNKNOWN

    def facts(self) -> Facts:
        """Return what the gate may look at."""
        return Facts(
            type="designation",
            id=self.id,
            person_id=self.person_id,
            organisation_id=self.organisation_id,
            state=self.state,
        )
