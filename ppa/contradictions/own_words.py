"""What directives say in the person's own words, laid beside what else is written: a question, never a conclusion.

Two passages are laid together when one of them may say no and the other yes. Who reads them settles.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ppa.contradictions.passages import (
    COMFORT_QUOTED,
    PLAN_NAMED,
    SHEET_NAMED,
    PlanSaid,
    SheetSaid,
    found_between,
    passage_of,
    quoted,
    sedatives,
    which,
)
from ppa.contradictions.reading import WORDS, Told, texts_of, told_in, told_of
from ppa.contradictions.records import Contradiction, Passage
from ppa.contradictions.states import Kind
from ppa.crises.records import CrisisSnapshot
from ppa.directives.records import DirectiveSnapshot, Wish
from ppa.directives.rules import AGAINST_COMFORT, COMFORT
from ppa.directives.states import DEEP_SEDATION, LIFE_SUPPORT, OPEN, SUBJECTS, Decision, State
from ppa.emergency_sheets.rules import SUBJECT_OF, written_from
from ppa.emergency_sheets.states import (
    MEASURE_LABELS,
    NOT_TO_DO,
    SEDATION_LABELS,
    STANCE_LABELS,
    TO_DO,
    Measure,
    Sedation,
)

SPOKEN_OF: Final = tuple(code for code in WORDS if code != COMFORT)
"""Subjects that words may be about."""
MEASURE_WORDS: Final = {
    Measure.NIV: r"ventilation|assistance respiratoire|\bvni\b",
    Measure.INTENSIVE_CARE: WORDS[LIFE_SUPPORT] + r"|(?:\ben|service de) réa",
}
"""By what words a text speaks of a measure, where it is not as of its whole subject. Ours, to be settled by the teams."""
TOGETHER: Final = "Lisez les deux passages ensemble."


def in_her_words(
    directives: Sequence[DirectiveSnapshot],
    plan: PlanSaid | None,
    *,
    sheet: SheetSaid | None,
    crises: Sequence[CrisisSnapshot],
) -> list[Contradiction]:
    """Return what directives say in words that may not go with a ticked wish, another document, the plan, the sheet or a drug."""
    alive = [one for one in directives if one.state in OPEN]
    current = next((one for one in alive if one.state == State.VALID), None)
    found = [each for one in alive for each in _within(one)]
    if current is None:
        return found
    former = [one for one in directives if one.superseded_by_id == current.id][:1]
    for other in (*former, *(one for one in alive if one.id != current.id)):
        found += _between(current, other)
    found += _with_plan(current, plan) if plan else ()
    found += _with_sheet(current, sheet) if sheet else ()
    found += _with_drugs(current, crises)
    return found


def _within(one: DirectiveSnapshot) -> Iterator[Contradiction]:
    for code in SPOKEN_OF:
        ticked, said = _ticked(one, code), _hers(one, code)
        if ticked and said and ticked.may_differ_from(said):
            sentence = f"Sur « {SUBJECTS[code].label} », un choix du document et les mots de la personne ne vont peut-être pas ensemble. {TOGETHER}"
            yield found_between(
                Kind.WITHIN, code, sentence, passage_of(one, ticked.words), passage_of(one, said.words), by_words=True
            )


def _between(current: DirectiveSnapshot, other: DirectiveSnapshot) -> Iterator[Contradiction]:
    for code in SPOKEN_OF:
        ticked, theirs_ticked = _ticked(current, code), _ticked(other, code)
        said, theirs = ticked or _hers(current, code), theirs_ticked or _hers(other, code)
        if (ticked and theirs_ticked) or not said or not theirs or not said.may_differ_from(theirs):
            continue
        sentence = (
            f"Sur « {SUBJECTS[code].label} », les mots de deux documents ne vont peut-être pas ensemble. {which(other)}"
        )
        first, second = passage_of(current, said.words), passage_of(other, theirs.words)
        yield found_between(Kind.VERSIONS, code, sentence, first, second, by_words=True)


def _with_plan(current: DirectiveSnapshot, plan: PlanSaid) -> Iterator[Contradiction]:
    version_id, signed_on, content = plan
    for code in SPOKEN_OF:
        said = None if _ticked(current, code) else _hers(current, code)
        planned = _about(code, texts_of(content)) if said else None
        if said and planned and said.may_differ_from(planned):
            second = Passage(source=PLAN_NAMED, source_id=version_id, dated=signed_on, words=planned.words)
            yield found_between(
                Kind.PLAN, code, _both_speak(code, "le plan"), passage_of(current, said.words), second, by_words=True
            )


def _with_sheet(current: DirectiveSnapshot, sheet: SheetSaid) -> Iterator[Contradiction]:
    sheet_id, signed_on, _content = sheet
    for code, words, stated in _lines_of(sheet):
        said = None if _ticked(current, code) else _hers(current, code, words)
        if said and said.may_differ_from(stated):
            second = Passage(source=SHEET_NAMED, source_id=sheet_id, dated=signed_on, words=stated.words)
            sentence = _both_speak(code, "la fiche d’urgence")
            yield found_between(Kind.SHEET, code, sentence, passage_of(current, said.words), second, by_words=True)


def _with_drugs(current: DirectiveSnapshot, crises: Sequence[CrisisSnapshot]) -> Iterator[Contradiction]:
    said = None if _ticked(current, DEEP_SEDATION) else _hers(current, DEEP_SEDATION)
    if said is None or not said.no:
        return
    sentence = f"Les directives parlent de sédation avec les mots de la personne, et un médicament qui endort est prescrit par anticipation. {TOGETHER}"
    for second in sedatives(crises):
        first = passage_of(current, said.words)
        yield found_between(Kind.PRESCRIPTION, DEEP_SEDATION, sentence, first, second, by_words=True)


def _lines_of(sheet: SheetSaid) -> Iterator[tuple[str, str, Told]]:
    """Yield what a sheet says clearly: the subject, the words that speak of it, the line."""
    written = written_from(sheet[2]["written"])
    for measure, stance in written.measures.items():
        if stance in TO_DO | NOT_TO_DO:
            says = f"« {MEASURE_LABELS[measure]} » : {STANCE_LABELS[stance].lower()}."
            code = SUBJECT_OF[measure]
            yield code, MEASURE_WORDS.get(measure, WORDS[code]), Told(says, no=stance in NOT_TO_DO, yes=stance in TO_DO)
    if written.comfort_only:
        yield from ((code, WORDS[code], Told(COMFORT_QUOTED, no=True, yes=False)) for code in AGAINST_COMFORT)
    if written.sedation in (Sedation.ACCEPTED, Sedation.REFUSED):
        says = f"Sédation : {SEDATION_LABELS[written.sedation]}."
        refused = written.sedation == Sedation.REFUSED
        yield DEEP_SEDATION, WORDS[DEEP_SEDATION], Told(says, no=refused, yes=not refused)


def _ticked(one: DirectiveSnapshot, code: str) -> Told | None:
    """Return what a document says of a subject by a choice of its form."""
    wish = _wish(one, code)
    if wish and wish.decision != Decision.OTHER:
        return Told(quoted(wish), no=wish.decision == Decision.DENY, yes=wish.decision == Decision.PERMIT)
    if one.comfort_only and code in AGAINST_COMFORT:
        return Told(COMFORT_QUOTED, no=True, yes=False)
    return None


def _hers(one: DirectiveSnapshot, code: str, words: str = "") -> Told | None:
    """Return what a document says of a subject in words, whatever stands beside its own choice left out."""
    notes = (wish.note for wish in one.wishes if wish.code != code)
    said = _about(code, (one.text, *one.sections.values(), *notes), words)
    wish = _wish(one, code)
    if wish is None or wish.decision != Decision.OTHER or not wish.note.strip():
        return said
    made_precise = told_of(wish.note, shown=quoted(wish))
    return made_precise.and_also(said) if said else made_precise


def _wish(one: DirectiveSnapshot, code: str) -> Wish | None:
    return next((wish for wish in one.wishes if wish.code == code), None)


def _about(code: str, texts: Iterable[str], words: str = "") -> Told | None:
    return told_in(texts, words or WORDS[code], refused_by=WORDS[COMFORT] if code in AGAINST_COMFORT else "")


def _both_speak(code: str, what: str) -> str:
    return f"Les directives parlent de « {SUBJECTS[code].label} » avec les mots de la personne, et {what} en parle aussi. {TOGETHER}"
