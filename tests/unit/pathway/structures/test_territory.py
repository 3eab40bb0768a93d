"""The demo territory against the regional table it follows. Source: domain.md §8.2."""

import csv
from collections import Counter
from importlib.resources import files

import pytest

from pathway.structures.communes import communes
from pathway.structures.reading import read_staff, read_structures, read_usernames
from pathway.structures.rules import has_luhn_key
from pathway.structures.states import OfferKind

TABLE = {
    "GHT-21-52": (1, 2, 1, 38),
    "GHT-SUD-COTE-DOR": (0, 1, 0, 9),
    "GHT-NIEVRE": (1, 2, 0, 26),
    "GHT-SLBM": (0, 2, 0, 36),
    "GHT-BOURGOGNE-MERIDIONALE": (1, 2, 0, 23),
    "GHT-SUD-YONNE": (0, 2, 0, 19),
    "GHT-NORD-YONNE": (1, 3, 0, 12),
    "GHT-CENTRE-FRANCHE-COMTE": (1, 2, 1, 28),
    "GHT-JURA": (0, 2, 0, 13),
    "GHT-HAUTE-SAONE": (0, 1, 0, 8),
    "GHT-NORD-FRANCHE-COMTE": (1, 1, 0, 14),
}
COUNTED = (OfferKind.USP, OfferKind.EMSP, OfferKind.ERRSPP)
FICTION = ("03 53 01",)


def _text(name: str) -> str:
    return files("pathway.structures").joinpath("data", name).read_text("utf-8")


@pytest.fixture(scope="module")
def rows():
    return read_structures(_text("bourgogne_franche_comte.csv")).rows


def test_the_counts_are_those_of_the_region(rows):
    groups = {row.finess: row.organisation.territory for row in rows if row.organisation}
    offers, beds = Counter(), Counter()
    for row in rows:
        if row.offer and groups[row.finess] in TABLE:
            offers[groups[row.finess], row.offer.kind] += 1
            beds[groups[row.finess]] += row.offer.installed if row.offer.kind == OfferKind.LISP else 0
    counted = {group: (*(offers[group, kind] for kind in COUNTED), beds[group]) for group in TABLE}
    assert counted == TABLE
    everywhere = Counter(row.offer.kind for row in rows if row.offer)
    assert [everywhere[kind] for kind in COUNTED] == [6, 20, 2]
    assert sum(row.offer.installed for row in rows if row.offer and row.offer.kind == OfferKind.LISP) == 226


def test_a_service_has_at_least_three_identified_beds_and_two_referents(rows):
    lisp = [row.offer for row in rows if row.offer and row.offer.kind == OfferKind.LISP]
    assert all(offer.installed >= 3 and offer.medical_referent and offer.nursing_referent for offer in lisp)


def test_every_kind_is_there_and_each_departement_has_its_dac_had_and_samu(rows):
    assert {row.offer.kind for row in rows if row.offer} == set(OfferKind)
    eight = {"21", "25", "39", "58", "70", "71", "89", "90"}
    for kind in (OfferKind.COORDINATION, OfferKind.HOME_HOSPITAL, OfferKind.EMERGENCY):
        assert {area for row in rows if row.offer and row.offer.kind == kind for area in row.offer.areas} == eight


def test_everything_says_that_it_is_invented(rows):
    names = [row.organisation.name for row in rows if row.organisation] + [row.offer.name for row in rows if row.offer]
    assert all(name.endswith("(fictif)") for name in names)
    assert all(row.finess.startswith("99") for row in rows)
    phones = {row.organisation.phone for row in rows if row.organisation} | {
        row.offer.phone for row in rows if row.offer
    }
    assert all(phone.startswith(FICTION) or phone in {"", "15"} for phone in phones)


def test_the_staff_is_invented_and_works_in_known_places(rows):
    staff = read_staff(_text("professionnels.csv")).rows
    assert all(row.professional.rpps.startswith("99900") and has_luhn_key(row.professional.rpps) for row in staff)
    places = {(row.finess, row.unit) for row in rows} | {(row.finess, "") for row in rows}
    assert {(row.finess, row.unit) for row in staff} <= places
    rpps = {row.professional.rpps for row in staff}
    named = {row.offer.medical_referent for row in rows if row.offer} | {
        row.offer.nursing_referent for row in rows if row.offer
    }
    assert named - {""} <= rpps
    assert set(read_usernames(_text("professionnels.csv")).values()) <= rpps


def test_territories_name_real_communes():
    for row in csv.DictReader(_text("territoires.csv").splitlines(), delimiter=";"):
        assert all(len(part) == 2 or part in communes() for part in row["parties"].split()), row["code"]
    assert len(communes()) == 3685
