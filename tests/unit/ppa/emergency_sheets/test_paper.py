"""The paper of a sheet: one page that is read in a call, the rest behind it, the same bytes each time."""

import io
from datetime import UTC, datetime
from uuid import UUID

import pikepdf
import pytest

from accounts.kernel.paper import made_pdf
from accounts.organisations.records import ProfessionalSnapshot
from ppa.directives.states import SUBJECTS
from ppa.emergency_sheets.paper import CUT, Paper, clipped, sheet_pdf, shown
from ppa.emergency_sheets.reading import lines_of
from ppa.emergency_sheets.rules import SUBJECT_OF, content_of
from ppa.emergency_sheets.states import Measure, Stance
from tests.factories.emergency_sheets import written
from tests.unit.ppa.emergency_sheets.test_rules import sources
from tests.unit.ppa.plans.test_paper import PERSON

SIGNER = ProfessionalSnapshot(
    id=UUID(int=3), version=1, rpps="10000000000", title="Dr", family="Bellelune", given="Albane", profession="10",
    phone="03 80 00 00 00", verified=True,
)  # fmt: skip
DRUG = {
    "for": "Douleur", "drug": "Morphine, ampoule de 10 mg/1 mL", "dose": "5 mg", "route": "Sous la peau", "interval": "4 h",
    "maximum": "30 mg", "givers": "Un infirmier, un médecin", "place": "Réfrigérateur de la cuisine, boîte bleue",
    "review_by": "2026-12-24", "remark": "", "found": "present", "expires_on": "2027-01-01", "seen_on": "2026-11-20",
}  # fmt: skip
CONTACT = {
    "id": "1", "name": "Tancrède MERVANDOUX-DES-FAUVETTES", "relation": "Fils",
    "roles": ["Personne à prévenir", "Proche aidant"], "phones": ["+33639984321", "+33380984321"],
}  # fmt: skip
TEAM = {"name": "Équipe mobile de soins palliatifs de Côte-d’Or", "phone": "+33380000000"}


def paper(*, more=None, **fields):
    return Paper(
        person=PERSON,
        content=content_of(written(**fields), sources(**(more or {}))),
        number=2,
        signer=SIGNER,
        organisation="Hôpital des Trois-Sources (fictif)",
        signed_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
        address="https://ppa.example/fiche/00000000-0000-0000-0000-000000000001/#" + "A" * 119,
    )


def pages(content):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return len(pdf.pages)


FULL = {
    "drugs": [DRUG] * 6,
    "contacts": [CONTACT] * 4,
    "teams": [TEAM] * 3,
    "directives": {
        "signed_on": "2026-01-02", "comfort_only": True, "kept": ["Médecin traitant, cabinet du centre, Dijon " * 3],
        "wishes": [{"code": "MED-295", "decision": "deny", "note": "mot " * 40}] * 6, "waiting": 0,
    },
    "places": [{"moment": "care", "place": "home", "words": "Dans ma chambre " * 12}] * 2,
}  # fmt: skip
LONG = dict.fromkeys(
    ("illness", "symptoms", "goals", "conduct", "devices", "call"),
    "Une phrase assez longue pour tenir sur une ligne entière, puis une autre. " * 30,
)


def test_the_same_version_gives_the_same_bytes():
    assert sheet_pdf(paper()) == sheet_pdf(paper())
    assert sheet_pdf(paper()) != sheet_pdf(paper(goals="Autre chose"))


def test_an_ordinary_sheet_is_one_page():
    assert pages(sheet_pdf(paper(more={"drugs": [DRUG] * 3, "contacts": [CONTACT] * 2, "teams": [TEAM] * 2}))) == 1
    assert pages(sheet_pdf(paper(comments="Un mot de plus."))) == 2


def test_a_full_first_page_is_still_one_page():
    """What does not fit goes behind: with nothing behind, one page is left."""
    made = shown(paper(more=FULL, **LONG, measures=dict.fromkeys(Measure, Stance.REFUSED)))
    behind = sum(len(line) for part in made["rest"] for line in part["lines"])
    assert behind > 10_000
    assert pages(first_page_only(paper(more=FULL, **LONG, measures=dict.fromkeys(Measure, Stance.REFUSED)))) == 1


def first_page_only(of):
    return made_pdf("ppa/emergency_sheets/sheet.typ", {"sheet": {**shown(of), "rest": []}}, at=of.signed_at)


def test_a_full_first_page_is_read_in_less_than_three_minutes():
    """At 200 words a minute, with every block full."""
    made = {**shown(paper(more=FULL, **LONG)), "rest": [], "code": ""}
    words = len(" ".join(texts(made)).split())
    assert words < 3 * 200, words


def texts(value):
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "ligne\n" * 5_000, "🙂 שלום <script>alert(1)</script> #let x = 1 \x00", "mot " * 25_000]
)
def test_any_text_is_printed(text):
    assert pages(sheet_pdf(paper(conduct=text, comments=text, illness=text))) >= 2


def test_no_refusal_is_left_out_of_the_first_page():
    wishes = [
        {"code": code, "decision": "deny", "note": "mot " * 40} for code in SUBJECTS if code not in SUBJECT_OF.values()
    ]
    directives = {**sources()["directives"], "wishes": wishes}
    made = shown(paper(more={"directives": directives}, measures=dict.fromkeys(Measure, Stance.REFUSED)))
    first = " ".join(texts(made["not_to_do"]))
    told = lines_of(paper(more={"directives": directives}, measures=dict.fromkeys(Measure, Stance.REFUSED)).content)
    assert len(told["not_to_do"]) > 8
    assert all(one["what"] in first for one in told["not_to_do"])


def test_what_is_cut_says_so_and_stands_whole_behind():
    made = shown(paper(conduct="\n".join(f"Étape {number}" for number in range(20))))
    assert made["conduct"][-1].endswith(CUT)
    assert made["rest"][0] == {"title": "Conduite à tenir", "lines": [f"Étape {number}" for number in range(20)]}


@pytest.mark.parametrize(
    ("text", "rows", "kept", "is_cut"),
    [
        ("un\ndeux", 2, ["un", "deux"], False),
        ("un\ndeux\ntrois", 2, ["un", f"deux{CUT}"], True),
        ("a" * 41, 1, ["a" * (40 - len(CUT)) + CUT], True),
        ("a" * 40, 2, ["a" * 40], False),
        ("Médecin traitant ou remplaçant du secteur", 1, [f"Médecin traitant ou{CUT}"], True),
    ],
)
def test_a_text_is_clipped_to_its_rows(text, rows, kept, is_cut):
    assert clipped(text, rows=rows, width=40) == (kept, is_cut)
