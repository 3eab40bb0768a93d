"""The paper of an emergency sheet: one page that is read within a call, what does not fit on the next, and the code.

Nothing is shortened in silence: what is cut on the first page says so, and stands whole behind it.
"""

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

import segno
from django.conf import settings
from django.urls import reverse

from accounts.kernel.clock import day_of
from accounts.kernel.paper import REPLACEMENT, made_pdf, printable
from accounts.organisations.records import ProfessionalSnapshot
from accounts.people.records import PersonSnapshot
from accounts.people.rules import INVENTED_OIDS
from ppa.emergency_sheets.reading import lines_of
from ppa.emergency_sheets.records import Content

WHOLE, HALF, THIRD = 105, 50, 34
"""How many characters a line of the first page holds, in a block of each width."""
ROWS: Final = {"conduct": 6, "illness": 2, "symptoms": 3, "goals": 2, "devices": 1, "call": 2}
WIDTHS: Final = {"conduct": HALF, "illness": HALF, "symptoms": HALF, "goals": HALF, "devices": WHOLE, "call": HALF}
TITLES: Final = {
    "conduct": "Conduite à tenir",
    "illness": "Maladies",
    "symptoms": "Symptômes attendus",
    "goals": "Objectifs des soins",
    "devices": "Matériel au domicile",
    "call": "Qui appeler, dans quel ordre",
}
MOST_LINES, MOST_DRUGS, MOST_PEOPLE, MOST_TEAMS, MOST_PHONES = 5, 5, 3, 2, 2
CUT: Final = " … (suite page 2)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What the paper of one version says; `address` is what its code opens."""

    person: PersonSnapshot
    content: Content
    number: int
    signer: ProfessionalSnapshot
    organisation: str
    signed_at: datetime
    address: str


def address_of(version_id: UUID, code: str) -> str:
    """Return what the code on the paper says: an address that tells an entitled reader the latest, and the signed code.

    What stands after the `#` never leaves the reader's telephone.
    """
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('emergency_codes:scanned', args=[version_id])}#{code}"


def sheet_pdf(paper: Paper) -> bytes:
    """Return the PDF of a version; the same version gives the same bytes."""
    return made_pdf("ppa/emergency_sheets/sheet.typ", {"sheet": shown(paper)}, at=paper.signed_at)


def shown(paper: Paper) -> dict[str, Any]:
    """Return what the first page and the following ones show, every text one that our fonts can print."""
    lines, rest = lines_of(paper.content), _Rest()
    person, signed_on = paper.person, day_of(paper.signed_at)
    signer = " ".join(part for part in (paper.signer.title, paper.signer.given, paper.signer.family) if part)
    page = {
        **{name: rest.block(TITLES[name], lines[name], ROWS[name], WIDTHS[name]) for name in ROWS},
        "phase": lines["phase"],
        "is_terminal": lines["is_terminal"],
        "comfort_only": lines["comfort_only"],
        "who": {
            **lines["who"],
            "name": _one_line(lines["who"]["name"], 60),
            "address": rest.line("Adresse", lines["who"]["address"], 90),
            "phones": lines["who"]["phones"][:MOST_PHONES],
            "ins": _grouped(lines["who"]["ins"]),
            "age": _age(person.traits.birth_date, signed_on),
        },
        "not_to_do": rest.named("Ne pas faire", lines["not_to_do"]),
        "to_do": rest.named("À faire, possible ou souhaité", lines["to_do"]),
        "drugs": rest.drugs(lines["drugs"]),
        "people": rest.people(lines["people"]),
        "teams": rest.teams(lines["teams"]),
        "directives": rest.line("Directives anticipées", _directives(lines["directives"]), 3 * HALF),
    }
    rest.more("Ses numéros", "\n".join(lines["who"]["phones"][MOST_PHONES:]))
    rest.more("Commentaires", lines["comments"])
    made = {
        **page,
        "rest": rest.parts,
        "number": paper.number,
        "replaces": paper.number - 1,
        "signed_on": f"{signed_on:%d/%m/%Y}",
        "signer": _one_line(signer, 60),
        "signer_phone": paper.signer.phone,
        "rpps": paper.signer.rpps,
        "organisation": _one_line(paper.organisation, 60),
        "is_invented": person.ins is not None and person.ins.oid in INVENTED_OIDS,
        "date": signed_on.isoformat(),
        "code": _drawn(paper.address),
    }
    return {**made, "replaced": REPLACEMENT in json.dumps(made, ensure_ascii=False)}


def clipped(text: str, *, rows: int, width: int) -> tuple[list[str], bool]:
    """Return the first lines of a text that fit in so many rows of so many characters, and whether some is left."""
    kept: list[str] = []
    used = 0
    lines = text.split("\n")
    for number, line in enumerate(lines):
        needs = max(1, -(-len(line) // width))
        is_last = number == len(lines) - 1
        room = rows - used
        if needs > room or (needs == room and not is_last):
            head = _whole_words(line, max(0, room * width - len(CUT)))
            return [*kept, head + CUT] if head or not kept else [*kept[:-1], kept[-1] + CUT], True
        kept.append(line)
        used += needs
    return kept, False


def _whole_words(text: str, room: int) -> str:
    """Return the beginning of a text that fits, without half a word where it has spaces."""
    head, _, rest = text[: room + 1].rpartition(" ")
    return (head if rest and head.strip() else text[:room]).rstrip()


class _Rest:
    """What the first page has no room for, in the order in which it was met."""

    def __init__(self) -> None:
        self.parts: list[dict[str, Any]] = []

    def more(self, title: str, text: str) -> None:
        """Keep a text for the following pages; nothing for an empty one."""
        kept = printable(text).strip()
        if kept:
            self.parts.append({"title": title, "lines": kept.split("\n")})

    def block(self, title: str, text: str, rows: int, width: int) -> list[str]:
        """Return the lines of a block, the whole of it kept behind when it is cut."""
        kept = printable(text).strip()
        lines, is_cut = clipped("\n".join(line for line in kept.split("\n") if line.strip()), rows=rows, width=width)
        if is_cut:
            self.more(title, text)
        return lines if kept else []

    def line(self, title: str, text: str, width: int) -> str:
        """Return one line, the whole of it kept behind when it is cut."""
        kept = " ".join(printable(text).split())
        if len(kept) <= width:
            return kept
        self.more(title, text)
        return _whole_words(kept, width - len(CUT)) + CUT

    def named(self, title: str, lines: list[dict[str, str]]) -> list[list[str]]:
        """Return named lines; beyond the room they are named together, none left out, and explained behind."""
        first = lines if len(lines) <= MOST_LINES else lines[: MOST_LINES - 1]
        made = [[one["what"], self.line(one["what"], one["why"], 2 * HALF - len(one["what"]))] for one in first]
        left = lines[len(first) :]
        self.more(title, "\n".join(f"{one['what']} : {one['why']}" for one in left))
        named = " ; ".join(dict.fromkeys(one["what"] for one in left))
        return [*made, ["Et aussi", f"{named} (suite page 2)"]] if left else made

    def drugs(self, drugs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the drugs at home, short; the whole prescriptions stand behind when something is left out."""
        first = drugs[:MOST_DRUGS]
        made = [
            {
                **one,
                "drug": self.line("Médicament", one["drug"], 2 * THIRD - 8),
                "for": _one_line(one["for"], THIRD),
                "place": self.line(f"Où est : {one['drug'][:60]}", one["place"], 2 * THIRD - 8),
            }
            for one in first
        ]
        told = [one for number, one in enumerate(drugs) if number >= MOST_DRUGS or one["remark"]]
        self.more("Prescriptions anticipées", "\n".join(map(_whole_drug, told)))
        return made

    def people(self, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return who can be called, two numbers each; the others stand behind."""
        made = [
            {
                **one,
                "name": _one_line(one["name"], 40),
                "roles": _one_line(one["roles"], 46),
                "phones": one["phones"][:MOST_PHONES],
            }
            for one in people[:MOST_PEOPLE]
        ]
        left = [one for number, one in enumerate(people) if number >= MOST_PEOPLE or one["phones"][MOST_PHONES:]]
        self.more("Tous les proches", "\n".join(_whole_person(one) for one in (people if left else ())))
        self.more("Limites du rôle de la personne de confiance", "\n".join(one["limits"] for one in people))
        return made

    def teams(self, teams: list[dict[str, str]]) -> list[dict[str, str]]:
        """Return the teams that follow the person; the others stand behind."""
        self.more("Autres équipes", "\n".join(f"{one['name']} {one['phone']}" for one in teams[MOST_TEAMS:]))
        return [{**one, "name": _one_line(one["name"], 48)} for one in teams[:MOST_TEAMS]]


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _directives(told: dict[str, Any]) -> str:
    return " ".join([told["sentence"], *(f"Où : {' ; '.join(told['kept'])}." for _ in told["kept"][:1])])


def _whole_drug(one: dict[str, Any]) -> str:
    said = f"{one['drug']} ({one['for']}) : {one['dose']}, {one['limits']}. {one['givers']}. Où : {one['place']}. {one['home']}."
    return " ".join([said, one["remark"]]).strip()


def _whole_person(one: dict[str, Any]) -> str:
    return f"{one['name']} ({one['relation']}) {_joined(one['phones'])}"


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(texts)


def _one_line(text: str, width: int) -> str:
    kept = " ".join(printable(text).split())
    return kept if len(kept) <= width else kept[: width - 1].rstrip() + "…"


def _grouped(ins: str) -> str:
    """Return an INS as it is read aloud: 2 55 03 21 231 001 22."""
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    return " ".join(ins[start:end] for start, end in pairwise(cuts)) if ins else ""


def _drawn(address: str) -> str:
    drawing = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawing, kind="svg", border=2, xmldecl=False, svgns=True)
    return drawing.getvalue().decode()
