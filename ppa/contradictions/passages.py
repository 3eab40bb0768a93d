"""How a passage of each source is quoted, and under which key two of them are laid together."""

from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from accounts.kernel.clock import PARIS
from ppa.contradictions.reading import LONGEST_QUOTE, passages_about
from ppa.contradictions.records import Contradiction, Passage
from ppa.contradictions.states import Kind
from ppa.crises.records import CrisisSnapshot
from ppa.directives.records import DirectiveSnapshot, Wish
from ppa.directives.states import DEEP_SEDATION, STATED_LABELS, SUBJECTS, State
from ppa.emergency_sheets.records import Content
from ppa.emergency_sheets.rules import is_sedative

PlanSaid = tuple[UUID, date, dict[str, Any]]
"""A signed version: its id, the day of its signature, its content as `ppa.plans` keeps it."""
SheetSaid = tuple[UUID, date, Content]
"""A signed emergency sheet: the id of its paper, the day of its signature, its content."""
COMFORT_QUOTED: Final = "Des soins de confort uniquement."
SHEET_NAMED: Final = "Fiche Urgence Pallia"
PLAN_NAMED: Final = "Plan personnalisé d’accompagnement"
SIGNED_AGAIN: Final = frozenset({SHEET_NAMED, PLAN_NAMED})
"""Sources of which each signature is another document, with the same words more often than not."""


def sedatives(crises: Sequence[CrisisSnapshot]) -> Iterator[Passage]:
    """Yield each drug prescribed ahead that puts to sleep, or that is said to."""
    for crisis in crises:
        for one in crisis.prescriptions:
            if is_sedative(one.order.drug) or passages_about([DEEP_SEDATION], [one.order.remark]):
                words = f"{crisis.title} : {one.order.drug}, {one.dose_label}. {one.order.remark}".strip()
                yield Passage(
                    source="Prescription anticipée",
                    source_id=one.id,
                    dated=one.written_at.astimezone(PARIS).date(),
                    words=words[:LONGEST_QUOTE],
                )


def quoted(wish: Wish) -> str:
    """Return one wish as its document says it."""
    said = f"{SUBJECTS[wish.code].label} : {STATED_LABELS[wish.decision].lower()}."
    return f"{said} « {wish.note} »" if wish.note else said


def passage_of(one: DirectiveSnapshot, words: str) -> Passage:
    """Return what a document of directives says."""
    return Passage(source="Directives anticipées", source_id=one.id, dated=one.signed_on, words=words)


def which(other: DirectiveSnapshot) -> str:
    """Say of two documents which one counts."""
    if other.state == State.SUPERSEDED:
        return "Le plus récent compte ; vérifiez que ce changement est bien voulu."
    return "L’un des deux n’est pas encore vérifié."


def found_between(
    kind: Kind, subject: str, sentence: str, first: Passage, second: Passage, *, by_words: bool = False
) -> Contradiction:
    """Return one, under a key made of its words and its sources; `by_words`: what is signed again unchanged asks nothing anew."""
    sources = ["" if by_words and one.source in SIGNED_AGAIN else str(one.source_id) for one in (first, second)]
    told = "|".join([kind, subject, sources[0], first.words, sources[1], second.words])
    return Contradiction(
        key=sha256(told.encode()).hexdigest()[:32],
        kind=kind,
        subject=subject,
        sentence=sentence,
        first=first,
        second=second,
    )
