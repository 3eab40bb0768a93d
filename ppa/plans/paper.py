"""The paper of a signed version: a tagged PDF/A that says the same thing, byte for byte, each time it is made.

Texts go to typst as values, never as markup. A character that no font of ours has would be refused by PDF/A: it is
replaced by a sign that the paper explains.
"""

import json
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import typst
from django.conf import settings
from django.utils.formats import date_format

from accounts.kernel.clock import PARIS
from accounts.organisations.records import ProfessionalSnapshot
from accounts.people.records import PersonSnapshot
from accounts.people.rules import INVENTED_OIDS
from accounts.people.states import Sex
from ppa.plans.records import AgreementSnapshot
from ppa.plans.states import MEANS_LABELS, WORDS_LABELS, Pace, Words

REPLACEMENT: Final = "▯"
LONGEST_WORD, BREAK_EVERY = 30, 12
_ENDLESS_WORD = re.compile(rf"\S{{{LONGEST_WORD},}}")
_PIECE = re.compile(rf"\S{{{BREAK_EVERY}}}")
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What the paper of one version says."""

    person: PersonSnapshot
    content: dict[str, Any]
    number: int
    digest: str
    agreement: AgreementSnapshot
    signer: ProfessionalSnapshot
    organisation: str
    signed_at: datetime


def plan_pdf(paper: Paper) -> bytes:
    """Return the PDF of a version; the same version gives the same bytes."""
    folder = Path(settings.BASE_DIR) / "templates" / "ppa" / "plans"
    made = _compiler(folder).compile(
        format="pdf",
        sys_inputs={"plan": json.dumps(_shown(paper), ensure_ascii=False)},
        pdf_standards=["a-3a", "ua-1"],
        timestamp=paper.signed_at,
    )
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single file.")
    return made


def printable(text: str) -> str:
    """Return a text that our fonts can show: what they lack becomes « ▯ », invisible signs go, endless words may break."""
    kept = "".join(_printable(sign) for sign in unicodedata.normalize("NFC", text.replace("\r\n", "\n")))
    return _ENDLESS_WORD.sub(lambda word: _PIECE.sub(lambda piece: f"{piece[0]}\u200b", word[0]), kept)


def _printable(sign: str) -> str:
    if sign in "\n\t":
        return sign
    if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Mn", "Me", "Mc", "Zl", "Zp"}:
        return ""
    first, last = _ranges()
    place = bisect_right(first, ord(sign)) - 1
    return sign if place >= 0 and ord(sign) <= last[place] else REPLACEMENT


@cache
def _ranges() -> tuple[list[int], list[int]]:
    """Return where the ranges of characters that our fonts have begin and end."""
    lines = files(__package__).joinpath("printable.txt").read_text("ascii").split()
    pairs = [line.split("-") for line in lines]
    return [int(first, 16) for first, _ in pairs], [int(last, 16) for _, last in pairs]


@cache
def _fonts() -> typst.Fonts:
    package = find_spec("font_source_sans_pro")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("The font of the papers is not installed.")
    folder = Path(package.submodule_search_locations[0]) / "files"
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])


def _compiler(folder: Path) -> typst.Compiler:
    return typst.Compiler(str(folder / "plan.typ"), root=str(folder), font_paths=_fonts())


def _shown(paper: Paper) -> dict[str, Any]:
    person, traits = paper.person, paper.person.traits
    born = "née" if traits.sex == Sex.FEMALE else "né" if traits.sex == Sex.MALE else "né(e)"
    topics = paper.content["topics"]
    shown = {
        "name": printable(person.display_name),
        "given": printable(person.usual_given_name or traits.birth_given_names[0]),
        "born": f"{born} le {_day(traits.birth_date)}",
        "ins": _grouped(person.ins.value) if person.ins else "",
        "is_invented": person.ins is not None and person.ins.oid in INVENTED_OIDS,
        "number": paper.number,
        "digest": paper.digest[:12],
        "date": paper.signed_at.astimezone(PARIS).date().isoformat(),
        "agreed_on": _day(paper.agreement.given_on),
        "agreed_by": _lower_first(MEANS_LABELS[paper.agreement.means]),
        "witness": printable(paper.agreement.witness),
        "recorded_by": printable(paper.agreement.recorded_by),
        "signer": printable(
            " ".join(part for part in (paper.signer.title, paper.signer.given, paper.signer.family) if part)
        ),
        "rpps": paper.signer.rpps,
        "organisation": printable(paper.organisation),
        "signed_on": _day(paper.signed_at.astimezone(PARIS).date()),
        "topics": [_topic(topic) for topic in topics if printable(topic["text"]).strip()],
        "later": [topic["title"] for topic in topics if not topic["text"].strip() and _waits(topic)],
        "needs": [_need(need) for need in paper.content["needs"]],
    }
    return {**shown, "replaced": REPLACEMENT in json.dumps(shown, ensure_ascii=False)}


def _topic(topic: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": topic["title"],
        "paragraphs": _paragraphs(topic["text"]),
        "with_whom": printable(topic["with_whom"]) if topic["pace"] == Pace.WITH_SOMEONE else "",
    }


def _waits(topic: dict[str, Any]) -> bool:
    return topic["pace"] in (Pace.NOT_NOW, Pace.WITH_SOMEONE)


def _need(need: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": " ".join(printable(need["text"]).split()) or "Un besoin",
        "goals": [
            {
                "paragraphs": _paragraphs(goal["text"]),
                "words": f"les mots de {printable(goal['speaker'])}"
                if goal["speaker"]
                else _lower_first(WORDS_LABELS[Words(goal["words"])]),
                "actions": [
                    {
                        "what": _paragraphs(action["what"]),
                        "who": printable(action["who"]),
                        "due": _day(date.fromisoformat(action["due_on"])) if action["due_on"] else "",
                    }
                    for action in goal["actions"]
                ],
            }
            for goal in need["goals"]
        ],
    }


def _paragraphs(text: str) -> list[list[str]]:
    return [block.split("\n") for block in _BLANK_LINES.split(printable(text).strip())]


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _day(day: date) -> str:
    written = date_format(day, "j F Y")
    return written if day.day > 1 else f"1er{written[1:]}"


def _grouped(ins: str) -> str:
    """Return an INS as it is read aloud: 2 55 03 21 231 001 22."""
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    return " ".join(ins[start:end] for start, end in pairwise(cuts))
