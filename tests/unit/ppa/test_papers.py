"""What every paper of the project promises, in one table: tagged PDF/A, French, identity and version on each page, the same bytes."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pikepdf
import pytest
from django.conf import settings

from accounts.break_glass.paper import letter_pdf
from accounts.break_glass.records import Letter, Notice
from accounts.break_glass.states import NoticeState
from accounts.people.states import Sex
from accounts.trails.paper import access_list_pdf
from accounts.trails.records import Access, AccessList
from pathway.cases.records import AssessedLevel
from pathway.desks.synthesis import Synthesis, synthesis_pdf
from ppa.acceptances.guide import guide_pdf
from ppa.after_death.records import ContactSnapshot, TellingWishSnapshot
from ppa.after_death.states import ContactState
from ppa.after_death.timing import NEWS
from ppa.announcements.records import Answer, GivenAnswer
from ppa.assessments.records import AssessmentSnapshot
from ppa.assessments.records import Result as ScaleResult
from ppa.assessments.scale import scale
from ppa.assessments.states import AssessmentState, Respondent
from ppa.collegial_decisions.paper import decision_pdf
from ppa.collegial_decisions.records import Decided, DecisionSnapshot, OpinionNoted, SearchNoted, ToldNoted
from ppa.collegial_decisions.states import DecisionState, Ground, Informed, Kind, Result, Step
from ppa.contradictions.records import Contradiction, Passage
from ppa.contradictions.states import Kind as ContradictionKind
from ppa.directives.paper import blank_form_pdf, recorded_pdf
from ppa.directives.states import Model
from ppa.emergency_sheets.paper import sheet_pdf as emergency_pdf
from ppa.plans.easy import EasyPaper, easy_pdf
from ppa.plans.outline import outlines
from ppa.plans.paper import plan_pdf
from ppa.plans.ppcs import PpcsPaper, ppcs_pdf
from ppa.trusted_persons.paper import designation_pdf, revocation_pdf
from tests.support.pdf_text import pages_of
from tests.unit.fhir_bridge.mappers.test_announcement import ANNOUNCED, PROPOSED
from tests.unit.fhir_bridge.mappers.test_wishes import DESIGNATION, RELATIVE
from tests.unit.ppa.emergency_sheets.test_paper import paper as emergency
from tests.unit.ppa.plans.test_paper import PERSON, paper
from tests.unit.ppa.sheets.test_papers import WRITTEN

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
WORDS = "Où aller ? À la maison : « chez elle » ; jamais 50 % ailleurs ! "
NAME = "INVENTRELLE Philomène"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One paper, made from a text; `on_each_page` names whom it is about and which version it is; a form takes no text."""

    template: str
    make: Callable[[str], bytes]
    on_each_page: tuple[str, ...]
    takes_words: bool = True


def _easy(words: str, *, model: str = "2026-1", signed: bool = True) -> bytes:
    content = {**paper(words, topics=6).content, "outline": model}
    return easy_pdf(
        EasyPaper(
            person=PERSON,
            content=content,
            number=1,
            agreed_on=date(2026, 6, 1) if signed else None,
            signed_on=date(2026, 6, 2) if signed else None,
            made_at=NOON,
        )
    )


def _ppcs(words: str) -> bytes:
    return ppcs_pdf(
        PpcsPaper(
            person=PERSON,
            content=paper(words, topics=13).content,
            number=1,
            signed_at=NOON,
            signer="Dr Maël Soignantel",
            organisation=words[:60],
            members=((words[:60], "Essai", "Équipe de soins"),),
            as_of=NOON.date(),
        )
    )


def _decision(words: str) -> bytes:
    return decision_pdf(
        PERSON,
        DecisionSnapshot(
            id=UUID(int=1),
            version=4,
            person_id=PERSON.id,
            state=DecisionState.ENDED,
            kind=Kind.DEEP_SEDATION,
            ground=Ground.CANNOT_EXPRESS,
            about=words,
            requested_on=date(2026, 6, 1),
            directive_id=None,
            searches=(
                SearchNoted(step=Step.OWN_FILE, result=Result.FOUND, searched_on=date(2026, 6, 1), note=words[:80]),
            ),
            opinions=(OpinionNoted(name="Essai", structure="EMSP", opinion=words, given_on=date(2026, 6, 2)),),
            decided=Decided(
                decided_on=date(2026, 6, 3),
                by="Essai",
                motives=words,
                team=words,
                starts_on=date(2026, 6, 3),
                informed=Informed.FAMILY,
                informed_name="Essai Fille",
                informed_on=date(2026, 6, 3),
                place="Au domicile",
                has_pain_relief=True,
                stops_life_support=True,
                guardian_opinion=words,
            ),
            opened_on=date(2026, 6, 1),
            ended_on=date(2026, 6, 10),
            end_note=words[:80],
            told=ToldNoted(told=Informed.FAMILY, told_on=date(2026, 6, 1), name=words[:80]),
        ),
    )


def _letter(words: str) -> bytes:
    notice = Notice(
        id=UUID(int=1), version=1, person_id=PERSON.id, person_name=NAME, phones=(), address="", reference="BG-0001",
        by_whom=words[:80], reason_label="Détresse vitale", opened_at=NOON, due_at=NOON, is_late=False, state=NoticeState.DUE,
    )  # fmt: skip
    return letter_pdf(
        Letter(
            notice=notice, sex=Sex.FEMALE, street="1 rue de l’Essai", town="21000 Essai", sender=words[:60], sender_phone="",
            ended_at=NOON, written_on=NOON.date(), consulted=(words[:80],),
        )
    )  # fmt: skip


def _accesses(words: str) -> bytes:
    line = Access(
        day=NOON.date(), first=NOON, last=NOON, times=2, who=words[:60], function="Infirmière", organisation="Essai",
        what="a lu le plan", quality="Équipe de soins", is_emergency=True,
    )  # fmt: skip
    found = AccessList(person_id=PERSON.id, since=date(2026, 1, 1), until=NOON, lines=(line,) * 40, is_cut=True)
    return access_list_pdf(found, PERSON)


def synthesis(words: str) -> Synthesis:
    passage = Passage(source=words[:40], source_id=UUID(int=1), dated=None, words=words)
    answer = GivenAnswer(
        answer=Answer.DEFERRED, answered_on=NOON.date(), heard_by_id=None, reason=words, come_back_on=date(2026, 7, 1),
        recorded_at=NOON,
    )  # fmt: skip
    esas = AssessmentSnapshot(
        id=UUID(int=1), version=1, person_id=PERSON.id, state=AssessmentState.RECORDED, scale=scale("esas"),
        assessed_on=NOON.date(), respondent=Respondent.RELATIVE, answers={},
        result=ScaleResult(score=Decimal(10), label=words[:60], advice=None, is_partial=True), note="", assessor_id=None,
        organisation_id=None, created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    return Synthesis(
        person=PERSON,
        as_of=NOON.date(),
        announcements=(replace(ANNOUNCED, present=words),),
        proposal=replace(PROPOSED, answers=(answer,)),
        assessments=(esas, replace(esas, result=replace(esas.result, score=Decimal(3)))),
        levels=(
            AssessedLevel(id=UUID(int=1), level=3, reason=words, assessed_on=NOON.date(), assessor_id=None),
            AssessedLevel(id=UUID(int=2), level=1, reason=words, assessed_on=NOON.date(), assessor_id=None),
        ),
        contradictions=(
            Contradiction(
                key="a", kind=ContradictionKind.WITHIN, subject=words[:60], sentence=words, first=passage, second=passage
            ),
        ),
        wishes=(TellingWishSnapshot(by_whom="Sa fille", words=words, not_so="", stated_on=NOON.date(), noted_by=""),),
        contacts=(
            (
                words[:40],
                ContactSnapshot(
                    id=UUID(int=1), version=1, person_id=PERSON.id, organisation_id=None, relative_id=UUID(int=2), step=NEWS,
                    due_on=NOON.date(), state=ContactState.DONE, happened_on=NOON.date(), by_whom="Essai", note="",
                ),
            ),
        ),
    )  # fmt: skip


PLAN, SHEET = "ppa/plans/plan.typ", "ppa/sheets/sheet.typ"
SAMPLES = {
    "plan": Sample(template=PLAN, make=lambda words: plan_pdf(paper(words, topics=13)), on_each_page=(NAME, "version 1 du")),
    "ppcs": Sample(template="ppa/plans/ppcs.typ", make=_ppcs, on_each_page=(NAME, "version 1 du", "état au 15 juin 2026")),
    "easy": Sample(template="ppa/plans/easy.typ", make=_easy, on_each_page=(NAME, "version 1 du 2 juin 2026")),
    "easy, draft": Sample(
        template="ppa/plans/easy.typ",
        make=lambda words: _easy(words, signed=False),
        on_each_page=(NAME, "version 1, pas encore signée"),
    ),
    "easy, child": Sample(
        template="ppa/plans/easy.typ",
        make=lambda words: _easy(words, model="enfant-2026-1"),
        on_each_page=(NAME, "Ton plan", "version 1 du 2 juin 2026"),
    ),
    "directives": Sample(
        template=SHEET,
        make=lambda words: recorded_pdf(PERSON, replace(WRITTEN, text=words)),
        on_each_page=(NAME, "version 2"),
    ),
    "form A": Sample(template=SHEET, make=lambda _: blank_form_pdf(PERSON, Model.A), on_each_page=(NAME, "modèle A"), takes_words=False),
    "form B": Sample(template=SHEET, make=lambda _: blank_form_pdf(PERSON, Model.B), on_each_page=(NAME, "modèle B"), takes_words=False),
    "designation": Sample(
        template=SHEET,
        make=lambda words: designation_pdf(PERSON, RELATIVE, replace(DESIGNATION, limits=words)),
        on_each_page=(NAME, "version 2"),
    ),
    "revocation": Sample(
        template=SHEET, make=lambda _: revocation_pdf(PERSON, RELATIVE, DESIGNATION), on_each_page=(NAME, "version 2"), takes_words=False
    ),
    "guide": Sample(template=SHEET, make=lambda _: guide_pdf(PERSON, DESIGNATION), on_each_page=(NAME, "guide 2026-2"), takes_words=False),
    "decision": Sample(template=SHEET, make=_decision, on_each_page=(NAME, "version 4")),
    "emergency sheet": Sample(
        template="ppa/emergency_sheets/sheet.typ",
        make=lambda words: emergency_pdf(emergency(conduct=words, comments=words)),
        on_each_page=("ESSAI Philomène · 12/03/1955", "version 2 du 22/11/2026"),
    ),
    "synthesis": Sample(
        template=SHEET, make=lambda words: synthesis_pdf(synthesis(words)), on_each_page=(NAME, "état au 15 juin 2026")
    ),
    "letter": Sample(template="accounts/break_glass/letter.typ", make=_letter, on_each_page=("BG-0001",)),
    "accesses": Sample(
        template="accounts/trails/accesses.typ", make=_accesses, on_each_page=(NAME, "établie le 15 juin 2026")
    ),
}  # fmt: skip


@pytest.fixture(params=SAMPLES, scope="module")
def sample(request):
    return SAMPLES[request.param]


@pytest.fixture(scope="module")
def made(sample):
    return sample.make(WORDS * 12)


def test_every_template_of_a_paper_is_in_this_table():
    folder = Path(settings.BASE_DIR) / "templates"
    shared = {"layout/paper.typ", "ppa/plans/pictures.typ", "ppa/plans/on_file.typ"}
    assert {str(one.relative_to(folder)) for one in folder.rglob("*.typ")} - shared == {
        one.template for one in SAMPLES.values()
    }


def test_it_is_a_tagged_archive_file_in_french_with_a_title(made):
    with pikepdf.open(BytesIO(made)) as pdf:
        about = pdf.open_metadata()
        assert (about["pdfaid:part"], about["pdfaid:conformance"], about["pdfuaid:part"]) == ("3", "A", "1")
        assert about["dc:title"] == pdf.docinfo["/Title"] != ""
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.StructTreeRoot.K
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.Root.Lang) == "fr-FR"
        assert not {"/JavaScript", "/EmbeddedFiles"} & set(pdf.Root.get("/Names", {}))


def test_each_page_says_whom_it_is_about_and_which_version_it_is(sample, made):
    pages = [re.sub(r"[\u00a0\u202f]", " ", page.replace("\n", "")) for page in pages_of(made)]
    assert pages
    for number, page in enumerate(pages, start=1):
        for words in sample.on_each_page:
            assert words in page, (number, page)
        if len(pages) > 1:
            assert f"page {number} sur {len(pages)}" in page


def test_the_guide_names_her_and_tells_no_trait_to_who_has_accepted_nothing():
    text = "".join(pages_of(guide_pdf(PERSON, DESIGNATION)))
    told = re.sub(r"\s", "", text)
    assert "INVENTRELLEPhilomène" in told
    assert "identitéfictive" in told
    for trait in ("néele", "1955", PERSON.ins.value):
        assert trait not in told, trait


def test_french_signs_keep_to_their_word(made):
    for page in pages_of(made):
        text = page.replace("\n", "")
        assert re.findall(r".{0,20} [;:!?»%]", text) == []
        assert re.findall(r"« .{0,20}", text) == []
        assert "'" not in text


def test_the_thin_space_stands_before_the_signs_that_want_it():
    text = "".join(pages_of(SAMPLES["plan"].make(WORDS))).replace("\n", "")
    assert "Où aller\u202f?" in text
    assert "maison\u00a0: «\u00a0chez elle\u00a0»\u202f; jamais 50\u00a0% ailleurs\u202f!" in text


def test_the_same_content_gives_the_same_bytes_and_another_one_other_bytes(sample, made):
    assert sample.make(WORDS * 12) == made
    assert (sample.make("Autre chose.") != made) == sample.takes_words


def test_markup_is_printed_as_it_was_typed(sample):
    text = "".join(pages_of(sample.make("#panic() $x$ *gras* <script>alert(1)</script> // rien")))
    assert ("#panic() $x$ *gras*" in text.replace("\n", "")) == sample.takes_words


def test_the_synthesis_tells_the_last_of_each_score_and_level_and_leaves_out_what_is_closed_to_who_prints_it():
    whole = synthesis("Dit ainsi.")
    told = " ".join("".join(pages_of(synthesis_pdf(whole))).split())
    for words in (
        "Le 20 novembre 2026",
        "Pas maintenant",
        "10 · Dit ainsi.",
        "un proche",
        "Niveau 3",
        "Sa fille",
        "fait",
    ):
        assert words in told, words
    for words in ("3 · Dit ainsi.", "Niveau 1"):
        assert words not in told, words
    closed = replace(whole, announcements=None, contradictions=(), contacts=None, levels=None)
    told = " ".join("".join(pages_of(synthesis_pdf(closed))).split())
    for words in ("annonce", "Niveau", "proches, après", "Sa fille"):
        assert words not in told, words
    assert "Contradictions à lever Aucune, parmi les documents ouverts à qui imprime ce papier." in told


@pytest.mark.parametrize("model", [one.version for one in outlines()])
def test_the_easy_paper_speaks_to_an_adult_and_to_a_child_in_their_own_way(model):
    text = " ".join("".join(pages_of(_easy("Rester là.", model=model))).split())
    is_child = model.startswith("enfant")
    assert ("Ce papier parle de toi." in text) == is_child
    assert ("Ce papier parle de vous." in text) != is_child


def test_the_easy_paper_copies_what_was_said_and_explains_the_hard_words():
    text = "".join(pages_of(_easy("Voir le DAC pour un répit."))).replace("\n", "")
    assert "Voir le DAC pour un répit." in text
    assert "Personne n’a changé les mots des réponses." in text
    assert "C’est du repos pour les personnes qui aident." in text
    assert "C’est un médicament fort" not in text
