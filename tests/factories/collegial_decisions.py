"""Invented collegial decisions, through their commands."""

from uuid import UUID

from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from ppa.collegial_decisions.commands import decide, note_opinion, note_search, note_told, open_decision
from ppa.collegial_decisions.models import CollegialDecision
from ppa.collegial_decisions.records import Decide, NoteOpinion, NoteSearch, NoteTold, OpenDecision
from ppa.collegial_decisions.states import Ground, Informed, Kind, Result, Step

WORDS = "Traitement CANARICONFIDENCE"


def opening(person_id: UUID, **fields: object) -> OpenDecision:
    """Return the input of a limitation of treatment."""
    values: dict[str, object] = {"kind": Kind.LIMITATION, "ground": Ground.OBSTINACY, "about": WORDS, **fields}
    return OpenDecision(person_id=person_id, **values)  # type: ignore[arg-type]  # (a factory takes any field)


def version_of(decision_id: UUID) -> int:
    """Return the present version of a decision."""
    return CollegialDecision.objects.get(pk=decision_id).version


def searched(decision_id: UUID, by: Actor, step: Step, result: Result = Result.NOTHING) -> None:
    """Note one step of the search."""
    record = NoteSearch(
        decision_id=decision_id,
        version=version_of(decision_id),
        step=step,
        result=result,
        searched_on=today(),
        note=WORDS,
    )
    note_search(record, by=by)


def told(decision_id: UUID, by: Actor, who: Informed = Informed.FAMILY) -> None:
    """Note that somebody was told of the procedure."""
    record = NoteTold(
        decision_id=decision_id, version=version_of(decision_id), told=who, told_on=today(), name="Essai Fille"
    )
    note_told(record, by=by)


def heard(decision_id: UUID, by: Actor, **fields: object) -> None:
    """Note an opinion."""
    values: dict[str, object] = {
        "version": version_of(decision_id),
        "name": "Dr Essai Consultant",
        "structure": "EMSP (fictive)",
        "is_independent": True,
        "opinion": WORDS,
        "given_on": today(),
        **fields,
    }
    note_opinion(NoteOpinion(decision_id=decision_id, **values), by=by)  # type: ignore[arg-type]  # (a factory takes any field)


def deciding(decision_id: UUID, **fields: object) -> Decide:
    """Return the input of a decision."""
    values: dict[str, object] = {
        "version": version_of(decision_id),
        "decided_on": today(),
        "motives": WORDS,
        "team": "Essai, infirmière",
        "starts_on": today(),
        "informed": Informed.FAMILY,
        "informed_name": "Essai Fille",
        "informed_on": today(),
        **fields,
    }
    return Decide(decision_id=decision_id, **values)  # type: ignore[arg-type]  # (a factory takes any field)


def decision(person_id: UUID, by: Actor, *, taken: bool = True, **fields: object) -> UUID:
    """Return the id of a limitation, searched, heard and decided."""
    decision_id = open_decision(opening(person_id, **fields), by=by).id
    searched(decision_id, by, Step.OWN_FILE, Result.FOUND)
    told(decision_id, by, Informed.TRUSTED_PERSON)
    heard(decision_id, by)
    if taken:
        decide(deciding(decision_id, informed=Informed.TRUSTED_PERSON), by=by)
    return decision_id
