"""Pure rules of identity."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.people.records import Ins, RegisterPerson, Traits
from accounts.people.rules import (
    INVENTED_OIDS,
    OID_TEST,
    BirthDateInFuture,
    DeathBeforeBirth,
    InsKeyWrong,
    InsWithoutQualification,
    NameMissing,
    QualifiedWithoutIns,
    check_death,
    check_ins,
    check_registration,
    departement_of,
    fold,
    prefixes,
    qualified_key,
)
from accounts.people.states import IdentityStatus, Sex

TRAITS = Traits(
    birth_name="D’Ombrelune-Œillet",
    birth_given_names=("Zoé",),
    birth_date=date(1950, 1, 2),
    sex=Sex.FEMALE,
    birthplace="2A004",
)
GOOD = Ins(value="255032100000181", oid=OID_TEST)


def registration(**fields):
    return RegisterPerson(**{"traits": TRAITS, "status": IdentityStatus.PROVISIONAL, **fields})


def checked(record):
    check_registration(record, accepted_oids=INVENTED_OIDS, today=date(2026, 11, 22))


def test_names_are_found_without_accents_case_hyphen_or_apostrophe():
    found = set(prefixes(TRAITS.birth_name))
    assert {"do", "dombrelu", "om", "ombrelun", "oe", "oeillet"} <= found
    assert fold("Élodie ") == "elodie"


@given(st.text(max_size=40))
def test_prefixes_are_of_two_to_eight_letters(name):
    assert all(2 <= len(prefix) <= 8 for prefix in prefixes(name))


@pytest.mark.parametrize("value", ["255032100000182", "25503210000018", "abcdefghijklmno", ""])
def test_a_wrong_key_is_refused(value):
    with pytest.raises(InsKeyWrong):
        check_ins(Ins(value=value, oid=OID_TEST), accepted_oids=INVENTED_OIDS)


def test_a_good_key_also_of_corsica_passes():
    body = 1_50_01_19_004_001
    corsican = f"150012A004001{97 - body % 97:02d}"
    check_ins(Ins(value=corsican, oid=OID_TEST), accepted_oids=INVENTED_OIDS)


@pytest.mark.parametrize(
    ("record", "refusal"),
    [
        (registration(status=IdentityStatus.QUALIFIED), QualifiedWithoutIns),
        (registration(ins=Ins(value="180017500000182"[:13] + "00", oid=OID_TEST)), InsKeyWrong),
        (
            registration(
                traits=Traits(birth_name=" ", birth_given_names=("A",), birth_date=date(1950, 1, 1), sex=Sex.MALE)
            ),
            NameMissing,
        ),
        (
            registration(
                traits=Traits(
                    birth_name="\u200b", birth_given_names=("\u2060",), birth_date=date(1950, 1, 1), sex=Sex.MALE
                )
            ),
            NameMissing,
        ),
        (
            registration(
                traits=Traits(birth_name="A", birth_given_names=("A",), birth_date=date(2027, 1, 1), sex=Sex.MALE)
            ),
            BirthDateInFuture,
        ),
    ],
)
def test_an_identity_that_breaks_a_rule_is_refused(record, refusal):
    with pytest.raises(refusal):
        checked(record)


def test_an_unqualified_identity_carries_no_number():
    with pytest.raises(InsWithoutQualification):
        checked(registration(ins=Ins(value=f"2550321000001{97 - 2550321000001 % 97:02d}", oid=OID_TEST)))


def test_accents_do_not_make_two_persons_but_a_trait_does():
    other = Traits(
        birth_name="d'ombrelune oeillet",
        birth_given_names=("ZOE",),
        birth_date=TRAITS.birth_date,
        sex=Sex.FEMALE,
        birthplace="2A004",
    )
    assert qualified_key(GOOD, TRAITS) == qualified_key(GOOD, other)
    moved = Traits(
        birth_name="d'ombrelune oeillet",
        birth_given_names=("ZOE",),
        birth_date=TRAITS.birth_date,
        sex=Sex.FEMALE,
        birthplace="21231",
    )
    assert qualified_key(GOOD, TRAITS) != qualified_key(GOOD, moved)


@pytest.mark.parametrize("died_on", [date(1949, 1, 1), date(2026, 11, 23)])
def test_a_death_before_birth_or_tomorrow_is_refused(died_on):
    with pytest.raises(DeathBeforeBirth):
        check_death(born_on=date(1950, 1, 2), died_on=died_on, already=None, today=date(2026, 11, 22))


def test_departements():
    assert [departement_of(code) for code in ("21231", "2A004", "97411", "")] == ["21", "2A", "974", ""]
