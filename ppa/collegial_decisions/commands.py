"""Writing collegial decisions: opened, completed by the search and the opinions, taken, ended."""

from dataclasses import asdict
from datetime import date
from typing import Any

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.kernel.clock import instant_of, today
from accounts.kernel.errors import NotFound, TransitionRefused
from accounts.organisations.queries import professional_snapshot
from accounts.people.models import Person
from ppa.collegial_decisions.events import DecisionClosed, DecisionCompleted, DecisionOpened, DecisionTaken
from ppa.collegial_decisions.models import CollegialDecision
from ppa.collegial_decisions.reading import known_of, snapshot_of
from ppa.collegial_decisions.records import (
    CancelDecision,
    Decide,
    EndDecision,
    NoteOpinion,
    NoteSearch,
    NoteTold,
    OpenDecision,
    Physician,
)
from ppa.collegial_decisions.rules import (
    Prepared,
    check_decision,
    check_end,
    check_opening,
    check_opinion,
    check_search,
    check_told,
)
from ppa.collegial_decisions.states import DecisionAction, DecisionState, Kind


@command(Permission.COLLEGIAL_DECISION_PREPARE)
def open_decision(record: OpenDecision, act: Act) -> Receipt:
    """Open the procedure; for a non-application it names the directives that are current now."""
    act.ask(Facts(type=CollegialDecision.AGGREGATE, person_id=record.person_id, organisation_id=act.by.organisation_id))
    act.lock(Person, record.person_id)
    known, directive_id = known_of(record.person_id)
    check_opening(record, known=known, today=today())
    decision = CollegialDecision(
        person_id=record.person_id,
        organisation_id=act.by.organisation_id,
        directive_id=directive_id if record.kind == Kind.NON_APPLICATION else None,
        content={
            "kind": str(record.kind),
            "ground": str(record.ground),
            "about": record.about.strip(),
            "requested_on": _iso(record.requested_on),
            "asked_by": str(record.asked_by),
            "told": None,
            "searches": [],
            "opinions": [],
            "decided": None,
            "end_note": "",
        },
    )
    return act.add(decision, "open", DecisionOpened)


@command(Permission.COLLEGIAL_DECISION_PREPARE)
def note_search(record: NoteSearch, act: Act) -> Receipt:
    """Keep what one step of the search gave; a step noted again replaces its first note in the list."""
    decision = _being_prepared(act.open(CollegialDecision, record.decision_id, version=record.version))
    done = [one.step for one in snapshot_of(decision).searches]
    check_search(record, done=done, today=today())
    noted = _plain(record, "step", "result", "searched_on", "note")
    kept = [one for one in decision.content["searches"] if one["step"] != record.step]
    decision.content = {**decision.content, "searches": [*kept, noted]}
    return act.amend(decision, "search", DecisionCompleted, at=instant_of(record.searched_on))


@command(Permission.COLLEGIAL_DECISION_PREPARE)
def note_opinion(record: NoteOpinion, act: Act) -> Receipt:
    """Keep the reasoned opinion of a consultant physician."""
    decision = _being_prepared(act.open(CollegialDecision, record.decision_id, version=record.version))
    check_opinion(record, before=snapshot_of(decision).opinions, today=today())
    noted = _plain(record, "name", "rpps", "is_another", "structure", "opinion", "given_on", "asks_second")
    decision.content = {**decision.content, "opinions": [*decision.content["opinions"], noted]}
    return act.amend(decision, "opinion", DecisionCompleted, at=instant_of(record.given_on))


@command(Permission.COLLEGIAL_DECISION_PREPARE)
def note_told(record: NoteTold, act: Act) -> Receipt:
    """Keep who was told that the procedure is under way; noted again, the last note holds."""
    decision = _being_prepared(act.open(CollegialDecision, record.decision_id, version=record.version))
    check_told(record, known=known_of(decision.person_id)[0], today=today())
    decision.content = {**decision.content, "told": _plain(record, "told", "told_on", "name")}
    return act.amend(decision, "tell", DecisionCompleted, at=instant_of(record.told_on))


@command(Permission.COLLEGIAL_DECISION_DECIDE)
def decide(record: Decide, act: Act) -> Receipt:
    """Take the decision, once all that the law asks before it is noted."""
    decision = act.open(CollegialDecision, record.decision_id, version=record.version)
    prepared, (known, _) = snapshot_of(decision), known_of(decision.person_id)
    check_decision(
        record,
        prepared=Prepared(
            ground=prepared.ground,
            results=[one.result for one in prepared.searches],
            consultants=prepared.opinions,
            decider=_decider(act),
            asks_second=any(one.asks_second for one in prepared.opinions),
            is_told=prepared.told is not None,
        ),
        known=known,
        today=today(),
    )
    decided = _plain(record, *(name for name in asdict(record) if name not in ("decision_id", "version")))
    decision.content = {**decision.content, "decided": decided}
    decision.decided_by_id = act.by.professional_id
    return act.advance(decision, DecisionAction.DECIDE, DecisionTaken, at=instant_of(record.decided_on))


@command(Permission.COLLEGIAL_DECISION_DECIDE)
def end_decision(record: EndDecision, act: Act) -> Receipt:
    """Keep that a decision no longer holds."""
    decision = act.open(CollegialDecision, record.decision_id, version=record.version)
    decided = snapshot_of(decision).decided
    if decided is not None:
        check_end(record.ended_on, starts_on=decided.starts_on, today=today())
    decision.ended_on = record.ended_on
    decision.content = {**decision.content, "end_note": record.note.strip()}
    return act.advance(decision, DecisionAction.END, DecisionClosed, at=instant_of(record.ended_on))


@command(Permission.COLLEGIAL_DECISION_PREPARE)
def cancel_decision(record: CancelDecision, act: Act) -> Receipt:
    """Give the procedure up before any decision."""
    decision = act.open(CollegialDecision, record.decision_id, version=record.version)
    return act.advance(decision, DecisionAction.CANCEL, DecisionClosed)


def _decider(act: Act) -> Physician:
    if act.by.professional_id is None:
        raise NotFound
    who = professional_snapshot(act.by.professional_id)
    return Physician(name=f"{who.given} {who.family}", rpps=who.rpps)


def _being_prepared(decision: CollegialDecision) -> CollegialDecision:
    if decision.state != DecisionState.PREPARED:
        raise TransitionRefused(state=CollegialDecision.LIFECYCLE.label(decision.state))
    return decision


def _plain(record: Any, *names: str) -> dict[str, Any]:
    """Return the named fields of a record as JSON takes them."""
    given = {name: getattr(record, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, date) else value.strip() if type(value) is str else value
        for name, value in given.items()
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
