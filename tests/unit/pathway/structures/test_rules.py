"""Directory files: what is read, what is refused and in which words."""

import pytest

from pathway.structures.reading import read_structures
from pathway.structures.records import Criteria
from pathway.structures.rules import CriteriaWrong, StructureFileRefused, check_criteria, folded, is_finess, is_phone
from pathway.structures.states import KINDS, Exclusion, OfferKind
from tests.factories.structures import file_of, finess, line


def test_a_line_is_read_whole():
    row = read_structures(file_of(line(exclusions="oxygen unstable", age_max="90"))).rows[0]
    assert row.offer is not None
    assert row.offer.criteria == Criteria(
        levels=frozenset({2, 3}), min_age=18, max_age=90, excludes=frozenset({Exclusion.OXYGEN, Exclusion.UNSTABLE})
    )
    assert row.organisation is not None
    assert (row.organisation.city, row.organisation.departement) == ("Dijon", "21")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"finess": "210000001"}, "FINESS"),
        ({"type": "clinique"}, "type de structure"),
        ({"offre": "hospice"}, "type d’offre"),
        ({"commune": "99999"}, "code INSEE"),
        ({"niveaux": "4"}, "niveaux"),
        ({"age_min": "80", "age_max": "20"}, "âge minimal"),
        ({"places": "-1"}, "places"),
        ({"places": "1" * 4000}, "places"),
        ({"telephone": "appelez-moi"}, "téléphone"),
        ({"exclusions": "douleur"}, "douleur"),
        ({"nom_offre": ""}, "nom_offre"),
        ({"structure": "", "offre": ""}, "une structure, une offre"),
    ],
)
def test_a_bad_line_is_named_with_its_number(cells, words):
    with pytest.raises(StructureFileRefused) as refusal:
        read_structures(file_of(line(), line(**cells)))
    assert [problem.line for problem in refusal.value.problems] == [3]
    assert words in refusal.value.problems[0].text
    assert "Rien n’a été importé" in refusal.value.message


def test_every_bad_line_is_told_at_once_and_a_double_too():
    twice = line()
    with pytest.raises(StructureFileRefused) as refusal:
        read_structures(file_of(twice, twice, line(offre="hospice"), line(places="dix")))
    assert [problem.line for problem in refusal.value.problems] == [3, 4, 5]


@pytest.mark.parametrize("text", ["", "finess,structure\n", 'finess;"', "\x00", file_of()])
def test_what_is_no_directory_file_is_refused(text):
    with pytest.raises(StructureFileRefused):
        read_structures(text)


def test_a_finess_number_has_a_luhn_key():
    number = finess()
    assert is_finess(number)
    assert not is_finess(number[:-1] + str((int(number[-1]) + 1) % 10))
    assert is_finess("2A0000154")
    assert not is_finess("12345")


@pytest.mark.parametrize(
    ("text", "fine"), [("03 53 01 00 01", True), ("15", True), ("+33353010001", True), ("0", False)]
)
def test_phones(text, fine):
    assert is_phone(text) is fine


def test_words_are_compared_without_accents_or_case():
    assert folded("  Besançon – L’Étang-Vert ") == "besancon l etang vert"


def test_criteria_that_admit_nobody_are_refused():
    check_criteria(Criteria(min_age=18, max_age=18))
    with pytest.raises(CriteriaWrong) as refusal:
        check_criteria(Criteria(min_age=19, max_age=18))
    assert refusal.value.field == "min_age"


def test_every_kind_is_described_and_only_those_that_answer_take_referrals():
    assert set(KINDS) == set(OfferKind)
    assert all(facts.label and facts.long_label and facts.purpose.endswith(".") for facts in KINDS.values())
    assert not any(
        KINDS[kind].takes_referrals
        for kind in (OfferKind.EMERGENCY, OfferKind.RAPID_RESPONSE, OfferKind.COORDINATION, OfferKind.REGIONAL_CELL)
    )
    assert "142" not in {facts.category for facts in KINDS.values()}
