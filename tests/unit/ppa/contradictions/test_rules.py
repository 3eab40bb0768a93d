"""What contradicts what, without a database: inside a document, between two, with the plan; and how it may be settled."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppa.contradictions import rules
from ppa.contradictions.records import SettleContradiction
from ppa.contradictions.states import Kind, Outcome, SettledWith
from ppa.crises.records import CrisisSnapshot, PrescriptionSnapshot
from ppa.crises.states import CrisisState
from ppa.directives.records import Wish
from ppa.directives.states import DEEP_SEDATION, RESUSCITATION, SUBJECTS, VENTILATION, Decision, State
from ppa.emergency_sheets.rules import content_of
from ppa.emergency_sheets.states import Measure, Sedation, Stance, Transfer
from tests.factories.crises import order, told
from tests.factories.emergency_sheets import written
from tests.unit.fhir_bridge.mappers.test_wishes import DIRECTIVE
from tests.unit.ppa.emergency_sheets.test_rules import sources

TODAY = date(2026, 11, 20)
NOON = datetime(2026, 6, 1, 10, tzinfo=UTC)
WANTS = (Wish(code=RESUSCITATION, decision=Decision.PERMIT, note="Tout tenter"),)
CURRENT = DIRECTIVE
FORMER = replace(
    DIRECTIVE,
    id=UUID(int=11),
    state=State.SUPERSEDED,
    superseded_by_id=DIRECTIVE.id,
    signed_on=date(2020, 1, 1),
    wishes=WANTS,
)
WAITING = replace(FORMER, id=UUID(int=12), state=State.TO_VERIFY, superseded_by_id=None, signed_on=None)


def plan(text="", goal=""):
    needs = [{"goals": [{"text": goal}]}] if goal else []
    return UUID(int=40), date(2026, 6, 1), {"topics": [{"text": text}], "needs": needs}


def test_a_form_that_asks_for_resuscitation_and_comfort_care_alone_is_told_with_both_passages():
    [found] = rules.contradictions_in([replace(CURRENT, wishes=WANTS, comfort_only=True)], None)
    assert found.kind == Kind.WITHIN
    assert "soins de confort uniquement" in found.sentence
    assert [one.words for one in found.passages] == [
        "Réanimation cardiaque et respiratoire : accepte. « Tout tenter »",
        "Des soins de confort uniquement.",
    ]


def test_the_latest_document_is_the_first_passage_and_the_one_before_the_second():
    [found] = rules.contradictions_in([CURRENT, FORMER], None)
    assert (found.kind, found.first.source_id, found.second.source_id) == (Kind.VERSIONS, CURRENT.id, FORMER.id)
    assert "Le plus récent compte" in found.sentence


def test_a_document_that_waits_is_compared_too_and_a_revoked_one_is_not():
    [found] = rules.contradictions_in([CURRENT, WAITING], None)
    assert "pas encore vérifié" in found.sentence
    assert rules.contradictions_in([CURRENT, replace(FORMER, state=State.REVOKED, superseded_by_id=None)], None) == ()


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Le chat reste. Pas de RÉANIMATION, dit sa fille. Elle aime lire.", "Pas de RÉANIMATION, dit sa fille."),
        ("Un massage cardiaque si besoin", "Un massage cardiaque si besoin"),
        ("Elle aime le chat et la chirurgie esthétique", ""),
    ],
)
def test_a_plan_that_speaks_of_a_subject_of_the_directives_is_laid_beside_them(text, quote):
    found = rules.contradictions_in([CURRENT], plan(text))
    assert [one.second.words for one in found] == ([quote] if quote else [])
    assert [one.kind for one in found] == [Kind.PLAN] * len(found)
    assert len(rules.contradictions_in([CURRENT], plan(goal=text))) == len(found)
    version_id, signed_on, content = plan()
    foreseen = {**content, "crises": [{"response": text}]}
    assert len(rules.contradictions_in([CURRENT], (version_id, signed_on, foreseen))) == len(found)


COMFORT_ALONE = replace(CURRENT, wishes=(), comfort_only=True)
OLD_COMFORT = replace(FORMER, wishes=(), comfort_only=True)


@pytest.mark.parametrize("other", [FORMER, WAITING])
def test_comfort_care_alone_is_laid_beside_another_document_that_accepts_resuscitation(other):
    [found] = rules.contradictions_in([COMFORT_ALONE, other], None)
    assert (found.kind, found.first.source_id, found.second.source_id) == (Kind.VERSIONS, CURRENT.id, other.id)
    assert [one.words for one in found.passages] == [
        "Des soins de confort uniquement.",
        "Réanimation cardiaque et respiratoire : accepte. « Tout tenter »",
    ]
    assert "soins de confort uniquement" in found.sentence


def test_a_document_that_accepts_resuscitation_is_laid_beside_a_former_one_that_asked_for_comfort_alone():
    [found] = rules.contradictions_in([replace(CURRENT, wishes=WANTS), OLD_COMFORT], None)
    assert found.kind == Kind.VERSIONS
    assert [one.words for one in found.passages] == [
        "Réanimation cardiaque et respiratoire : accepte. « Tout tenter »",
        "Des soins de confort uniquement.",
    ]
    with pytest.raises(rules.OlderCannotPrevail):
        rules.check_settlement(settling(outcome=Outcome.SECOND), found, has_trusted_person=False, today=TODAY)


def test_comfort_care_alone_contradicts_neither_itself_nor_what_refuses_too():
    assert rules.contradictions_in([COMFORT_ALONE, OLD_COMFORT], None) == ()
    refused = (Wish(code=RESUSCITATION, decision=Decision.DENY),)
    assert rules.contradictions_in([COMFORT_ALONE, replace(FORMER, wishes=refused)], None) == ()


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Le chat reste. Elle demande une réanimation si elle est seule.", "Elle demande une réanimation si elle est seule."),
        ("Une intubation si besoin", "Une intubation si besoin"),
        ("Un séjour en soins intensifs est possible.", "Un séjour en soins intensifs est possible."),
        ("Pas de réanimation. Elle refuse l’intubation.", ""),
        ("Elle ne souhaite ni réanimation ni soins intensifs.", ""),
        ("Elle aime le chat", ""),
    ],
)  # fmt: skip
def test_comfort_care_alone_is_laid_beside_a_plan_that_speaks_of_more(text, quote):
    found = rules.contradictions_in([COMFORT_ALONE], plan(text))
    assert [(one.kind, one.first.words, one.second.words) for one in found] == (
        [(Kind.PLAN, "Des soins de confort uniquement.", quote)] if quote else []
    )


@pytest.mark.parametrize("text", ["Des soins de confort uniquement.", "Elle ne veut plus que du confort.", "Soins de confort exclusifs"])  # fmt: skip
def test_a_plan_of_comfort_care_alone_is_laid_beside_directives_that_accept_more_and_a_sheet_that_foresees_it(text):
    [found] = rules.contradictions_in([replace(CURRENT, wishes=WANTS)], plan(text))
    assert (found.kind, found.second.words) == (Kind.PLAN, text)
    [beside] = rules.contradictions_in([], plan(text), sheet=sheet(measures={Measure.CPR: Stance.WANTED}))
    assert (beside.kind, beside.first.words) == (Kind.PLAN_SHEET, text)
    assert beside.second.words == "« Massage cardiaque, défibrillation » : demandé par la personne."
    assert rules.contradictions_in([], plan(text), sheet=sheet(measures={Measure.CPR: Stance.REFUSED})) == ()
    assert rules.contradictions_in([], plan("Elle aime le confort de son lit."), sheet=sheet()) == ()


def test_without_valid_directives_the_plan_contradicts_nothing():
    assert rules.contradictions_in([WAITING], plan("Pas de réanimation")) == ()


def sheet(**fields):
    return UUID(int=41), date(2026, 6, 2), content_of(written(**fields), sources())


def at_odds_with_sheet(*wishes, comfort_only=False, **fields):
    current = replace(CURRENT, wishes=wishes, comfort_only=comfort_only)
    return rules.contradictions_in([current], None, sheet=sheet(**fields))


def test_a_sheet_that_says_the_contrary_of_the_directives_is_laid_beside_them():
    refuses = Wish(code=RESUSCITATION, decision=Decision.DENY, note="Plus jamais")
    [found] = at_odds_with_sheet(refuses, measures={Measure.CPR: Stance.WANTED})
    assert found.kind == Kind.SHEET
    assert "Plus jamais" in found.first.words
    assert found.second.words == "« Massage cardiaque, défibrillation » : demandé par la personne."
    assert at_odds_with_sheet(refuses, measures={Measure.CPR: Stance.REFUSED}) == ()
    [comfort] = at_odds_with_sheet(comfort_only=True, measures={Measure.NIV: Stance.ADVISED})
    assert comfort.first.words == "Les directives demandent des soins de confort uniquement."
    [sedation] = at_odds_with_sheet(Wish(code=DEEP_SEDATION, decision=Decision.DENY), measures={})
    assert "l’accepte en cas de détresse" in sedation.second.words
    only_comfort = content_of(written(measures={}, comfort_only=True), sources())
    current = replace(CURRENT, wishes=WANTS, comfort_only=False)
    [wanted] = rules.contradictions_in([current], None, sheet=(UUID(int=41), date(2026, 6, 2), only_comfort))
    assert (wanted.kind, wanted.second.words) == (Kind.SHEET, "des soins de confort uniquement.")


def foreseen(drug, remark=""):
    return CrisisSnapshot(
        id=UUID(int=50), version=1, person_id=UUID(int=1), state=CrisisState.ACTIVE, told=told(), author_id=None,
        author="", organisation_id=None, created_at=NOON, updated_at=NOON,
        prescriptions=(
            PrescriptionSnapshot(
                id=UUID(int=51), order=order(drug=drug, remark=remark), prescriber_id=None, prescriber="", written_at=NOON
            ),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(("drug", "remark", "is_told"), [("Midazolam 5 mg", "", True), ("Morphine", "", False), ("Morphine", "Sédation si besoin", True)])  # fmt: skip
def test_a_drug_that_puts_to_sleep_is_laid_beside_a_refused_sedation(drug, remark, is_told):
    refuses = replace(CURRENT, wishes=(Wish(code=DEEP_SEDATION, decision=Decision.DENY),))
    found = rules.contradictions_in([refuses], None, crises=[foreseen(drug, remark)])
    assert [one.kind for one in found] == [Kind.PRESCRIPTION] * is_told
    accepts = replace(CURRENT, wishes=(Wish(code=DEEP_SEDATION, decision=Decision.PERMIT),))
    assert rules.contradictions_in([accepts], None, crises=[foreseen(drug, remark)]) == ()


def wished(place, moment="death"):
    version_id, signed_on, content = plan()
    return version_id, signed_on, {**content, "places": [{"place": place, "moment": moment, "words": "Près du jardin"}]}


@pytest.mark.parametrize(
    ("transfer", "place", "is_told"),
    [
        (Transfer.AVOID, "palliative_unit", True),
        (Transfer.ANY, "home", True),
        (Transfer.AVOID, "home", False),
        (Transfer.DIRECT, "home", False),
        (Transfer.UNSAID, "hospital", False),
        (Transfer.ANY, "undecided", False),
    ],
)
def test_a_wished_place_is_laid_beside_what_the_sheet_says_of_a_transfer_even_without_directives(
    transfer, place, is_told
):
    found = rules.contradictions_in([], wished(place), sheet=sheet(transfer=transfer))
    assert [one.kind for one in found] == [Kind.PLAN_SHEET] * is_told
    assert all("Près du jardin" in one.first.words and "Transfert" in one.second.words for one in found)
    for one in found:
        for outcome in Outcome:
            rules.check_settlement(settling(outcome=outcome), one, has_trusted_person=False, today=TODAY)


@pytest.mark.parametrize(("sedation", "drug", "is_told"), [(Sedation.REFUSED, "Midazolam 5 mg", True), (Sedation.REFUSED, "Morphine", False), (Sedation.ACCEPTED, "Midazolam 5 mg", False)])  # fmt: skip
def test_a_drug_that_puts_to_sleep_is_laid_beside_a_sheet_that_says_sedation_is_refused(sedation, drug, is_told):
    found = rules.contradictions_in([], None, sheet=sheet(sedation=sedation), crises=[foreseen(drug)])
    assert [one.kind for one in found] == [Kind.SHEET_PRESCRIPTION] * is_told


@pytest.mark.parametrize(
    ("text", "drug", "is_told"),
    [
        ("Elle aime le chat. Elle refuse toute sédation.", "Midazolam 5 mg", True),
        ("Elle ne veut pas être endormie.", "Midazolam 5 mg", True),
        ("Aucun sédatif, dit-elle.", "Midazolam 5 mg", True),
        ("Elle refuse toute sédation.", "Morphine", False),
        ("Une sédation la soulagerait, dit-elle.", "Midazolam 5 mg", False),
        ("Elle refuse les visites.", "Midazolam 5 mg", False),
    ],
)
def test_a_drug_that_puts_to_sleep_is_laid_beside_a_plan_that_says_no_to_it(text, drug, is_told):
    found = rules.contradictions_in([], plan(text), crises=[foreseen(drug)])
    assert [one.kind for one in found] == [Kind.PLAN_PRESCRIPTION] * is_told
    for one in found:
        assert (one.first.words in text, drug in one.second.words) == (True, True)
        for outcome in Outcome:
            rules.check_settlement(settling(outcome=outcome), one, has_trusted_person=False, today=TODAY)


def test_a_plan_signed_again_with_the_same_words_asks_nothing_anew_about_a_drug():
    version_id, signed_on, content = plan("Elle refuse toute sédation.")
    crises = [foreseen("Midazolam 5 mg")]
    [found] = rules.contradictions_in([], (version_id, signed_on, content), crises=crises)
    [again] = rules.contradictions_in([], (uuid4(), TODAY, content), crises=crises)
    assert (again.key, again.second) == (found.key, found.second)
    [other] = rules.contradictions_in([], plan("Elle refuse une sédation."), crises=crises)
    assert other.key != found.key


def test_other_words_are_another_question():
    one = rules.contradictions_in([CURRENT], plan("Pas de réanimation."))[0]
    other = rules.contradictions_in([CURRENT], plan("Une réanimation courte."))[0]
    assert one.key != other.key
    assert one.key == rules.contradictions_in([CURRENT], plan("Pas de réanimation."))[0].key


@given(st.text(max_size=400), st.sampled_from(sorted(SUBJECTS)), st.sampled_from(list(Decision)))
def test_any_text_is_read_without_failing_and_quoted_as_it_is(text, code, decision):
    found = rules.contradictions_in([replace(CURRENT, wishes=(Wish(code=code, decision=decision),))], plan(text))
    assert all(part in text for one in found for part in one.second.words.split(" […] "))


@given(st.lists(st.tuples(st.sampled_from([RESUSCITATION, VENTILATION]), st.sampled_from(list(Decision))), max_size=4))
def test_a_document_never_contradicts_its_own_copy(said):
    wishes = tuple(Wish(code=code, decision=decision) for code, decision in dict(said).items())
    copies = [replace(CURRENT, wishes=wishes), replace(FORMER, wishes=wishes)]
    assert [one for one in rules.contradictions_in(copies, None) if one.kind != Kind.WITHIN] == []


def settling(**fields):
    values = {
        "outcome": Outcome.FIRST,
        "settled_with": SettledWith.PERSON,
        "settled_on": TODAY,
        "note": "Dit",
        **fields,
    }
    return SettleContradiction(person_id=uuid4(), key="k", **values)


@pytest.mark.parametrize(
    ("documents", "said", "fields", "refusal"),
    [
        ([CURRENT, FORMER], None, {"outcome": Outcome.SECOND}, rules.OlderCannotPrevail),
        ([CURRENT], plan("réanimation"), {"outcome": Outcome.SECOND}, rules.PlanCannotPrevail),
        ([CURRENT, FORMER], None, {"note": " "}, rules.NoteMissing),
        ([CURRENT, FORMER], None, {"settled_on": TODAY + timedelta(days=1)}, rules.SettledInFuture),
    ],
)
def test_what_the_law_settles_nobody_settles_otherwise(documents, said, fields, refusal):
    [found] = rules.contradictions_in(documents, said)
    with pytest.raises(refusal) as refused:
        rules.check_settlement(settling(**fields), found, has_trusted_person=False, today=TODAY)
    assert refused.value.message.endswith(".")


def test_inside_a_document_either_passage_may_count():
    [found] = rules.contradictions_in([replace(CURRENT, wishes=WANTS, comfort_only=True)], None)
    for outcome in Outcome:
        rules.check_settlement(settling(outcome=outcome), found, has_trusted_person=False, today=TODAY)


def test_the_word_of_relatives_settles_only_where_nobody_was_designated():
    [found] = rules.contradictions_in([CURRENT, FORMER], None)
    by_relatives = settling(settled_with=SettledWith.RELATIVES)
    rules.check_settlement(by_relatives, found, has_trusted_person=False, today=TODAY)
    with pytest.raises(rules.TestimonyPrevails):
        rules.check_settlement(by_relatives, found, has_trusted_person=True, today=TODAY)
    for said_by in set(SettledWith) - {SettledWith.RELATIVES}:
        rules.check_settlement(settling(settled_with=said_by), found, has_trusted_person=True, today=TODAY)
