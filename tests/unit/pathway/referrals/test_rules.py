"""Comparing structures, clocks of answers, and what a request may hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from pathway.capacity.records import PlacesSnapshot
from pathway.referrals.records import Candidate, Situation, Verdict
from pathway.referrals.rules import (
    answer_due,
    duration_words,
    expires_at,
    is_lost,
    match_offers,
    waiting,
)
from pathway.referrals.states import LineState, Urgency
from pathway.structures.records import Criteria, OfferSnapshot
from pathway.structures.states import Exclusion, Nature, OfferKind

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
OFFER = OfferSnapshot(
    id=uuid4(),
    version=1,
    code="1",
    kind=OfferKind.USP,
    name="USP des Tilleuls (fictif)",
    organisation_id=uuid4(),
    organisation_name="Centre (fictif)",
    finess="",
    commune="",
    city="Dijon",
    departement="21",
    organisation_phone="",
    areas=("21",),
    criteria=Criteria(),
    installed=10,
    hours="",
    phone="",
    night_phone="",
    email="",
    medical_referent=None,
    nursing_referent=None,
    is_active=True,
    updated_at=AT,
)
PLACES = PlacesSnapshot(
    offer_id=OFFER.id,
    nature=Nature.BED,
    installed=10,
    available=3,
    held=1,
    free=2,
    observed_at=AT,
    age="il y a 2 h",
    is_stale=False,
    version=1,
)
SITUATION = Situation(kind=OfferKind.USP, level=3, age=71, commune="21231", departement="21", has_carer=None)


def candidate(*, criteria=None, places=PLACES, covers=True, **offer):
    return Candidate(
        offer=replace(OFFER, criteria=criteria or Criteria(), id=uuid4(), **offer), places=places, covers=covers
    )


def verdict_and_text(situation, one):
    match = match_offers(situation, [one])[0]
    return match.verdict, " | ".join(reason.text for reason in match.reasons)


def test_a_structure_that_fits_says_why():
    verdict, text = verdict_and_text(SITUATION, candidate())
    assert verdict == Verdict.FITS
    assert text == (
        "Intervient dans son secteur | Prend en charge le niveau 3 | Âge accueilli | Places libres : 2 (il y a 2 h)"
    )


@pytest.mark.parametrize(
    ("situation", "one", "text"),
    [
        (SITUATION, candidate(covers=False), "Hors de son secteur habituel"),
        (replace(SITUATION, level=1), candidate(), "Prend en charge le niveau 3, la demande est de niveau 1"),
        (replace(SITUATION, age=12), candidate(), "Accueille à partir de 18 ans"),
        (replace(SITUATION, age=40), candidate(criteria=Criteria(max_age=17)), "Accueille jusqu’à 17 ans"),
        (
            replace(SITUATION, needs=frozenset({Exclusion.OXYGEN})),
            candidate(criteria=Criteria(excludes=frozenset({Exclusion.OXYGEN}))),
            "Oxygène à haut débit : non prise en charge ici",
        ),
        (
            replace(SITUATION, has_carer=False),
            candidate(criteria=Criteria(needs_home_carer=True)),
            "Demande un proche présent au domicile",
        ),
    ],
)
def test_what_is_missing_is_named_and_the_structure_stays_in_the_list(situation, one, text):
    verdict, told = verdict_and_text(situation, one)
    assert verdict == Verdict.MISSING
    assert text in told


@pytest.mark.parametrize(
    ("situation", "one", "text"),
    [
        (replace(SITUATION, commune="", departement=""), candidate(), "secteur à confirmer"),
        (replace(SITUATION, age=None), candidate(), "Âge à confirmer"),
        (SITUATION, candidate(criteria=Criteria(needs_home_carer=True)), "à confirmer"),
        (SITUATION, candidate(places=replace(PLACES, available=None, free=None)), "Places non déclarées"),
        (SITUATION, candidate(places=replace(PLACES, free=0)), "Aucune place libre"),
        (SITUATION, candidate(places=replace(PLACES, is_stale=True)), "chiffre à confirmer"),
    ],
)
def test_what_nobody_knows_is_to_confirm(situation, one, text):
    verdict, told = verdict_and_text(situation, one)
    assert verdict == Verdict.TO_CONFIRM
    assert text in told


def test_the_best_come_first_then_those_with_more_places():
    few, many = candidate(name="B"), candidate(name="C", places=replace(PLACES, free=5))
    far, unsure = candidate(name="A", covers=False), candidate(name="D", places=replace(PLACES, free=0))
    ordered = match_offers(SITUATION, [far, unsure, few, many])
    assert [match.candidate.offer.name for match in ordered] == ["C", "B", "D", "A"]


def test_a_team_that_counts_no_place_is_not_asked_for_one():
    _, text = verdict_and_text(
        replace(SITUATION, kind=OfferKind.EMSP), candidate(kind=OfferKind.EMSP, places=replace(PLACES, nature=None))
    )
    assert "lace" not in text.replace("Places", "")


@pytest.mark.parametrize(
    ("urgency", "hours"), [(Urgency.STAT, 4), (Urgency.ASAP, 24), (Urgency.URGENT, 48), (Urgency.ROUTINE, 168)]
)
def test_an_answer_is_due_after_the_usual_time_or_on_the_date_asked(urgency, hours):
    assert answer_due(sent_at=AT, urgency=urgency, answer_wanted_by=None) == AT + timedelta(hours=hours)
    wanted = AT + timedelta(hours=1)
    assert answer_due(sent_at=AT, urgency=urgency, answer_wanted_by=wanted) == wanted
    assert expires_at(sent_at=AT, urgency=urgency, answer_wanted_by=wanted) == wanted + timedelta(days=14)


@pytest.mark.parametrize(
    ("hours", "state", "percent"), [(1, "ok", 4), (20, "soon", 83), (24, "soon", 100), (26, "late", 100)]
)
def test_the_clock_turns_as_time_passes(hours, state, percent):
    clock = waiting(since=AT, due=AT + timedelta(hours=24), until=None, now=AT + timedelta(hours=hours))
    assert (clock.state, clock.percent) == (state, percent)


def test_the_clock_stops_with_the_answer():
    clock = waiting(since=AT, due=AT + timedelta(hours=24), until=AT + timedelta(hours=30), now=AT + timedelta(days=9))
    assert (clock.state, clock.elapsed) == ("stopped", "30 h")


@pytest.mark.parametrize(
    ("length", "words"),
    [(timedelta(minutes=40), "40 min"), (timedelta(hours=26), "26 h"), (timedelta(days=3, hours=4), "3 jours")],
)
def test_lengths_of_time_in_words(length, words):
    assert duration_words(length) == words


@pytest.mark.parametrize(
    ("states", "lost"),
    [
        ([], False),
        ([LineState.DECLINED, LineState.EXPIRED], True),
        ([LineState.DECLINED, LineState.SENT], False),
        ([LineState.ENDED, LineState.CLOSED_ELSEWHERE], False),
    ],
)
def test_a_request_is_lost_when_nobody_can_answer_any_more(states, lost):
    assert is_lost(states) is lost
