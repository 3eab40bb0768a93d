"""The paper of a version: the same bytes for the same content, whatever somebody typed."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pikepdf
import pytest

from accounts.kernel.paper import REPLACEMENT, printable
from accounts.organisations.records import ProfessionalSnapshot
from accounts.people.records import Contact, Ins, PersonSnapshot, Traits
from accounts.people.rules import OID_NIR, OID_TEST
from accounts.people.states import IdentityStatus, Sex
from ppa.plans.easy import EasyPaper, easy_pdf
from ppa.plans.outline import outline
from ppa.plans.paper import Paper, plan_pdf
from ppa.plans.ppcs import PpcsPaper, ppcs_pdf
from ppa.plans.records import ActionSnapshot, AgreementSnapshot, GoalSnapshot, NeedSnapshot, TopicSnapshot
from ppa.plans.rules import content_of, digest_of
from ppa.plans.states import ActionStatus, AgreementMeans, Pace, Words
from tests.support.pace import SLACK
from tests.support.pdf_text import pages_of

SOME_ID = UUID(int=1)
INSTANT = datetime(2026, 6, 2, 9, 30, tzinfo=UTC)
PERSON = PersonSnapshot(
    id=SOME_ID,
    version=1,
    status=IdentityStatus.QUALIFIED,
    ins=Ins(value="255032123100122", oid=OID_TEST),
    traits=Traits(
        birth_name="Inventrelle", birth_given_names=("Philomène",), birth_date=date(1955, 3, 1), sex=Sex.FEMALE
    ),
    usual_name="",
    usual_given_name="",
    contact=Contact(),
    departement="21",
    died_on=None,
    created_at=INSTANT,
    updated_at=INSTANT,
)


def paper(text: str, *, topics: int = 1, person: PersonSnapshot = PERSON) -> Paper:
    action = ActionSnapshot(
        id=SOME_ID, version=1, what=text[:400], who=text[:200], due_on=date(2026, 7, 1),
        status=ActionStatus.PLANNED, outcome="",
    )  # fmt: skip
    goal = GoalSnapshot(id=SOME_ID, text=text[:400], words=Words.RELATIVE, speaker=text[:40], actions=(action,))
    content = content_of(
        outline="2026-1",
        topics=[TopicSnapshot(topic=topic, text=text) for topic in outline()[:topics]],
        needs=[NeedSnapshot(id=SOME_ID, text=text[:200], topic="", goals=(goal,))],
    )
    return Paper(
        person=person,
        content=content,
        number=1,
        digest=digest_of(content),
        agreement=AgreementSnapshot(
            id=SOME_ID, given_on=date(2026, 6, 1), means=AgreementMeans.ADAPTED, witness=text[:40], recorded_by="", digest=""
        ),
        signer=ProfessionalSnapshot(
            id=SOME_ID, version=1, rpps="80000000001", title="Dr", family="Soignantel", given="Maël", profession="",
            phone="", verified=True,
        ),
        organisation="Centre hospitalier des Tilleuls (fictif)",
        signed_at=INSTANT,
    )  # fmt: skip


def pages(content: bytes, tmp_path) -> int:
    file = tmp_path / "paper.pdf"
    file.write_bytes(content)
    with pikepdf.open(file) as pdf:
        return len(pdf.pages)


def test_the_same_version_gives_the_same_bytes_and_another_one_other_bytes():
    one = plan_pdf(paper("Rester chez moi."))
    assert plan_pdf(paper("Rester chez moi.")) == one
    assert plan_pdf(paper("Rester ici.")) != one


@pytest.mark.parametrize(
    "text",
    [
        "#set page(fill: red) $x^2$ *gras* @ref <label> `code` \\ // rien /* rien */ #panic()",
        "<script>alert(1)</script> &amp; « guillemets » : oui ; non ? si !",
        "😀👩‍⚕️ 中文 עברית العربية \u202eenvers\u0000 a\u0310",
        "x" * 100_000,
        "\n" * 5000 + "fin",
        "",
    ],
)
def test_anything_a_person_types_is_printed_as_text(text, tmp_path):
    assert pages(plan_pdf(paper(text)), tmp_path) >= 1


def offered(pace: Pace, text: str = "") -> dict[str, object]:
    code, title = outline()[0].code, outline()[0].title
    return {"code": code, "title": title, "text": text, "pace": pace, "with_whom": "", "offered_on": "2026-05-01"}


def said_by(content: bytes) -> str:
    return " ".join("".join(pages_of(content)).split())


@pytest.mark.parametrize("text", ["", "Dit avant."])
def test_a_topic_of_which_she_never_wishes_to_speak_is_told_to_professionals_and_not_on_her_own_paper(text):
    signed = paper("Rester chez moi.")
    never = {**signed.content, "topics": [offered(Pace.NEVER, text)]}
    told = said_by(plan_pdf(replace(signed, content=never)))
    assert told.index("À ne pas aborder") < told.rindex(outline()[0].title)
    assert "À reprendre plus tard" not in told
    hers = EasyPaper(person=PERSON, content=never, number=1, agreed_on=None, signed_on=None, made_at=INSTANT)
    assert "À ne pas aborder" not in said_by(easy_pdf(hers))


@pytest.mark.parametrize("pace", [Pace.NOT_NOW, Pace.WITH_SOMEONE])
def test_a_topic_that_waits_is_to_be_taken_up_later_and_is_not_forbidden(pace):
    signed = paper("Rester chez moi.")
    told = said_by(plan_pdf(replace(signed, content={**signed.content, "topics": [offered(pace)]})))
    assert "À reprendre plus tard" in told
    assert "À ne pas aborder" not in told


def test_the_papers_tell_the_day_a_goal_was_reached_and_what_came_of_it():
    signed = paper("Dormir.")
    (goal,) = signed.content["needs"][0]["goals"]
    reached = {**goal, "reached": {"on": "2026-05-03", "outcome": "Elle dort."}}
    content = {**signed.content, "needs": [{**signed.content["needs"][0], "goals": [reached]}]}
    ppcs = PpcsPaper(
        person=PERSON, content=content, number=1, signed_at=INSTANT, signer="", organisation="", members=(), as_of=INSTANT.date()
    )  # fmt: skip
    easy = EasyPaper(person=PERSON, content=content, number=1, agreed_on=None, signed_on=None, made_at=INSTANT)
    assert "Atteint le 03/05/2026 : Elle dort." in said_by(plan_pdf(replace(signed, content=content)))
    assert "Dormir. (atteint le 03/05/2026 : Elle dort.)" in said_by(ppcs_pdf(ppcs))
    assert "C’était le 3 mai 2026. Elle dort." in said_by(easy_pdf(easy))
    assert "Atteint le" not in said_by(plan_pdf(signed))


def test_the_papers_tell_the_day_of_review_and_the_ppcs_what_came_of_each_action():
    signed = paper("Dormir.")
    ppcs = PpcsPaper(
        person=PERSON, content=signed.content, number=1, signed_at=INSTANT, signer="", organisation="", members=(),
        as_of=INSTANT.date(), statuses={str(SOME_ID): ActionStatus.DONE}, outcomes={str(SOME_ID): "Elle dort mieux."},
        review_on=date(2026, 9, 1),
    )  # fmt: skip
    told = said_by(ppcs_pdf(ppcs))
    assert "Elle dort mieux." in told
    assert "Relecture prévue avant le 1er septembre 2026." in told
    assert "Relecture" not in said_by(ppcs_pdf(replace(ppcs, review_on=None)))
    assert "relecture était prévue avant le 1er septembre 2026." in said_by(
        plan_pdf(replace(signed, review_on=date(2026, 9, 1)))
    )
    assert "relecture" not in said_by(plan_pdf(signed))


def test_what_the_fonts_lack_is_shown_as_lacking_and_invisible_signs_go():
    assert printable("a😀b") == f"a{REPLACEMENT}b"
    assert printable("a\u202eb\u0000c\u200dd") == "abcd"
    assert printable("e\u0301té") == "été"
    assert printable("Où ? « Là », œuvre, Ÿ, 5 €, ½") == "Où ? « Là », œuvre, Ÿ, 5 €, ½"


def test_every_character_said_to_be_printable_is_in_our_fonts():
    from accounts.kernel.paper import _ranges

    signs = [chr(code) for first, last in zip(*_ranges(), strict=True) for code in range(first, last + 1)]
    assert len(signs) > 4000
    plan_pdf(paper(" ".join(signs)))


def test_an_invented_identity_is_marked_and_a_real_one_is_not():
    real = replace(PERSON, ins=Ins(value="255032123100122", oid=OID_NIR))
    assert plan_pdf(paper("a", person=real)) != plan_pdf(paper("a"))


def test_six_pages_take_less_than_150_milliseconds(tmp_path):
    long = paper("Philomène souhaite que les soins se passent chez elle tant que sa fille est là. " * 22, topics=13)
    assert 6 <= pages(plan_pdf(long), tmp_path) <= 8
    started = time.process_time()
    plan_pdf(long)
    assert time.process_time() - started < 0.15 * SLACK
