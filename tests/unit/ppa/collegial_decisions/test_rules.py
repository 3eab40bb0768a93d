"""What a decision needs, without a database: each refusal, in its French sentence."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from ppa.collegial_decisions import rules
from ppa.collegial_decisions.records import Decide, NoteOpinion, NoteSearch, NoteTold, OpenDecision, Physician
from ppa.collegial_decisions.states import (
    DECISION,
    GROUND_LABELS,
    GROUNDS,
    AskedBy,
    Ground,
    Informed,
    Kind,
    Result,
    Step,
)

TODAY = date(2026, 11, 20)
TOMORROW = TODAY + timedelta(days=1)
KNOWN = rules.Known(has_directives=True, refuses_sedation=False, has_trusted_person=False)
SEDATION = {"place": "Domicile", "has_pain_relief": True, "stops_life_support": True}


def opening(known=KNOWN, **fields):
    values = {"kind": Kind.LIMITATION, "ground": Ground.OBSTINACY, "about": "La ventilation", **fields}
    rules.check_opening(OpenDecision(person_id=uuid4(), **values), known=known, today=TODAY)


@pytest.mark.parametrize(
    ("fields", "known", "refusal"),
    [
        ({"ground": Ground.EMERGENCY}, KNOWN, rules.GroundUnfit),
        ({"about": " "}, KNOWN, rules.AboutMissing),
        (
            {"kind": Kind.NON_APPLICATION, "ground": Ground.INAPPROPRIATE},
            rules.Known(has_directives=False, refuses_sedation=False, has_trusted_person=False),
            rules.NoDirectives,
        ),
        ({"kind": Kind.DEEP_SEDATION, "ground": Ground.REFRACTORY}, KNOWN, rules.RequestMissing),
        (
            {"kind": Kind.DEEP_SEDATION, "ground": Ground.TREATMENT_STOPPED, "requested_on": TOMORROW},
            KNOWN,
            rules.DayInFuture,
        ),
        (
            {"kind": Kind.DEEP_SEDATION, "ground": Ground.CANNOT_EXPRESS},
            rules.Known(has_directives=True, refuses_sedation=True, has_trusted_person=False),
            rules.SedationRefused,
        ),
    ],
)
def test_a_procedure_that_cannot_be_opened_says_why(fields, known, refusal):
    with pytest.raises(refusal) as refused:
        opening(known, **fields)
    assert refused.value.message.endswith(".")


def test_each_kind_has_its_grounds_and_each_ground_its_words():
    assert {ground for grounds in GROUNDS.values() for ground in grounds} == set(Ground) == set(GROUND_LABELS)
    opening()
    opening(kind=Kind.DEEP_SEDATION, ground=Ground.REFRACTORY, requested_on=TODAY)


@pytest.mark.parametrize("number", range(1, len(Step)))
def test_the_search_follows_the_order_of_the_law(number):
    step, before = list(Step)[number], list(Step)[:number]
    record = NoteSearch(decision_id=uuid4(), version=1, step=step, result=Result.NOTHING, searched_on=TODAY)
    rules.check_search(record, done=before, today=TODAY)
    with pytest.raises(rules.OutOfOrder):
        rules.check_search(record, done=before[1:], today=TODAY)
    with pytest.raises(rules.DayInFuture):
        rules.check_search(record, done=before, today=TODAY - timedelta(days=1))


def test_the_order_is_own_file_health_record_trusted_person_relatives_physician():
    assert list(Step) == [
        Step.OWN_FILE,
        Step.HEALTH_RECORD,
        Step.TRUSTED_PERSON,
        Step.RELATIVES,
        Step.PHYSICIAN,
    ]


@pytest.mark.parametrize(
    ("results", "over"),
    [
        ([], False),
        ([Result.NOTHING] * 4, False),
        ([Result.NOTHING, Result.FOUND], True),
        ([Result.IMPOSSIBLE] * 5, True),
    ],
)
def test_the_search_ends_where_something_is_found_or_nothing_is_left(results, over):
    assert rules.is_searched(results) == over


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"is_independent": False}, rules.ConsultantNotIndependent),
        ({"opinion": " "}, rules.OpinionUnreasoned),
        ({"name": ""}, rules.OpinionUnreasoned),
        ({"given_on": TOMORROW}, rules.DayInFuture),
    ],
)
def test_an_opinion_is_reasoned_and_independent(fields, refusal):
    values = {
        "name": "Dr Essai",
        "structure": "",
        "is_independent": True,
        "opinion": "Oui",
        "given_on": TODAY,
        **fields,
    }
    with pytest.raises(refusal):
        rules.check_opinion(NoteOpinion(decision_id=uuid4(), version=1, **values), before=(), today=TODAY)


def telling(known=KNOWN, **fields):
    values = {"told": Informed.FAMILY, "told_on": TODAY, "name": "Essai", **fields}
    rules.check_told(NoteTold(decision_id=uuid4(), version=1, **values), known=known, today=TODAY)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"told_on": TOMORROW}, rules.DayInFuture),
        ({"name": " "}, rules.InformedMissing),
        ({"known": replace(KNOWN, has_trusted_person=True)}, rules.TrustedPersonFirst),
    ],
)
def test_the_trusted_person_failing_that_a_close_one_is_told_of_the_procedure(fields, refusal):
    with pytest.raises(refusal):
        telling(**fields)
    telling()
    telling(told=Informed.NOBODY, name="")
    telling(told=Informed.TRUSTED_PERSON, known=replace(KNOWN, has_trusted_person=True))


HOW_FAR = ("ground", "results", "consultants", "asks_second", "is_told", "decider")
AVIS = Physician(name="Dr Essai Avis", rpps="10100000001")
PREPARED = rules.Prepared(
    ground=Ground.OBSTINACY,
    results=(Result.FOUND,),
    consultants=(AVIS,),
    decider=Physician(name="Jour QUI-DÉCIDE"),
    is_told=True,
)


def deciding(prepared=PREPARED, known=KNOWN, **fields):
    values = {
        "decided_on": TODAY,
        "motives": "Motifs",
        "team": "Équipe",
        "starts_on": TODAY,
        "informed": Informed.FAMILY,
        "informed_name": "Essai",
        "informed_on": TODAY,
        **{name: fields[name] for name in fields if name not in HOW_FAR},
    }
    how_far = replace(prepared, **{name: fields[name] for name in fields if name in HOW_FAR})
    record = Decide(decision_id=uuid4(), version=1, **values)
    rules.check_decision(record, prepared=how_far, known=known, today=TODAY)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"decided_on": TOMORROW}, rules.DayInFuture),
        ({"motives": " "}, rules.MotivesMissing),
        ({"results": ()}, rules.SearchMissing),
        ({"consultants": ()}, rules.OpinionMissing),
        ({"consultants": (), "ground": Ground.INAPPROPRIATE}, rules.OpinionMissing),
        ({"is_told": False}, rules.OpeningUntold),
        ({"asks_second": True}, rules.SecondOpinionMissing),
        ({"known": replace(KNOWN, is_represented=True)}, rules.GuardianUnheard),
        ({"team": ""}, rules.TeamMissing),
        ({"informed_on": None}, rules.InformedMissing),
        ({"informed_name": ""}, rules.InformedMissing),
        (
            {"known": rules.Known(has_directives=True, refuses_sedation=False, has_trusted_person=True)},
            rules.TrustedPersonFirst,
        ),
        ({"ground": Ground.REFRACTORY}, rules.SedationIncomplete),
        ({"ground": Ground.REFRACTORY, **SEDATION, "has_pain_relief": False}, rules.SedationIncomplete),
        (
            {
                "ground": Ground.CANNOT_EXPRESS,
                "known": rules.Known(has_directives=True, refuses_sedation=True, has_trusted_person=False),
                **SEDATION,
            },
            rules.SedationRefused,
        ),
    ],
)
def test_a_decision_that_lacks_something_is_not_taken(fields, refusal):
    with pytest.raises(refusal) as refused:
        deciding(**fields)
    assert refused.value.message.endswith(".")


ONE, ANOTHER = "10100000001", "10100000002"


@pytest.mark.parametrize(
    "again",
    [
        Physician(name="Dr Essai Avis"),
        Physician(name="Docteur AVIS Essai", is_another=True),
        Physician(name="Pr Essai-Avis"),
        Physician(name="essai"),
        Physician(name="Dr Albane Essai"),
        Physician(name="Dr", is_another=False),
        Physician(name="Dr Essai Avis", rpps=ONE, is_another=True),
        Physician(name="Dr Tout Autre", rpps=ONE, is_another=True),
    ],
)
def test_the_second_opinion_is_another_physicians(again):
    with pytest.raises(rules.SecondOpinionMissing) as refused:
        deciding(asks_second=True, consultants=(Physician(name="Dr Essai Avis", rpps=ONE), again))
    assert "numéro RPPS" in refused.value.message


@pytest.mark.parametrize(
    "again",
    [
        Physician(name="Dr Tout Autre"),
        Physician(name="Dr Albane Essai", is_another=True),
        Physician(name="Dr Essai Avis", rpps=ANOTHER),
        Physician(name="Dr Essai", rpps=ANOTHER),
    ],
)
def test_a_number_or_whoever_notes_it_tells_two_physicians_apart(again):
    deciding(asks_second=True, consultants=(Physician(name="Dr Essai Avis", rpps=ONE), again))


def test_who_decides_is_not_the_consultant():
    decider = Physician(name="Essai DÉCIDEUR", rpps=ANOTHER)
    for himself in (
        Physician(name="Dr Décideur Essai"),
        Physician(name="Docteur Décideur"),
        Physician(name="Dr"),
        Physician(name="Dr Autre", rpps=ANOTHER),
    ):
        with pytest.raises(rules.OpinionOfDecider):
            deciding(decider=decider, consultants=(himself,))
        deciding(decider=decider, consultants=(himself, AVIS))
        with pytest.raises(rules.SecondOpinionMissing):
            deciding(decider=decider, consultants=(himself, AVIS), asks_second=True)
    deciding(decider=decider, consultants=(Physician(name="Dr Essai Décideur", rpps=ONE),))
    deciding(decider=decider, consultants=(Physician(name="Dr Autre Décideur"),))


def noting(**fields):
    values = {
        "name": "Dr Essai",
        "structure": "",
        "is_independent": True,
        "opinion": "Oui",
        "given_on": TODAY,
        **fields,
    }
    rules.check_opinion(NoteOpinion(decision_id=uuid4(), version=1, **values), before=(AVIS,), today=TODAY)


def test_an_opinion_said_to_be_anothers_is_not_the_same_physicians():
    for same in ({"name": "Dr Essai Avis"}, {"name": "Dr Autre", "rpps": ONE}):
        noting(**same)
        with pytest.raises(rules.SamePhysician):
            noting(**same, is_another=True)
    noting(name="Dr Essai", is_another=True)
    noting(name="Dr Essai Avis", rpps=ANOTHER, is_another=True)


def test_what_may_be_decided():
    deciding()
    deciding(ground=Ground.INAPPROPRIATE, results=())
    deciding(ground=Ground.REFRACTORY, results=(), **SEDATION)
    deciding(asks_second=True, consultants=(AVIS, Physician(name="Dr Second Regard")))
    deciding(known=replace(KNOWN, is_represented=True), guardian_opinion="Ses parents sont d’accord")
    deciding(informed=Informed.NOBODY, informed_name="", informed_on=None)


def test_an_emergency_asks_for_motives_and_nothing_else():
    deciding(
        ground=Ground.EMERGENCY,
        results=(),
        consultants=(),
        is_told=False,
        team="",
        informed=Informed.NOBODY,
        informed_on=None,
    )


@pytest.mark.parametrize("ended_on", [TODAY - timedelta(days=2), TOMORROW])
def test_nothing_ends_before_it_began_or_tomorrow(ended_on):
    with pytest.raises(rules.EndTooEarly):
        rules.check_end(ended_on, starts_on=TODAY - timedelta(days=1), today=TODAY)


def test_every_state_is_reached():
    assert {DECISION.initial} | {move.target for move in DECISION.moves} == set(DECISION.labels)


@pytest.mark.parametrize("asked_by", [AskedBy.FAMILY, AskedBy.RELATIVE])
def test_family_and_relatives_require_the_procedure_only_where_nobody_was_designated(asked_by):
    opening(asked_by=asked_by)
    named = replace(KNOWN, has_trusted_person=True)
    with pytest.raises(rules.TrustedPersonAsks):
        opening(named, asked_by=asked_by)
    opening(named, asked_by=AskedBy.TRUSTED_PERSON)
    opening(named, asked_by=AskedBy.PHYSICIAN)
