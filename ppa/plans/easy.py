"""The same plan on an easy-to-read paper (FALC): large type, plain questions with a picture, one idea a line.

The questions and the frame are written in easy words. What was said is copied as it stands: no
program rewords it, and the paper says so. Hard words that occur in it are explained on the last page.
Source: Inclusion Europe, « L’information pour tous, règles européennes pour une information facile à
lire et à comprendre » (2009); bill n° 1281, CSP L1110-10-1 (a plan in FALC); words and pictures are ours.
"""

import csv
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any

from accounts.kernel.clock import day_of
from accounts.kernel.paper import made_pdf, printable
from accounts.kernel.written_days import written_day
from accounts.people.records import PersonSnapshot
from ppa.plans.outline import outline_named, topic
from ppa.plans.states import Pace, Place, PlaceMoment, Words
from ppa.sheets.paper import heading_of, identity_of, paragraphs, with_lacking

PLACES = {
    Place.HOME: "À la maison.",
    Place.RELATIVE: "Chez un proche.",
    Place.CARE_HOME: "Dans un EHPAD ou un établissement.",
    Place.HOSPITAL: "À l’hôpital.",
    Place.PALLIATIVE_UNIT: "À l’hôpital, dans un service de soins palliatifs.",
    Place.SUPPORT_HOUSE: "Dans une maison d’accompagnement.",
    Place.ELSEWHERE: "Ailleurs.",
    Place.UNDECIDED: "Ce n’est pas encore décidé.",
    Place.RATHER_NOT: "Pas envie de le dire.",
}
_SENTENCE = re.compile(r"(?<=[.?!])\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class EasyPaper:
    """What the easy paper says. `signed_on` is `None` for a draft, to be read with the person; `made_at` dates the file."""

    person: PersonSnapshot
    content: dict[str, Any]
    number: int
    agreed_on: date | None
    signed_on: date | None
    made_at: datetime


def easy_pdf(paper: EasyPaper) -> bytes:
    """Return the easy-to-read PDF; the same content gives the same bytes."""
    return made_pdf("ppa/plans/easy.typ", {"plan": _shown(paper)}, at=paper.made_at)


def _shown(paper: EasyPaper) -> dict[str, Any]:
    content = paper.content
    shown = {
        "person": identity_of(paper.person),
        "address": outline_named(content["outline"]).address,
        "number": paper.number,
        "date": day_of(paper.made_at).isoformat(),
        "written_on": written_day(day_of(paper.made_at)),
        "agreed_on": written_day(paper.agreed_on) if paper.agreed_on else "",
        "signed_on": written_day(paper.signed_on) if paper.signed_on else "",
        "topics": [_topic(one, content["outline"]) for one in content["topics"] if printable(one["text"]).strip()],
        "places": [_place(one) for one in content.get("places", ())],
        "needs": [_need(one) for one in content["needs"]],
        "crises": [_crisis(one) for one in content.get("crises", ())],
        "later": [
            one["title"]
            for one in content["topics"]
            if not one["text"].strip() and one["pace"] in (Pace.NOT_NOW, Pace.WITH_SOMEONE)
        ],
    }
    return with_lacking({**shown, "words": explained(json.dumps(shown, ensure_ascii=False))})


def explained(text: str) -> list[dict[str, Any]]:
    """Return the hard words that a text holds, each with the sentences that explain it."""
    return [
        {"word": word, "means": _sentences(means)}
        for word, means in _hard_words()
        if re.search(rf"\b{re.escape(word)}\b", text, 0 if word.isupper() else re.IGNORECASE)
    ]


@cache
def _hard_words() -> tuple[tuple[str, str], ...]:
    text = files(__package__).joinpath("facts", "easy_words.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple((row["word"], row["means"]) for row in rows)


def _topic(one: dict[str, Any], outline: str) -> dict[str, Any]:
    found = topic(one["code"], version=outline)
    return {"questions": _sentences(found.easy), "picture": found.picture, "paragraphs": paragraphs(one["text"])}


def _place(one: dict[str, Any]) -> dict[str, Any]:
    is_care = PlaceMoment(one["moment"]) == PlaceMoment.CARE
    return {"is_care": is_care, "place": PLACES[Place(one["place"])], "words": paragraphs(one["words"])}


def _need(one: dict[str, Any]) -> dict[str, Any]:
    title, whole = heading_of(one["text"])
    return {
        "title": title,
        "paragraphs": whole,
        "goals": [
            {
                "paragraphs": paragraphs(goal["text"]),
                "words": str(Words(goal["words"])),
                "speaker": printable(goal["speaker"]),
                "reached": _reached(goal),
                "actions": [
                    {
                        "what": list(chain.from_iterable(paragraphs(action["what"]))),
                        "who": printable(action["who"]),
                        "due": written_day(date.fromisoformat(action["due_on"])) if action["due_on"] else "",
                    }
                    for action in goal["actions"]
                ],
            }
            for goal in one["goals"]
        ],
    }


def _reached(goal: dict[str, Any]) -> list[str]:
    """Return that a goal was reached, one idea a line, then what came of it as it was written."""
    reached = goal.get("reached")
    if not reached:
        return []
    told = ["C’est fait.", f"C’était le {written_day(date.fromisoformat(reached['on']))}."]
    return [*told, *chain.from_iterable(paragraphs(reached["outcome"]))]


def _crisis(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": " ".join(printable(one["title"]).split()),
        "signs": paragraphs(one["signs"]),
        "response": paragraphs(one["response"]),
        "call": printable(one["call"]),
        "drugs": [
            {"drug": printable(drug["drug"]), "place": printable(drug["place"])} for drug in one["prescriptions"]
        ],
    }


def _sentences(text: str) -> list[str]:
    return _SENTENCE.split(text)
