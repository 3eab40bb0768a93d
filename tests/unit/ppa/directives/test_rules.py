"""Validity of directives, without a database: each refusal, what waits, what contradicts."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppa.directives import rules
from ppa.directives.records import Authorisation, Holder, RevokeDirective, Wish, Witness
from ppa.directives.states import (
    DIRECTIVE,
    LIFE_SUPPORT,
    RESUSCITATION,
    SUBJECTS,
    VENTILATION,
    Action,
    Decision,
    Medium,
    RevocationMeans,
)
from tests.factories.directives import scan, signed_directive

TODAY = date(2026, 11, 20)
AUTHOR = rules.Author(born_on=date(1955, 3, 12), has_names=True, birthplace="21231")
TWO = (Witness(name="Essai Premier", capacity="voisin"), Witness(name="Essai Second", capacity="cousine"))


def check(author=AUTHOR, **fields):
    rules.check_record(signed_directive(uuid4(), **fields), author=author, today=TODAY)


@pytest.mark.parametrize(
    ("fields", "refusal", "field"),
    [
        ({"signed_on": None}, rules.DirectiveUndated, "signed_on"),
        ({"signed_on": TODAY + timedelta(days=1)}, rules.DirectiveInFuture, "signed_on"),
        ({"signed_on": date(1973, 3, 11)}, rules.AuthorMinor, "signed_on"),
        ({"has_signature": False}, rules.NotSigned, "has_signature"),
        ({"has_signature": False, "witnesses": TWO[:1]}, rules.NotSigned, "has_signature"),
        (
            {"has_signature": False, "witnesses": (TWO[0], Witness(name="Essai", capacity=" "))},
            rules.NotSigned,
            "has_signature",
        ),
        ({"file": None}, rules.FileMissing, "file"),
        ({"medium": Medium.DIGITAL, "file": None, "text": " ", "wishes": ()}, rules.ContentMissing, "text"),
        ({"medium": Medium.LOCATION_ONLY}, rules.HolderMissing, "holder_name"),
        ({"medium": Medium.VIDEO, "holder": Holder(name=" ")}, rules.HolderMissing, "holder_name"),
        ({"wishes": (Wish(code="0000-0", decision=Decision.DENY),)}, rules.WishUnknown, ""),
        ({"wishes": (Wish(code=RESUSCITATION, decision=Decision.DENY),) * 2}, rules.WishUnknown, ""),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused_with_a_sentence_beside_its_field(fields, refusal, field):
    with pytest.raises(refusal) as refused:
        check(**fields)
    assert refused.value.field == field
    assert refused.value.message.endswith(".")


def test_an_identity_without_birthplace_is_refused():
    with pytest.raises(rules.IdentityIncomplete):
        check(author=rules.Author(born_on=AUTHOR.born_on, has_names=True, birthplace=""))


def test_the_day_of_the_eighteenth_birthday_is_adult_and_age_never_makes_a_document_old():
    check(signed_on=date(1973, 3, 12))
    check(signed_on=date(1990, 1, 1))


@pytest.mark.parametrize(
    ("fields", "step"),
    [
        ({}, Action.CONFIRM),
        ({"has_signature": False, "witnesses": TWO}, Action.CONFIRM),
        ({"medium": Medium.DIGITAL, "file": None}, Action.CONFIRM),
        ({"medium": Medium.DIGITAL, "file": None, "has_signature": False, "witnesses": TWO}, None),
        ({"signed_on": None, "is_undated": True}, None),
        ({"medium": Medium.LOCATION_ONLY, "file": None, "holder": Holder(name="Essai")}, None),
        ({"is_protected": True}, None),
        ({"is_protected": True, "authorisation": Authorisation(authority="Juge", given_on=date(2026, 1, 5))}, None),
        (
            {
                "is_protected": True,
                "authorisation": Authorisation(authority="Juge", given_on=date(2026, 1, 5)),
                "authorisation_file": scan(),
            },
            Action.CONFIRM,
        ),
        ({"medium": Medium.AUDIO, "file": None, "holder": Holder(name="Essai")}, Action.SET_APART),
        ({"medium": Medium.VIDEO, "file": None, "holder": Holder(name="Essai")}, Action.SET_APART),
    ],
)
def test_what_follows_a_recording(fields, step):
    record = signed_directive(uuid4(), **fields)
    rules.check_record(record, author=AUTHOR, today=TODAY)
    assert rules.first_step(rules.proof_of(record), author=AUTHOR, today=TODAY) == step


def revocation(**fields):
    values = {
        "revoked_on": TODAY,
        "means": RevocationMeans.SPOKEN,
        "received_by": "Dr Essai",
        "witness": "Essai Voisin",
        **fields,
    }
    return RevokeDirective(directive_id=uuid4(), version=1, **values)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"revoked_on": TODAY + timedelta(days=1)}, rules.RevocationDateWrong),
        ({"revoked_on": date(2026, 3, 11)}, rules.RevocationDateWrong),
        ({"received_by": " "}, rules.RevocationUnproven),
        ({"witness": ""}, rules.RevocationUnproven),
    ],
)
def test_a_revocation_that_nobody_answers_for_is_refused(fields, refusal):
    with pytest.raises(refusal):
        rules.check_revocation(revocation(**fields), signed_on=date(2026, 3, 12), today=TODAY)


def test_a_revocation_by_word_of_mouth_before_a_witness_or_in_writing_is_taken():
    rules.check_revocation(revocation(), signed_on=date(2026, 3, 12), today=TODAY)
    rules.check_revocation(revocation(means=RevocationMeans.WRITTEN, witness=""), signed_on=None, today=TODAY)


def test_what_a_document_says_both_ways_is_told_in_french():
    found = rules.contradictions([Wish(code=RESUSCITATION, decision=Decision.PERMIT)], comfort_only=True)
    assert found == (
        "Le document demande « Réanimation cardiaque et respiratoire » et, en même temps, des soins de confort uniquement.",
    )
    both = [Wish(code=LIFE_SUPPORT, decision=Decision.PERMIT), Wish(code=VENTILATION, decision=Decision.DENY)]
    assert rules.contradictions(both, comfort_only=False) == (
        "Le document accepte « Maintien artificiel en vie » et refuse « Assistance respiratoire ».",
    )


@given(st.dictionaries(st.sampled_from(sorted(SUBJECTS)), st.sampled_from([Decision.DENY, Decision.OTHER])))
def test_refusing_everything_contradicts_nothing(said):
    assert rules.contradictions([Wish(code=c, decision=d) for c, d in said.items()], comfort_only=True) == ()


def test_every_state_is_reached_and_nothing_leaves_the_last_ones():
    reached = {DIRECTIVE.initial} | {move.target for move in DIRECTIVE.moves}
    assert reached == set(DIRECTIVE.labels)
    assert {state for state in DIRECTIVE.labels if DIRECTIVE.is_terminal(state)} == {"revoked", "entered_in_error"}


def test_the_nine_subjects_are_those_of_the_national_list(shared):
    lines = (shared / "fr_data/tsv/advance_directive_types.tsv").read_text("utf-8").splitlines()[1:]
    listed = {tuple(line.split("\t")[:2]) for line in lines}
    assert {(subject.system, subject.code) for subject in SUBJECTS.values()} == listed
