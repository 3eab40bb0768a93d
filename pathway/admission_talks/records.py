"""Talks on admission as the command takes them and as pages and the bridge read them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pathway.admission_talks.states import DirectivesAnswer, Handed, TrustedAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTalk:
    """What was asked on a day of one stay, and what the person answered.

    `where` and `where_phone` tell who keeps her directives: she said so, or a relative when she
    cannot answer. `again_on`: the day on which the professional comes back to it; `None`: not foreseen.
    """

    stay_id: UUID
    asked_on: date
    directives: DirectivesAnswer
    trusted: TrustedAnswer
    where: str = ""
    where_phone: str = ""
    handed: frozenset[Handed] = frozenset()
    is_protected: bool = False
    again_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkSnapshot:
    """One talk as it was written down; `asked_by` and `organisation_id` tell who put the question, and where."""

    id: UUID
    stay_id: UUID
    person_id: UUID
    organisation_id: UUID
    asked_by: UUID | None
    asked_on: date
    directives: DirectivesAnswer
    trusted: TrustedAnswer
    where: str
    where_phone: str
    handed: tuple[Handed, ...]
    is_protected: bool
    again_on: date | None
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the file already holds: directives that may still speak for her, a designation that is open or active."""

    has_directives: bool
    has_designation: bool
