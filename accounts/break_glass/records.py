"""Inputs of the commands, and what screens read."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from accounts.break_glass.states import FoundBy, NoticeMeans, NoticeState, Reason, State, Verdict
from accounts.people.states import Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one field asks for: a whole phone number, or a whole name with a birth date, or an INS."""

    phone: str = ""
    words: tuple[str, ...] = ()
    birth_date: date | None = None
    ins: str = ""

    @property
    def found_by(self) -> FoundBy:
        """The identity by which whoever matches is found."""
        if self.ins:
            return FoundBy.INS
        return FoundBy.NAME_AND_BIRTH if self.words else FoundBy.PHONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """That one actor has just found one person, and how: what opening rests on."""

    person_id: UUID
    found_by: FoundBy
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """Just enough to recognise somebody, nothing of her file. `finding` opens the way to break-glass."""

    name: str
    birth_date: date
    sex: str
    city: str
    died_on: date | None
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBreakGlass:
    """Somebody found exactly is opened in an emergency. `finding` is what the search gave."""

    finding: str
    reason: Reason
    explanation: str
    identity_confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedBreakGlass:
    """One that was opened while nothing could be written, as the reserve kept it."""

    id: UUID
    reference: str
    person_id: UUID
    organisation_id: UUID
    professional_id: UUID
    account_id: UUID
    reason: Reason
    explanation: str
    found_by: FoundBy
    opened_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndBreakGlass:
    """The opener needs it no longer."""

    id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowBreakGlass:
    """The clock has come, or the alert has left."""

    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewBreakGlass:
    """Another person judges it afterwards."""

    id: UUID
    version: int | None
    verdict: Verdict
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPerson:
    """The person was told that her file was opened in an emergency."""

    id: UUID
    version: int | None
    told_on: date
    means: NoticeMeans


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlassSnapshot:
    """One break-glass, without any identity of the person."""

    id: UUID
    version: int
    person_id: UUID
    reference: str
    state: State
    state_label: str
    reason_label: str
    found_by_label: str
    opener: str
    organisation: str
    opened_at: datetime
    ends_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToReview:
    """One line of the review queue. `is_late`: more than seven days without a review."""

    id: UUID
    reference: str
    opener: str
    organisation: str
    opened_at: datetime
    due_on: date
    state_label: str
    is_ended: bool
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulted:
    """What was asked under a break-glass, and how often: a right of the matrix, never a value."""

    action: str
    label: str
    times: int
    first_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """All that a reviewer sees: the break-glass, its explanation, what was consulted, and the verdict once given."""

    seen: BreakGlassSnapshot
    explanation: str
    consulted: tuple[Consulted, ...]
    person_told_on: date | None
    verdict_label: str
    comment: str
    reviewer: str
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the person is owed to know, as whoever tells her reads it. `due_at` is 24 hours after the opening."""

    id: UUID
    version: int
    person_id: UUID
    person_name: str
    phones: tuple[str, ...]
    address: str
    reference: str
    by_whom: str
    reason_label: str
    opened_at: datetime
    due_at: datetime
    is_late: bool
    state: NoticeState


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A notice as a letter to the person: `sender` (with its phone) writes on `written_on`; `consulted` is what was opened, in words."""

    notice: Notice
    sex: Sex
    street: str
    town: str
    sender: str
    sender_phone: str
    ended_at: datetime
    written_on: date
    consulted: tuple[str, ...]
