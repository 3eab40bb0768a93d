"""A sheet about one person as a tagged PDF/A: her identity and the version on each page, the same bytes for the same content."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.http import HttpResponse

from accounts.kernel.clock import day_of
from accounts.kernel.paper import REPLACEMENT, made_pdf, printable
from accounts.kernel.written_days import written_day
from accounts.people.records import PersonSnapshot
from accounts.people.rules import INVENTED_OIDS
from accounts.people.states import Sex

LONGEST_HEADING = 300
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One headed part: what it asks (`help`), lines of label and value, a text, and how many lines to write on."""

    title: str
    help: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    text: str = ""
    blanks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What one sheet says. `version` stands at the foot of each page; `made_at` only dates the file.

    `names_only`: the head tells her name, neither birth nor INS, for who may not know them.
    """

    title: str
    subtitle: str
    version: str
    person: PersonSnapshot
    parts: tuple[Part, ...]
    signatures: tuple[str, ...] = ()
    intro: str = ""
    names_only: bool = False
    made_at: datetime


def sheet_pdf(sheet: Sheet) -> bytes:
    """Return the PDF of a sheet."""
    hidden = {"born": "", "ins": ""} if sheet.names_only else {}
    shown: dict[str, Any] = {
        "person": {**identity_of(sheet.person), **hidden},
        "title": sheet.title,
        "subtitle": printable(sheet.subtitle),
        "version": printable(sheet.version),
        "intro": paragraphs(sheet.intro),
        "parts": [
            {
                "title": printable(part.title),
                "help": printable(part.help),
                "rows": [[printable(label), " ".join(printable(value).split())] for label, value in part.rows],
                "text": paragraphs(part.text),
                "blanks": part.blanks,
            }
            for part in sheet.parts
        ],
        "signatures": list(sheet.signatures),
        "date": day_of(sheet.made_at).isoformat(),
    }
    return made_pdf("ppa/sheets/sheet.typ", {"sheet": with_lacking(shown)}, at=sheet.made_at)


def identity_of(person: PersonSnapshot) -> dict[str, Any]:
    """Return whom a paper is about, as the head of its pages says it; `is_invented` for a test identity."""
    traits = person.traits
    born = "née" if traits.sex == Sex.FEMALE else "né" if traits.sex == Sex.MALE else "né(e)"
    return {
        "name": printable(person.display_name),
        "born": f"{born} le {written_day(traits.birth_date)}",
        "ins": _grouped(person.ins.value) if person.ins else "",
        "is_invented": person.ins is not None and person.ins.oid in INVENTED_OIDS,
    }


def with_lacking(shown: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a paper, with whether a character was replaced: the paper then explains the sign."""
    return {**shown, "replaced": REPLACEMENT in json.dumps(shown, ensure_ascii=False)}


def paragraphs(text: str) -> list[list[str]]:
    """Return a text as paragraphs of lines, printable; nothing for a blank one."""
    kept = printable(text).strip()
    return [block.split("\n") for block in _BLANK_LINES.split(kept)] if kept else []


def heading_of(text: str) -> tuple[str, list[list[str]]]:
    """Return a text as a heading on one line, and whole as paragraphs below when the line had to be cut: no outline holds a longer one."""
    line = " ".join(printable(text).split())
    if len(line) <= LONGEST_HEADING:
        return line, []
    return f"{line[:LONGEST_HEADING].rsplit(' ', 1)[0]} …", paragraphs(text)


def handed_pdf(content: bytes, name: str) -> HttpResponse:
    """Return a PDF as an attachment that nothing keeps; `name` says what it is, never about whom."""
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store, private"
    return response


def day_or_line(day: date | None) -> str:
    """Return a day as a letter writes it, or a place to write it."""
    return written_day(day) if day else "……………………"


def _grouped(ins: str) -> str:
    """Return an INS as it is read aloud: 2 55 03 21 231 001 22."""
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    return " ".join(ins[start:end] for start, end in pairwise(cuts))
