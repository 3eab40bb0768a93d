"""Who may designate whom, without a database."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from ppa.directives.records import Witness
from ppa.trusted_persons import rules
from ppa.trusted_persons.records import EndDesignation, Leave, Signatures
from ppa.trusted_persons.states import DESIGNATION, Action, EndMeans, State

TODAY = date(2026, 11, 20)
TWO = (Witness(name="Essai Premier", capacity="voisin"), Witness(name="Essai Second", capacity="infirmière"))
SIGNED = Signatures(person_signed_on=date(2026, 4, 1), trusted_signed_on=date(2026, 4, 3))
CASE = rules.Case(
    person=rules.Somebody(family="Essai", given="Philomène", born_on=date(1955, 3, 12)),
    trusted=rules.Somebody(family="Essai", given="Capucine", born_on=date(1980, 5, 4)),
    trusted_is_adult=False,
    signatures=SIGNED,
    is_protected=False,
    leave=None,
)


def signed(person=SIGNED.person_signed_on, trusted=SIGNED.trusted_signed_on):
    return {"signatures": Signatures(person_signed_on=person, trusted_signed_on=trusted)}


@pytest.mark.parametrize(
    ("fields", "refusal", "field"),
    [
        (signed(trusted=None), rules.SignatureMissing, "trusted_signed_on"),
        (signed(person=None), rules.SignatureMissing, "person_signed_on"),
        (signed(person=None, trusted=None), rules.SignatureMissing, "person_signed_on"),
        (signed(trusted=TODAY + timedelta(days=1)), rules.SignatureInFuture, "person_signed_on"),
        (signed(trusted=date(2026, 3, 31)), rules.SignatureTooEarly, "trusted_signed_on"),
        ({"person": replace(CASE.person, born_on=date(2008, 4, 2))}, rules.DesignatorMinor, "person_signed_on"),
        ({"trusted": replace(CASE.trusted, born_on=date(2008, 4, 2))}, rules.TrustedPersonMinor, "relative"),
        ({"trusted": replace(CASE.trusted, born_on=None)}, rules.MajorityUnknown, "trusted_is_adult"),
        ({"trusted": CASE.person}, rules.SamePerson, "relative"),
        (
            {"trusted": rules.Somebody(family="ESSAI", given="philomene", born_on=None), "trusted_is_adult": True},
            rules.SamePerson,
            "relative",
        ),
        ({"witnesses": TWO[:1], "has_file": True}, rules.WitnessesWrong, "witness_1_name"),
        ({"witnesses": (TWO[0], TWO[0]), "has_file": True}, rules.WitnessesWrong, "witness_1_name"),
        (
            {"witnesses": (TWO[0], Witness(name="Essai", capacity=" ")), "has_file": True},
            rules.WitnessesWrong,
            "witness_1_name",
        ),
        (
            {"witnesses": (TWO[0], Witness(name="ESSAI Capucine", capacity="fille")), "has_file": True},
            rules.WitnessesWrong,
            "witness_1_name",
        ),
        ({"witnesses": TWO}, rules.AttestationMissing, "file"),
        (
            {"leave": Leave(authority="Juge", given_on=TODAY + timedelta(days=1))},
            rules.DateNotPossible,
            "authorised_on",
        ),
        ({"is_protected": True}, rules.LeaveMissing, "authority"),
        (
            {
                "is_protected": True,
                "was_represented": True,
                "leave": Leave(authority="Juge", given_on=date(2026, 4, 2)),
            },
            rules.LeaveLate,
            "authorised_on",
        ),
        (
            {"is_protected": True, "leave": Leave(authority=" ", given_on=date(2026, 1, 1))},
            rules.LeaveMissing,
            "authority",
        ),
    ],
)
def test_what_keeps_a_designation_from_being_active(fields, refusal, field):
    with pytest.raises(refusal) as refused:
        rules.check_active(replace(CASE, **fields), today=TODAY)
    assert refused.value.field == field
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"witnesses": TWO, "has_file": True},
        {"person": replace(CASE.person, born_on=date(2008, 4, 1))},
        {"trusted": replace(CASE.trusted, born_on=None), "trusted_is_adult": True},
        {"is_protected": True, "leave": Leave(authority="Juge", given_on=date(2026, 1, 1))},
        {"is_protected": True, "was_represented": True, "leave": Leave(authority="Juge", given_on=date(2026, 4, 1))},
    ],
)
def test_what_may_be_active(fields):
    rules.check_active(replace(CASE, **fields), today=TODAY)


def test_a_judge_may_confirm_later_a_designation_made_before_the_measure():
    confirmed = Leave(authority="Juge", given_on=date(2026, 9, 1))
    rules.check_active(replace(CASE, is_protected=True, leave=confirmed), today=TODAY)


def test_a_choice_may_wait_for_a_signature():
    rules.check_choice(replace(CASE, **signed(trusted=None)), today=TODAY)


def ending(**fields):
    values = {
        "action": Action.REVOKE,
        "ended_on": TODAY,
        "means": EndMeans.SPOKEN,
        "received_by": "Essai Infirmière",
        **fields,
    }
    return EndDesignation(designation_id=uuid4(), version=1, **values)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"ended_on": TODAY + timedelta(days=1)}, rules.DateNotPossible),
        ({"ended_on": date(2026, 3, 31)}, rules.DateNotPossible),
        ({"received_by": " "}, rules.ReceiverMissing),
        ({"action": Action.SIGN}, ValueError),
    ],
)
def test_an_end_that_cannot_be_is_refused(fields, refusal):
    with pytest.raises(refusal):
        rules.check_end(ending(**fields), signatures=SIGNED, today=TODAY)


def test_only_a_signature_or_a_judge_leads_to_active_and_every_state_is_reached():
    assert {move.action for move in DESIGNATION.moves if move.target == State.ACTIVE} == {Action.SIGN, Action.RESUME}
    assert {DESIGNATION.initial} | {move.target for move in DESIGNATION.moves} == set(DESIGNATION.labels)
