"""What contradicts what, and how it may be settled; nothing here ever stops a recording.

Source: CSP L1111-11 (directives bind, the latest prevails), R1111-17; domain.md §1.2 (a plan never conditions directives).
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from accounts.kernel.errors import DomainError
from ppa.contradictions.own_words import in_her_words
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
from ppa.contradictions.reading import LONGEST_QUOTE, REFUSES, passages_about, texts_of
from ppa.contradictions.records import Contradiction, Passage, SettleContradiction
from ppa.contradictions.states import Kind, Outcome, SettledWith
from ppa.crises.records import CrisisSnapshot
from ppa.directives.records import DirectiveSnapshot
from ppa.directives.rules import AGAINST_COMFORT, COMFORT, at_odds, odds_told
from ppa.directives.states import (
    DEEP_SEDATION,
    OPEN,
    SUBJECTS,
    Decision,
    State,
)
from ppa.emergency_sheets.rules import against_directives, written_from
from ppa.emergency_sheets.states import (
    MEASURE_LABELS,
    SEDATION_LABELS,
    STANCE_LABELS,
    TO_DO,
    TRANSFER_LABELS,
    Sedation,
    Transfer,
)
from ppa.plans.states import MOMENT_LABELS, PLACE_LABELS, Place, PlaceMoment

AGAINST_TRANSFER: Final = {
    Transfer.AVOID: frozenset({Place.HOSPITAL, Place.PALLIATIVE_UNIT, Place.SUPPORT_HOUSE}),
    Transfer.ANY: frozenset({Place.HOME, Place.RELATIVE, Place.CARE_HOME}),
}
"""Wished places that what a sheet says of a transfer leads away from. Ours, to be settled by the teams."""


class ContradictionGone(DomainError):
    """One of the passages changed meanwhile."""

    code = "contradiction-gone"
    text = "L’un des deux passages a changé depuis. Rechargez la page pour lire ce qu’ils disent maintenant."
    status = 409
    issue = "conflict"


class AlreadySettled(DomainError):
    """Somebody else settled it."""

    code = "contradiction-settled"
    text = "Cette contradiction vient d’être levée. Rechargez la page pour voir comment."
    status = 409
    issue = "conflict"


class OlderCannotPrevail(DomainError):
    """The latest directives prevail. Source: CSP R1111-17."""

    code = "contradiction-older"
    text = "Le document valide le plus récent l’emporte. Si la personne préfère l’autre, elle le dit dans de nouvelles directives."


class PlanCannotPrevail(DomainError):
    """Directives bind the physician; a plan does not undo them. Source: CSP L1111-11."""

    code = "contradiction-plan"
    text = "Les directives l’emportent sur le plan. Si la personne a changé d’avis, elle écrit de nouvelles directives ou révoque celles-ci."


class SheetCannotPrevail(DomainError):
    """An emergency sheet informs and a prescription serves: neither undoes directives. Source: CSP L1111-11."""

    code = "contradiction-sheet"
    text = "Les directives l’emportent. Corrigez la fiche d’urgence ou la prescription ; si la personne a changé d’avis, elle écrit de nouvelles directives ou révoque celles-ci."


class TestimonyPrevails(DomainError):
    """The testimony of the trusted person prevails over any other. Source: CSP L1111-6, R4127-37-2."""

    code = "contradiction-testimony"
    text = "Une personne de confiance est désignée : son témoignage l’emporte sur celui de la famille et des proches. Interrogez-la d’abord."


class NoteMissing(DomainError):
    """What was settled is explained."""

    code = "contradiction-note-missing"
    text = "Dites en quelques mots ce qui a permis de trancher."


class SettledInFuture(DomainError):
    """Nobody has settled anything tomorrow."""

    code = "contradiction-in-future"
    text = "Cette date est dans le futur. Indiquez le jour où la question a été tranchée."


def contradictions_in(
    directives: Sequence[DirectiveSnapshot],
    plan: PlanSaid | None,
    *,
    sheet: SheetSaid | None = None,
    crises: Sequence[CrisisSnapshot] = (),
) -> tuple[Contradiction, ...]:
    """Return every contradiction: inside a document, between two, between the prevailing one and what else is signed.

    That is the plan, the emergency sheet and the drugs prescribed ahead for the crises; then those three beside each other;
    then what directives say in her own words. No two passages are laid together twice.
    """
    alive = [one for one in directives if one.state in OPEN]
    current = next((one for one in alive if one.state == State.VALID), None)
    found = [each for one in alive for each in _within(one)]
    if current is not None:
        former = [one for one in directives if one.superseded_by_id == current.id][:1]
        waiting = [one for one in alive if one.id != current.id]
        found += [each for other in (*former, *waiting) for each in _between(current, other)]
        found += _with_plan(current, plan) if plan else []
        found += _with_sheet(current, sheet) if sheet else []
        found += _with_prescriptions(current, crises)
    found += _plan_with_prescriptions(plan, crises) if plan else []
    if sheet is not None:
        found += (*_plan_with_sheet(plan, sheet), *_comfort_with_sheet(plan, sheet)) if plan else ()
        found += _sheet_with_prescriptions(sheet, crises)
    found += in_her_words(directives, plan, sheet=sheet, crises=crises)
    return tuple({one.passages: one for one in reversed(found)}.values())[::-1]


def check_settlement(
    record: SettleContradiction, found: Contradiction, *, has_trusted_person: bool, today: date
) -> None:
    """Raise unless a contradiction may be settled so. `has_trusted_person`: somebody was designated on that day."""
    if record.outcome == Outcome.SECOND and found.kind == Kind.VERSIONS:
        raise OlderCannotPrevail(field="outcome")
    if record.outcome == Outcome.SECOND and found.kind == Kind.PLAN:
        raise PlanCannotPrevail(field="outcome")
    if record.outcome == Outcome.SECOND and found.kind in (Kind.SHEET, Kind.PRESCRIPTION):
        raise SheetCannotPrevail(field="outcome")
    if has_trusted_person and record.settled_with == SettledWith.RELATIVES:
        raise TestimonyPrevails(field="settled_with")
    if record.settled_on > today:
        raise SettledInFuture(field="settled_on")
    if not record.note.strip():
        raise NoteMissing(field="note")


def _within(one: DirectiveSnapshot) -> Iterator[Contradiction]:
    said = {wish.code: wish for wish in one.wishes}
    for wanted, other in at_odds(one.wishes, comfort_only=one.comfort_only):
        second = COMFORT_QUOTED if other == COMFORT else quoted(said[other])
        yield found_between(
            Kind.WITHIN,
            wanted if other == COMFORT else f"{wanted}/{other}",
            odds_told(wanted, other),
            passage_of(one, quoted(said[wanted])),
            passage_of(one, second),
        )


def _between(current: DirectiveSnapshot, other: DirectiveSnapshot) -> Iterator[Contradiction]:
    theirs = {wish.code: wish for wish in other.wishes}
    for wish in current.wishes:
        against = theirs.get(wish.code)
        if against is None or {wish.decision, against.decision} != {Decision.PERMIT, Decision.DENY}:
            continue
        label = SUBJECTS[wish.code].label
        sentence = f"Sur « {label} », deux documents disent le contraire. {which(other)}"
        yield found_between(
            Kind.VERSIONS, wish.code, sentence, passage_of(current, quoted(wish)), passage_of(other, quoted(against))
        )
    yield from _comfort_between(current, other)


def _comfort_between(current: DirectiveSnapshot, other: DirectiveSnapshot) -> Iterator[Contradiction]:
    """Yield what either accepts when the other one alone asks for comfort care and nothing else."""
    if current.comfort_only == other.comfort_only:
        return
    comfort, more = (current, other) if current.comfort_only else (other, current)
    for wish in more.wishes:
        if wish.code not in AGAINST_COMFORT or wish.decision != Decision.PERMIT or wish in comfort.wishes:
            continue
        words = {comfort.id: COMFORT_QUOTED, more.id: quoted(wish)}
        sentence = f"Un document demande des soins de confort uniquement, un autre accepte « {SUBJECTS[wish.code].label} ». {which(other)}"
        first, second = (passage_of(one, words[one.id]) for one in (current, other))
        yield found_between(Kind.VERSIONS, f"{wish.code}/{COMFORT}", sentence, first, second)


def _with_plan(current: DirectiveSnapshot, plan: PlanSaid) -> Iterator[Contradiction]:
    version_id, signed_on, content = plan
    for wish in current.wishes:
        more = (COMFORT,) if wish.decision == Decision.PERMIT and wish.code in AGAINST_COMFORT else ()
        quote = passages_about((wish.code, *more), texts_of(content)) if wish.decision != Decision.OTHER else ""
        if not quote:
            continue
        verb = "acceptent" if wish.decision == Decision.PERMIT else "refusent"
        sentence = f"Les directives {verb} « {SUBJECTS[wish.code].label} », et le plan en parle aussi. Lisez les deux passages ensemble."
        second = Passage(source=PLAN_NAMED, source_id=version_id, dated=signed_on, words=quote)
        yield found_between(Kind.PLAN, wish.code, sentence, passage_of(current, quoted(wish)), second)
    stated = {wish.code for wish in current.wishes if wish.decision != Decision.OTHER}
    codes = [code for code in AGAINST_COMFORT if current.comfort_only and code not in stated]
    if quote := passages_about(codes, texts_of(content), but=REFUSES):
        sentence = "Les directives demandent des soins de confort uniquement, et le plan parle d’autres soins. Lisez les deux passages ensemble."
        second = Passage(source=PLAN_NAMED, source_id=version_id, dated=signed_on, words=quote)
        yield found_between(Kind.PLAN, COMFORT, sentence, passage_of(current, COMFORT_QUOTED), second)


def _with_sheet(current: DirectiveSnapshot, sheet: SheetSaid) -> Iterator[Contradiction]:
    version_id, signed_on, content = sheet
    wishes = {wish.code: wish for wish in current.wishes}
    decisions = {code: wish.decision for code, wish in wishes.items()}
    written = written_from(content["written"])
    for one in against_directives(written, decisions, comfort_only=current.comfort_only):
        stated = wishes.get(one.subject)
        first = quoted(stated) if stated and stated.decision != Decision.OTHER else one.directives_said
        second = Passage(source=SHEET_NAMED, source_id=version_id, dated=signed_on, words=one.sheet_says)
        sentence = f"{one.directives_said} La fiche d’urgence dit le contraire. Lisez les deux passages ensemble."
        yield found_between(Kind.SHEET, one.subject, sentence, passage_of(current, first), second)


def _with_prescriptions(current: DirectiveSnapshot, crises: Sequence[CrisisSnapshot]) -> Iterator[Contradiction]:
    refused = next((w for w in current.wishes if w.code == DEEP_SEDATION and w.decision == Decision.DENY), None)
    if refused is None:
        return
    sentence = "Les directives refusent une sédation, et un médicament qui endort est prescrit par anticipation. Lisez les deux passages ensemble."
    for second in sedatives(crises):
        yield found_between(Kind.PRESCRIPTION, DEEP_SEDATION, sentence, passage_of(current, quoted(refused)), second)


def _plan_with_prescriptions(plan: PlanSaid, crises: Sequence[CrisisSnapshot]) -> Iterator[Contradiction]:
    version_id, signed_on, content = plan
    quote = passages_about([DEEP_SEDATION], texts_of(content), only=REFUSES)
    if not quote:
        return
    first = Passage(source=PLAN_NAMED, source_id=version_id, dated=signed_on, words=quote)
    sentence = "Dans le plan, une phrase sur la sédation semble dire non, et un médicament qui endort est prescrit par anticipation. Lisez les deux passages ensemble."
    for second in sedatives(crises):
        yield found_between(Kind.PLAN_PRESCRIPTION, DEEP_SEDATION, sentence, first, second, by_words=True)


def _plan_with_sheet(plan: PlanSaid, sheet: SheetSaid) -> Iterator[Contradiction]:
    version_id, signed_on, content = plan
    sheet_id, sheet_signed_on, of_sheet = sheet
    transfer = written_from(of_sheet["written"]).transfer
    against = AGAINST_TRANSFER.get(transfer, frozenset())
    second = Passage(
        source=SHEET_NAMED, source_id=sheet_id, dated=sheet_signed_on, words=f"Transfert : {TRANSFER_LABELS[transfer]}."
    )
    for wished in content.get("places", ()):
        if Place(wished["place"]) not in against:
            continue
        moment = PlaceMoment(wished["moment"])
        words = " ".join(part for part in (f"{MOMENT_LABELS[moment]} : {PLACE_LABELS[Place(wished['place'])]}.", wished.get("words", "")) if part)  # fmt: skip
        first = Passage(source=PLAN_NAMED, source_id=version_id, dated=signed_on, words=words[:LONGEST_QUOTE])
        sentence = "Le lieu que la personne souhaite et ce que la fiche d’urgence dit d’un transfert ne vont pas ensemble. Lisez les deux passages."
        yield found_between(Kind.PLAN_SHEET, str(moment), sentence, first, second)


def _comfort_with_sheet(plan: PlanSaid, sheet: SheetSaid) -> Iterator[Contradiction]:
    """Yield what a sheet foresees beyond comfort care when the plan speaks of comfort care alone."""
    version_id, signed_on, content = plan
    sheet_id, sheet_signed_on, of_sheet = sheet
    quote = passages_about([COMFORT], texts_of(content))
    if not quote:
        return
    first = Passage(source=PLAN_NAMED, source_id=version_id, dated=signed_on, words=quote)
    sentence = "Le plan parle de soins de confort uniquement, et la fiche d’urgence prévoit davantage. Lisez les deux passages ensemble."
    for measure, stance in written_from(of_sheet["written"]).measures.items():
        if stance in TO_DO:
            says = f"« {MEASURE_LABELS[measure]} » : {STANCE_LABELS[stance].lower()}."
            second = Passage(source=SHEET_NAMED, source_id=sheet_id, dated=sheet_signed_on, words=says)
            yield found_between(Kind.PLAN_SHEET, str(measure), sentence, first, second)


def _sheet_with_prescriptions(sheet: SheetSaid, crises: Sequence[CrisisSnapshot]) -> Iterator[Contradiction]:
    sheet_id, signed_on, content = sheet
    sedation = written_from(content["written"]).sedation
    if sedation != Sedation.REFUSED:
        return
    first = Passage(
        source=SHEET_NAMED, source_id=sheet_id, dated=signed_on, words=f"Sédation : {SEDATION_LABELS[sedation]}."
    )
    sentence = "La fiche d’urgence dit que la personne refuse une sédation, et un médicament qui endort est prescrit par anticipation. Lisez les deux passages ensemble."
    for second in sedatives(crises):
        yield found_between(Kind.SHEET_PRESCRIPTION, DEEP_SEDATION, sentence, first, second)
