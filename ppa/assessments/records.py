"""Assessments as commands take them and as pages and the bridge read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from ppa.assessments.scale import Scale
from ppa.assessments.states import Advice, AssessmentState, Respondent


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAssessment:
    """One scale filled in on a day. `answers` holds the value of each item that was answered, by its code."""

    person_id: UUID
    scale: str
    assessed_on: date
    respondent: Respondent
    answers: Mapping[str, Decimal]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAssessment:
    """An assessment that was noted by mistake; it stays in the history."""

    assessment_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a scale says: the score, its words, what it suggests. `is_partial`: some items were left blank."""

    score: Decimal
    label: str
    advice: Advice | None
    is_partial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentSnapshot:
    """A whole assessment with its result."""

    id: UUID
    version: int
    person_id: UUID
    state: AssessmentState
    scale: Scale
    assessed_on: date
    respondent: Respondent
    answers: Mapping[str, Decimal]
    result: Result
    note: str
    assessor_id: UUID | None
    organisation_id: UUID | None
    created_at: datetime
    updated_at: datetime
