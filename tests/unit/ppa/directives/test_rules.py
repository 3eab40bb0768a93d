"""Validity of directives, without a database: each refusal, what waits, what contradicts."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppa.directives import rules
from ppa.directives.records import Authorisation, Holder, RecordDeposit, RevokeDirective, Wish, Witness
from ppa.directives.states import (
    DIRECTIVE,
    LIFE_SUPPORT,
    RESUSCITATION,
    SUBJECTS,
    VENTILATION,
    Action,
    Decision,
    Medium,
    Model,
    Place,
    RevocationMeans,
)
from ppa.directives.texts import headings, legal_texts, text_named, text_on
from tests.factories.directives import scan, signed_directive

TODAY = date(2026, 11, 20)
AUTHOR = rules.Author(
    born_on=date(1955, 3, 12), has_names=True, birthplace="21231", family="Essai-Auteur", given="Rosa"
)
TWO = (Witness(name="Essai Premier", capacity="voisin"), Witness(name="Essai Second", capacity="cousine"))


TYPED = {"medium": Medium.DIGITAL, "file": None}


def check(author=AUTHOR, **fields):
    rules.check_record(signed_directive(uuid4(), **fields), author=author, today=TODAY)


@pytest.mark.parametrize(
    ("fields", "refusal", "field"),
    [
        ({"signed_on": None}, rules.DirectiveUndated, "signed_on"),
        ({"signed_on": TODAY + timedelta(days=1)}, rules.DirectiveInFuture, "signed_on"),
        ({"signed_on": date(1973, 3, 11)}, rules.AuthorMinor, "signed_on"),
        ({**TYPED, "has_signature": False}, rules.NotSigned, "has_signature"),
        ({**TYPED, "has_signature": False, "witnesses": TWO[:1]}, rules.NotSigned, "has_signature"),
        (
            {**TYPED, "has_signature": False, "witnesses": (TWO[0], Witness(name="Essai", capacity=" "))},
            rules.NotSigned,
            "has_signature",
        ),
        ({"file": None}, rules.FileMissing, "file"),
        ({"medium": Medium.DIGITAL, "file": None, "text": " ", "wishes": ()}, rules.ContentMissing, "text"),
        ({"medium": Medium.LOCATION_ONLY}, rules.HolderMissing, "holder_name"),
        ({"medium": Medium.VIDEO, "holder": Holder(name=" ")}, rules.HolderMissing, "holder_name"),
        (
            {"has_signature": False, "witnesses": (TWO[0], Witness(name="premier ESSAI", capacity="ami"))},
            rules.WitnessTwice,
            "witness_1_name",
        ),
        (
            {"has_signature": False, "witnesses": (TWO[0], Witness(name="Rosa Essai Auteur", capacity="elle"))},
            rules.WitnessTwice,
            "witness_1_name",
        ),
        ({"sections": {"situations": "Un coma"}}, rules.HeadingNotOfModel, "model"),
        ({"model": Model.B, "sections": {"told_by_physician": "La chimio"}}, rules.HeadingNotOfModel, "model"),
        ({"wishes": (Wish(code="0000-0", decision=Decision.DENY),)}, rules.WishUnknown, ""),
        ({"wishes": (Wish(code=RESUSCITATION, decision=Decision.DENY),) * 2}, rules.WishUnknown, ""),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused_with_a_sentence_beside_its_field(fields, refusal, field):
    with pytest.raises(refusal) as refused:
        check(**fields)
    assert refused.value.field == field
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    ("author", "fields", "missing"),
    [
        (replace(AUTHOR, birthplace=""), {}, rules.IdentityIncomplete),
        (replace(AUTHOR, has_names=False), {}, rules.IdentityIncomplete),
        (AUTHOR, {"has_signature": False}, rules.NotSigned),
        (AUTHOR, {"has_signature": False, "witnesses": TWO[:1]}, rules.NotSigned),
        (AUTHOR, {"has_signature": False, "witnesses": (TWO[0], Witness(name="Essai", capacity=" "))}, rules.NotSigned),
    ],
)
def test_a_paper_that_still_lacks_a_signature_or_an_identity_is_kept_to_be_verified_and_is_not_valid(
    author, fields, missing
):
    check(author=author, **fields)
    proof = rules.proof_of(signed_directive(uuid4(), **fields))
    assert rules.first_step(proof, author=author, today=TODAY) is None
    with pytest.raises(missing):
        rules.check_valid(proof, author=author, today=TODAY)


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


def test_leave_given_after_the_document_does_not_make_it_valid():
    proof = rules.proof_of(
        signed_directive(
            uuid4(),
            is_protected=True,
            authorisation=Authorisation(authority="Juge", given_on=date(2026, 3, 13)),
            authorisation_file=scan(),
        )
    )
    with pytest.raises(rules.AuthorisationLate) as refused:
        rules.check_valid(proof, author=AUTHOR, today=TODAY)
    assert refused.value.field == "authorised_on"
    assert rules.first_step(proof, author=AUTHOR, today=TODAY) is None


@pytest.mark.parametrize(
    "fields", [{"is_undated": True}, {"medium": Medium.LOCATION_ONLY, "holder": Holder(name="Essai")}]
)
def test_a_minor_has_no_directives_even_undated(fields):
    minor = rules.Author(born_on=date(2010, 1, 1), has_names=True, birthplace="21231")
    with pytest.raises(rules.AuthorMinor):
        check(author=minor, signed_on=None, **fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Aline Essai"),
        ({"reason": "Elle était à l’étranger"}, ""),
        ({"has_signature": True}, ""),
        ({"trusted": ""}, ""),
        ({"trusted": "ESSAI Second"}, ""),
        ({"witnesses": ()}, ""),
    ],
)
def test_the_trusted_person_is_missed_among_the_witnesses_unless_somebody_says_why(fields, said):
    values = {"witnesses": TWO, "has_signature": False, "reason": "", "trusted": "Aline Essai", **fields}
    assert rules.missing_witness(values.pop("witnesses"), **values) == said


@pytest.mark.parametrize(
    ("fields", "refusal", "field"),
    [
        ({"deposited_on": TODAY + timedelta(days=1)}, rules.DepositDateWrong, "deposited_on"),
        ({"deposited_on": date(2026, 3, 11)}, rules.DepositDateWrong, "deposited_on"),
        ({"deposited_by": " "}, rules.DepositUnnamed, "deposited_by"),
        ({"place": Place.HOSPITAL}, rules.DepositUnnamed, "where"),
    ],
)
def test_a_deposit_is_the_deed_of_somebody_on_a_possible_day(fields, refusal, field):
    values = {"place": Place.HEALTH_RECORD, "deposited_on": TODAY, "deposited_by": "Essai", **fields}
    with pytest.raises(refusal) as refused:
        rules.check_deposit(
            RecordDeposit(directive_id=uuid4(), version=1, **values), signed_on=date(2026, 3, 12), today=TODAY
        )
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(1999, 1, 1), "Avant 2005"),
        (date(2016, 8, 5), "CSP L1111-11 (2005)"),
        (date(2016, 8, 6), "CSP R1111-17 (2016)"),
        (date(2026, 5, 27), "CSP R1111-17 (2016)"),
        (date(2026, 5, 28), "CSP L1111-11 (2026)"),
    ],
)
def test_the_text_of_a_document_is_the_one_of_its_date(day, code):
    assert text_on(day).code == code
    assert text_named(code) == text_on(day)


def test_the_tables_are_whole():
    days = [text.starts_on for text in legal_texts()]
    assert days == sorted(set(days))
    assert all(text.means.endswith(".") and text.source for text in legal_texts())
    assert all(len(text.code) <= 40 for text in legal_texts())
    shown = {model: [one.code for one in headings() if model in one.models] for model in Model}
    assert shown[Model.FREE] == []
    assert set(shown[Model.A]) - set(shown[Model.B]) == {"told_by_physician"}
    assert {"situations", "start", "stop", "sedation"} <= set(shown[Model.B])


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


def told_both_ways(wishes, *, comfort_only):
    return tuple(rules.odds_told(*pair) for pair in rules.at_odds(wishes, comfort_only=comfort_only))


def test_what_a_document_says_both_ways_is_told_in_french():
    found = told_both_ways([Wish(code=RESUSCITATION, decision=Decision.PERMIT)], comfort_only=True)
    assert found == (
        "Le document demande « Réanimation cardiaque et respiratoire » et, en même temps, des soins de confort uniquement.",
    )
    both = [Wish(code=LIFE_SUPPORT, decision=Decision.PERMIT), Wish(code=VENTILATION, decision=Decision.DENY)]
    assert told_both_ways(both, comfort_only=False) == (
        "Le document accepte « Maintien artificiel en vie » et refuse « Assistance respiratoire ».",
    )


@given(st.dictionaries(st.sampled_from(sorted(SUBJECTS)), st.sampled_from([Decision.DENY, Decision.OTHER])))
def test_refusing_everything_contradicts_nothing(said):
    assert told_both_ways([Wish(code=c, decision=d) for c, d in said.items()], comfort_only=True) == ()


def test_every_state_is_reached_and_nothing_leaves_the_last_ones():
    reached = {DIRECTIVE.initial} | {move.target for move in DIRECTIVE.moves}
    assert reached == set(DIRECTIVE.labels)
    assert {state for state in DIRECTIVE.labels if DIRECTIVE.is_terminal(state)} == {"revoked", "entered_in_error"}


def test_the_nine_subjects_are_those_of_the_national_list(shared):
    lines = (shared / "fr_data/tsv/advance_directive_types.tsv").read_text("utf-8").splitlines()[1:]
    listed = {tuple(line.split("\t")[:2]) for line in lines}
    assert {(subject.system, subject.code) for subject in SUBJECTS.values()} == listed
