"""The papers of directives and of a designation: tagged, the same bytes for the same content, whatever somebody typed."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pikepdf
import pytest

from ppa.directives.paper import blank_form_pdf, recorded_pdf
from ppa.directives.records import Authorisation, Deposit, Holder, Revocation, Witness
from ppa.directives.states import Model, Place, RevocationMeans
from ppa.directives.texts import headings
from ppa.trusted_persons.paper import designation_pdf, revocation_pdf
from ppa.trusted_persons.records import Signatures
from ppa.trusted_persons.states import Duration, EndMeans, State
from tests.support.pdf_text import pages_of
from tests.unit.fhir_bridge.mappers.test_wishes import DESIGNATION, DIRECTIVE, RELATIVE
from tests.unit.ppa.plans.test_paper import PERSON

WRITTEN = replace(
    DIRECTIVE,
    legal_version="CSP R1111-17 (2016)",
    model=Model.A,
    text="Je veux rester chez moi.\n\nAvec le chat.",
    sections={one.code: "Ses mots" for one in headings()},
    comfort_only=True,
    witnesses=(Witness(name="Essai", capacity="voisin"),),
    written_by="Essai",
    authorisation=Authorisation(authority="Juge", given_on=date(2026, 1, 1)),
    holder=Holder(name="Sa fille", phone="+33600000001"),
    deposits=(Deposit(place=Place.HOSPITAL, where="CH", deposited_on=date(2026, 4, 1), deposited_by="Essai"),),
)
HOSTILE = [
    "#panic()",
    "$x$ *a* `b` @c <d>",
    "\u202eabc",
    "<script>alert(1)</script>",
    "🙂" * 40,
    "a" * 5000,
    "\n\n\n",
    "",
]


def check(content: bytes) -> int:
    """Return how many pages a tagged French PDF has."""
    with pikepdf.open(BytesIO(content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr-FR"
        return len(pdf.pages)


@pytest.mark.parametrize("model", [Model.A, Model.B])
def test_a_form_to_write_on_is_tagged_and_the_same_each_time(model):
    made = blank_form_pdf(PERSON, model)
    assert check(made) >= 2
    assert made == blank_form_pdf(PERSON, model)


@pytest.mark.parametrize("model", [Model.A, Model.B])
def test_a_form_to_write_on_speaks_as_she_who_fills_it(model):
    said = said_by(blank_form_pdf(PERSON, model))
    assert "Ce que j’accepte ou refuse" in said
    assert "Ce qu’elle" not in said


def test_witnesses_of_a_revocation_attest_the_revocation():
    said = said_by(revocation_pdf(PERSON, RELATIVE, DESIGNATION))
    assert "attestent que cette révocation est" in said
    assert "cette désignation est" not in said


def test_witnesses_read_where_they_sign_that_their_names_are_kept():
    for model in (Model.A, Model.B):
        assert "Leurs noms et leurs qualités, qui sont aussi notés dans mon dossier" in said_by(
            blank_form_pdf(PERSON, model)
        )
    to_sign = replace(DESIGNATION, signatures=Signatures(), state=State.DESIGNATED_UNSIGNED)
    for made in (designation_pdf(PERSON, RELATIVE, to_sign), revocation_pdf(PERSON, RELATIVE, DESIGNATION)):
        assert "Leurs noms et leurs qualités sont notés dans son dossier." in said_by(made)


def said_by(content: bytes) -> str:
    return " ".join(" ".join(pages_of(content)).split())


def test_the_two_forms_differ():
    assert blank_form_pdf(PERSON, Model.A) != blank_form_pdf(PERSON, Model.B)


@pytest.mark.parametrize("words", HOSTILE)
def test_a_recorded_document_takes_any_words(words):
    document = replace(WRITTEN, text=words, written_by=words[:200], sections={"situations": words})
    made = recorded_pdf(PERSON, document)
    assert check(made) >= 1
    assert made == recorded_pdf(PERSON, document)


def test_a_document_taken_back_says_how_who_received_it_and_before_whom():
    taken = Revocation(
        revoked_on=date(2026, 6, 1), means=RevocationMeans.SPOKEN, received_by="Essai CANARIREÇOIT, infirmière",
        witness="Essai CANARITEMOIN", document_id=None,
    )  # fmt: skip
    shown = replace(WRITTEN, revocation=taken, witness_reason="Elle était à l’étranger.")
    told = " ".join("".join(pages_of(recorded_pdf(PERSON, shown))).split())
    for words in (
        "De vive voix, devant témoin, le 1er juin 2026",
        "Essai CANARIREÇOIT, infirmière",
        "Essai CANARITEMOIN",
        "Elle était à l’étranger.",
    ):
        assert words in told, words


def test_a_document_known_by_its_place_alone_has_a_paper():
    bare = replace(WRITTEN, signed_on=None, wishes=(), comfort_only=False, text="", sections={}, has_signature=False)
    assert check(recorded_pdf(PERSON, bare)) == 1


@pytest.mark.parametrize(
    "signatures", [DESIGNATION.signatures, Signatures(), Signatures(person_signed_on=date(2026, 4, 1))]
)
def test_a_designation_is_printed_to_be_signed_or_as_it_was_signed(signatures):
    designation = replace(DESIGNATION, signatures=signatures, limits="Pas les finances")
    made = designation_pdf(PERSON, RELATIVE, designation)
    assert check(made) >= 1
    assert made == designation_pdf(PERSON, RELATIVE, designation)


BOTH = DESIGNATION.signatures
LONG_AGO = Signatures(person_signed_on=date(2019, 4, 1), trusted_signed_on=date(2019, 4, 3))


def test_a_designation_of_today_has_no_end():
    said = said_by(designation_pdf(PERSON, RELATIVE, DESIGNATION))
    assert "n’a pas de durée limitée" in said
    assert "Fin le" not in said


def test_a_designation_in_doubt_says_so_until_somebody_knows():
    doubtful = replace(DESIGNATION, signatures=LONG_AGO)
    said = said_by(designation_pdf(PERSON, RELATIVE, doubtful))
    assert "on ne sait pas encore si elle ne valait que pour un séjour" in said
    assert "n’a pas de durée limitée" not in said
    known = said_by(designation_pdf(PERSON, RELATIVE, replace(doubtful, duration=Duration.LASTING)))
    assert "n’a pas de durée limitée" in known


@pytest.mark.parametrize("state", [State.REVOKED, State.RENOUNCED, State.REPLACED, State.LAPSED])
@pytest.mark.parametrize("signatures", [BOTH, LONG_AGO, Signatures(person_signed_on=date(2026, 4, 1))])
def test_a_designation_that_ended_tells_its_end_and_asks_for_no_signature(state, signatures):
    ended = replace(
        DESIGNATION,
        state=state,
        signatures=signatures,
        ended_on=date(2026, 9, 2),
        end_means=EndMeans.SPOKEN,
        end_received_by="Dr Essai",
    )
    said = said_by(designation_pdf(PERSON, RELATIVE, ended))
    assert "Cette désignation a pris fin : elle ne vaut plus." in said
    assert "Fin le 2 septembre 2026, de vive voix, reçue par Dr Essai" in said
    for words in ("n’a pas de durée limitée", "on ne sait pas encore", "qui accepte ce rôle", "Attestation"):
        assert words not in said, words


def test_a_designation_that_the_judge_suspended_does_not_count_for_now():
    suspended = replace(DESIGNATION, state=State.SUSPENDED, ended_on=date(2026, 9, 2), end_means=EndMeans.JUDGE)
    said = said_by(designation_pdf(PERSON, RELATIVE, suspended))
    assert "suspendue par le juge" in said
    assert "Suspendue depuis le 2 septembre 2026, par décision du juge" in said
    assert "n’a pas de durée limitée" not in said
