"""What directives say in the person's own words, laid beside everything else: quoted, never judged, never asked twice."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppa.contradictions import rules
from ppa.contradictions.states import Kind, Outcome
from ppa.directives.records import Wish
from ppa.directives.states import (
    DEEP_SEDATION,
    DIALYSIS,
    OTHER_SUBJECT,
    RESUSCITATION,
    SUBJECTS,
    VENTILATION,
    Decision,
    State,
)
from ppa.emergency_sheets.states import Measure, Sedation, Stance
from tests.unit.fhir_bridge.mappers.test_wishes import DIRECTIVE
from tests.unit.ppa.contradictions.test_rules import TODAY, foreseen, plan, settling, sheet

NOTHING = replace(DIRECTIVE, wishes=())
CPR_WANTED = {Measure.CPR: Stance.WANTED}
CPR_REFUSED = {Measure.CPR: Stance.REFUSED}


def written(text="", *wishes, **fields):
    return replace(DIRECTIVE, text=text, wishes=wishes, **fields)


def beside_sheet(current, **fields):
    return rules.contradictions_in([current], None, sheet=sheet(sedation=Sedation.NOT_DISCUSSED, **fields))


def precise(code, note):
    return Wish(code=code, decision=Decision.OTHER, note=note)


@pytest.mark.parametrize(
    "current",
    [
        written("Le chat reste. Pas de réanimation."),
        replace(NOTHING, sections={"treatments": "Pas de réanimation."}),
        written("", precise(RESUSCITATION, "Pas plus de dix minutes.")),
        written("", precise(OTHER_SUBJECT, "Pas de réanimation.")),
        written("Une réanimation, seulement si je suis à l’hôpital."),
    ],
)
def test_whatever_she_wrote_in_words_is_laid_beside_a_sheet_that_foresees_it(current):
    [found] = beside_sheet(current, measures=CPR_WANTED)
    assert (found.kind, found.first.source_id, found.second.source) == (
        Kind.SHEET,
        DIRECTIVE.id,
        "Fiche Urgence Pallia",
    )
    assert found.second.words == "« Massage cardiaque, défibrillation » : demandé par la personne."
    assert "contraire" not in found.sentence
    assert "Lisez les deux passages ensemble." in found.sentence
    with pytest.raises(rules.SheetCannotPrevail):
        rules.check_settlement(settling(outcome=Outcome.SECOND), found, has_trusted_person=False, today=TODAY)


@pytest.mark.parametrize(
    ("text", "measures", "is_told"),
    [
        ("Pas de réanimation.", CPR_REFUSED, False),
        ("Je refuse qu’on me fasse un massage cardiaque", CPR_REFUSED, False),
        ("Réanimation : non.", CPR_REFUSED, False),
        ("La réanimation, je n’en veux pas.", CPR_REFUSED, False),
        ("Je veux être réanimée.", CPR_WANTED, False),
        ("Je veux être réanimée.", CPR_REFUSED, True),
        ("Je ne veux pas qu’on arrête : réanimez-moi.", CPR_REFUSED, True),
        ("Pas de réanimation, sauf après un accident.", CPR_REFUSED, True),
        ("Pas de réanimation.", {Measure.CPR: Stance.UNSAID}, False),
        ("Pas d’intubation.", {Measure.NIV: Stance.ADVISED}, False),
        ("Pas d’intubation.", {Measure.INTUBATION: Stance.ADVISED}, True),
        ("Pas de ventilation.", {Measure.NIV: Stance.ADVISED}, True),
        ("Que des soins de confort.", CPR_WANTED, True),
        ("Que des soins de confort.", CPR_REFUSED, False),
        ("J’aime le chat.", CPR_WANTED, False),
    ],
)
def test_only_words_that_may_not_go_with_the_sheet_are_asked_about(text, measures, is_told):
    assert [one.kind for one in beside_sheet(written(text), measures=measures)] == [Kind.SHEET] * is_told


def test_a_sheet_of_comfort_care_alone_is_laid_beside_words_that_want_more():
    [found] = beside_sheet(written("Je veux être réanimée."), measures={}, comfort_only=True)
    assert found.second.words == "Des soins de confort uniquement."
    assert beside_sheet(written("Pas de réanimation."), measures={}, comfort_only=True) == ()


@pytest.mark.parametrize(
    ("text", "sedation", "is_told"),
    [
        ("Je ne veux pas être endormie.", Sedation.ACCEPTED, True),
        ("Je ne veux pas être endormie.", Sedation.REFUSED, False),
        ("Une sédation si je souffre.", Sedation.REFUSED, True),
        ("Pas de sédation.", Sedation.UNDECIDED, False),
    ],
)
def test_words_on_sedation_are_laid_beside_what_the_sheet_says_of_it(text, sedation, is_told):
    found = rules.contradictions_in([written(text)], None, sheet=sheet(measures={}, sedation=sedation))
    assert [one.kind for one in found] == [Kind.SHEET] * is_told


def test_words_that_refuse_sedation_are_laid_beside_a_drug_that_puts_to_sleep():
    [found] = rules.contradictions_in([written("Pas de sédation.")], None, crises=[foreseen("Midazolam 5 mg")])
    assert (found.kind, found.first.words) == (Kind.PRESCRIPTION, "Pas de sédation.")
    assert rules.contradictions_in([written("Une sédation, oui.")], None, crises=[foreseen("Midazolam 5 mg")]) == ()


@pytest.mark.parametrize(
    ("text", "said", "is_told"),
    [
        ("Pas de réanimation.", "Elle demande une réanimation si elle est seule.", True),
        ("Je veux une dialyse.", "Pas de dialyse, dit-elle.", True),
        ("Que des soins de confort.", "Une intubation est possible.", True),
        ("Pas de réanimation.", "Elle ne souhaite pas de réanimation.", False),
        ("Pas de réanimation.", "Elle aime le chat.", False),
    ],
)
def test_words_and_the_plan_are_laid_side_by_side_when_they_may_not_go_together(text, said, is_told):
    found = rules.contradictions_in([written(text)], plan(said))
    assert [(one.kind, one.first.words, one.second.words) for one in found] == [(Kind.PLAN, text, said)] * is_told
    assert all("parle" in one.sentence for one in found)


def test_a_ticked_wish_and_her_own_words_in_one_document_are_read_together():
    accepts = Wish(code=RESUSCITATION, decision=Decision.PERMIT, note="Pas si je suis seule")
    [found] = rules.contradictions_in([written("Pas de réanimation.", accepts)], None)
    assert (found.kind, found.second.words) == (Kind.WITHIN, "Pas de réanimation.")
    assert rules.contradictions_in([written("", accepts)], None) == ()
    assert rules.contradictions_in([written("Je veux être réanimée.", accepts)], None) == ()
    [comfort] = rules.contradictions_in([written("Je veux être réanimée.", comfort_only=True)], None)
    assert comfort.first.words == "Des soins de confort uniquement."


def test_the_words_of_two_documents_are_read_together():
    former = written("Je veux être réanimée.", id=UUID(int=11), state=State.SUPERSEDED, superseded_by_id=DIRECTIVE.id)
    current = written("Pas de réanimation.")
    [found] = rules.contradictions_in([current, former], None)
    assert (found.kind, found.first.words, found.second.words) == (Kind.VERSIONS, current.text, former.text)
    ticked = written("", Wish(code=RESUSCITATION, decision=Decision.DENY))
    [found] = rules.contradictions_in([ticked, former], None)
    assert found.first.words == "Réanimation cardiaque et respiratoire : refuse."
    assert rules.contradictions_in([current, replace(former, text=current.text)], None) == ()


def test_a_subject_that_is_ticked_is_asked_about_once():
    refuses = Wish(code=RESUSCITATION, decision=Decision.DENY)
    [found] = beside_sheet(written("Pas de réanimation.", refuses), measures=CPR_WANTED)
    assert found.first.words == "Réanimation cardiaque et respiratoire : refuse."
    [found] = rules.contradictions_in([written("Pas de réanimation.", refuses)], plan("Une réanimation courte."))
    assert found.first.words == "Réanimation cardiaque et respiratoire : refuse."
    [found] = rules.contradictions_in(
        [written("Ni intubation ni réanimation.")], plan("Intubation et réanimation d’accord.")
    )
    assert found.kind == Kind.PLAN


def test_signing_the_same_words_again_asks_nothing_anew():
    current, said = written("Pas de réanimation."), plan("Une réanimation courte.")
    first = rules.contradictions_in([current], said, sheet=sheet(measures=CPR_WANTED))
    _id, _day, content = sheet(measures=CPR_WANTED)
    again = rules.contradictions_in([current], (uuid4(), TODAY, said[2]), sheet=(uuid4(), TODAY, content))
    assert [one.key for one in again] == [one.key for one in first]
    assert len(first) == 2
    other = rules.contradictions_in(
        [replace(current, text="Jamais de réanimation.")], said, sheet=sheet(measures=CPR_WANTED)
    )
    assert {one.key for one in other}.isdisjoint(one.key for one in first)


@pytest.mark.parametrize("state", [State.TO_VERIFY, State.REVOKED, State.SUPERSEDED, State.ENTERED_IN_ERROR])
def test_words_that_do_not_speak_for_her_are_laid_beside_nothing(state):
    assert beside_sheet(written("Pas de réanimation.", state=state), measures=CPR_WANTED) == ()


TEXTS = st.lists(
    st.sampled_from(["Pas de", "réanimation", "intubation", "dialyse", "sédation", "que du confort", "sauf", ".", "mais", "oui"]),
    max_size=14,
).map(" ".join)  # fmt: skip


@given(st.text(max_size=200) | TEXTS, TEXTS, st.sampled_from(sorted(SUBJECTS)), st.sampled_from(list(Decision)))
def test_any_words_are_quoted_as_they_are_and_no_two_passages_are_laid_together_twice(text, said, code, decision):
    current = written(text, Wish(code=code, decision=decision, note=said))
    measures = {Measure.CPR: Stance.WANTED, Measure.INTUBATION: Stance.REFUSED}
    found = rules.contradictions_in(
        [current], plan(said), sheet=sheet(measures=measures), crises=[foreseen("Midazolam")]
    )
    assert len({one.passages for one in found}) == len(found)
    assert len({one.key for one in found}) == len(found)
    for one in found:
        assert one.first.words != one.second.words
        assert one.first.words
        assert one.second.words


def test_a_long_text_is_read_at_once():
    long = written("pas " * 20000 + "réanimation " * 2000)
    started = datetime.now(UTC)
    beside_sheet(long, measures=CPR_WANTED)
    assert (datetime.now(UTC) - started).total_seconds() < 5


@pytest.mark.parametrize("code", [DIALYSIS, VENTILATION, DEEP_SEDATION])
def test_what_she_made_precise_is_quoted_with_its_subject(code):
    current = written("", precise(code, "Deux jours, pas plus."))
    found = rules.contradictions_in([current], plan("Dialyse, sédation et ventilation d’accord."))
    [one] = found
    assert one.first.words == f"{SUBJECTS[code].label} : précise. « Deux jours, pas plus. »"
    assert one.first.dated == date(2026, 3, 12)
