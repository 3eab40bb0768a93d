"""Collegial decisions as commands take them and as pages read them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ppa.collegial_decisions.states import AskedBy, DecisionState, Ground, Informed, Kind, Result, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDecision:
    """A physician opens the procedure. `about`: the treatments, or the wishes, in question.

    `requested_on` is the day the person asked for it, when she did; `asked_by`: who wants the procedure.
    """

    person_id: UUID
    kind: Kind
    ground: Ground
    about: str
    requested_on: date | None = None
    asked_by: AskedBy = AskedBy.PHYSICIAN


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTold:
    """Somebody was told that the procedure is under way. Source: CSP R4127-37-2."""

    decision_id: UUID
    version: int | None
    told: Informed
    told_on: date
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSearch:
    """One place was looked into, or one person asked, for the person's will."""

    decision_id: UUID
    version: int | None
    step: Step
    result: Result
    searched_on: date
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Physician:
    """A physician as somebody named him; `rpps`: his eleven digits, empty when they were not given.

    `is_another`: who noted him says that he is not one of those noted before.
    """

    name: str
    rpps: str = ""
    is_another: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteOpinion(Physician):
    """The reasoned opinion of a consultant physician; `is_independent`: no hierarchical link with the one who decides.

    `asks_second`: this consultant, or the one who decides, finds a second opinion useful.
    """

    decision_id: UUID
    version: int | None
    structure: str
    is_independent: bool
    opinion: str
    given_on: date
    asks_second: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide:
    """The decision: `team` names who took part in the concertation, `starts_on` from when it holds.

    `guardian_opinion`: what the parents of a minor, or who is in charge of a protected adult, think.
    `place`, `has_pain_relief` and `stops_life_support` are asked for a deep sedation only.
    """

    decision_id: UUID
    version: int | None
    decided_on: date
    motives: str
    team: str
    starts_on: date
    informed: Informed
    informed_name: str = ""
    informed_on: date | None = None
    place: str = ""
    has_pain_relief: bool = False
    stops_life_support: bool = False
    guardian_opinion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDecision:
    """It no longer holds: the situation was assessed, or the person has died or spoken again."""

    decision_id: UUID
    version: int | None
    ended_on: date
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelDecision:
    """The procedure is given up before any decision."""

    decision_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchNoted:
    """What one step of the search gave."""

    step: Step
    result: Result
    searched_on: date
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionNoted(Physician):
    """One opinion, and whose."""

    structure: str
    opinion: str
    given_on: date
    asks_second: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldNoted:
    """Who was told that the procedure is under way, and when."""

    told: Informed
    told_on: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was decided."""

    decided_on: date
    by: str
    motives: str
    team: str
    starts_on: date
    informed: Informed
    informed_name: str
    informed_on: date | None
    place: str
    has_pain_relief: bool
    stops_life_support: bool
    guardian_opinion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSnapshot:
    """A whole decision. `directive_id` is the document that is not applied."""

    id: UUID
    version: int
    person_id: UUID
    state: DecisionState
    kind: Kind
    ground: Ground
    about: str
    requested_on: date | None
    directive_id: UUID | None
    searches: tuple[SearchNoted, ...]
    opinions: tuple[OpinionNoted, ...]
    decided: Decided | None
    opened_on: date
    ended_on: date | None
    end_note: str
    organisation_id: UUID | None = None
    decided_by_id: UUID | None = None
    asked_by: AskedBy = AskedBy.PHYSICIAN
    told: ToldNoted | None = None
