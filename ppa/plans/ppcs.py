"""The same plan, whole, in the order of a PPCS: who is there, what was said, who does what and how it goes.

The paper says what was signed, and how far it is on the day it is printed. Source: HAS, plan personnalisé de coordination
en santé, July 2019, which gives equal weight to what is medical, psychological, social and of the surroundings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Final

from accounts.kernel.clock import PARIS
from accounts.kernel.paper import made_pdf, printable
from accounts.kernel.written_days import written_day
from accounts.people.records import PersonSnapshot
from ppa.crises.rules import crises_lines
from ppa.plans.outline import domain_of
from ppa.plans.records import AgreementSnapshot
from ppa.plans.rules import held_back, is_missed, reached_line
from ppa.plans.states import (
    ACTION_LABELS,
    MEANS_LABELS,
    MOMENT_LABELS,
    PLACE_LABELS,
    WORDS_LABELS,
    ActionStatus,
    Domain,
    Place,
    PlaceMoment,
    Words,
)
from ppa.sheets.paper import identity_of, paragraphs, with_lacking

WISHES, HEALTH, MIND, SOCIAL, SURROUNDINGS, ORGANISATION = PARTS = (
    "Souhaits et projets",
    "Santé",
    "Moral et vie intérieure",
    "Vie sociale et entourage",
    "Cadre de vie et accessibilité",
    "Organisation",
)
"""The parts of the synthesis, in their order."""
_PART_OF: Final[Mapping[str, str]] = {
    "what_matters": WISHES,
    "opinion": WISHES,
    "inner_life": MIND,
    "accessibility": SURROUNDINGS,
}
_PART_OF_DOMAIN: Final[Mapping[Domain, str]] = {
    Domain.MEDICAL: HEALTH,
    Domain.NURSING: HEALTH,
    Domain.SOCIAL: SOCIAL,
    Domain.COORDINATION: ORGANISATION,
}
STOPPED: Final = "N’est plus prescrit"


@dataclass(frozen=True, slots=True, kw_only=True)
class PpcsPaper:
    """What the paper says. `members` are (structure, professional, basis), `relatives` (name, roles, phones), `None` for who may not read them.

    `statuses` is how actions go, `outcomes` what came of them and `at_home` what was found of each drug, by their id, on `as_of`.
    `on_file`: that directives and a trusted person are on file that day.
    """

    person: PersonSnapshot
    content: dict[str, Any]
    number: int
    signed_at: datetime
    signer: str
    organisation: str
    members: tuple[tuple[str, str, str], ...]
    as_of: date
    relatives: tuple[tuple[str, str, str], ...] | None = None
    agreement: AgreementSnapshot | None = None
    at_home: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, ActionStatus] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    review_on: date | None = None
    on_file: tuple[str, ...] = ()


def ppcs_pdf(paper: PpcsPaper) -> bytes:
    """Return the PDF; the same content on the same day gives the same bytes."""
    return made_pdf("ppa/plans/ppcs.typ", {"plan": _shown(paper)}, at=datetime.combine(paper.as_of, time(12), UTC))


def part_of(code: str) -> str:
    """Return the part of the synthesis where a topic stands, by what it is about, else by whose it is."""
    return _PART_OF.get(code) or _PART_OF_DOMAIN[domain_of(code)]


def by_part(topics: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return every topic of a content that says something, under its part, each with how far she wishes to go (`held`)."""
    told = [{**topic, "held": held_back(topic)} for topic in topics]
    told = [topic for topic in told if topic["text"].strip() or topic["held"]]
    return [(part, [topic for topic in told if part_of(topic["code"]) == part]) for part in PARTS]


def crises_told(content: Mapping[str, Any], at_home: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the crises of a content as a page reads them, each drug with what was found of it at home."""
    crises = content.get("crises", ())
    return [
        {
            **told,
            "drugs": [
                {**drug, "at_home": at_home.get(raw["id"], STOPPED)}
                for raw, drug in zip(crisis["prescriptions"], told["drugs"], strict=True)
            ],
        }
        for crisis, told in zip(crises, crises_lines(crises), strict=True)
    ]


def whose_words(goal: Mapping[str, Any]) -> str:
    """Return in whose words a goal is."""
    return f"Les mots de {goal['speaker']}" if goal["speaker"] else WORDS_LABELS[Words(goal["words"])]


def _shown(paper: PpcsPaper) -> dict[str, Any]:
    content = paper.content
    goals = [(need, goal) for need in content["needs"] for goal in need["goals"]]
    return with_lacking(
        {
            "person": identity_of(paper.person),
            "number": paper.number,
            "signed_on": written_day(paper.signed_at.astimezone(PARIS).date()),
            "signer": printable(paper.signer),
            "organisation": printable(paper.organisation),
            "as_of": written_day(paper.as_of),
            "date": paper.as_of.isoformat(),
            "review_on": written_day(paper.review_on) if paper.review_on else "",
            "on_file": [printable(line) for line in paper.on_file],
            "members": [[printable(part) for part in member] for member in paper.members],
            "relatives": None
            if paper.relatives is None
            else [[_line(part) for part in one] for one in paper.relatives],
            "agreement": _agreement(paper.agreement),
            "parts": [
                {"title": title, "topics": [_topic(one) for one in ones]} for title, ones in by_part(content["topics"])
            ],
            "wishes": WISHES,
            "places": [
                {
                    "moment": MOMENT_LABELS[PlaceMoment(wished["moment"])],
                    "place": PLACE_LABELS[Place(wished["place"])],
                    "words": paragraphs(wished["words"]),
                }
                for wished in content.get("places", ())
            ],
            "needs": [_line(need["text"]) for need in content["needs"]],
            "crises": [_crisis(one) for one in crises_told(content, paper.at_home)],
            "actions": [
                _action(action, need, goal, paper) for need, goal in goals for action in goal["actions"] or (None,)
            ],
            "reached": [
                f"{_line(goal['text'])} ({_lower_first(_line(told))})"
                for _, goal in goals
                if (told := reached_line(goal))
            ],
            "missed": [_line(goal["text"]) for _, goal in goals if _is_missed(goal, paper)],
        }
    )


def _agreement(given: AgreementSnapshot | None) -> str:
    if given is None:
        return ""
    witness = f" (témoin : {_line(given.witness)})" if _line(given.witness) else ""
    return f"Accord de la personne donné le {written_day(given.given_on)}, {_lower_first(MEANS_LABELS[given.means])}{witness}."


def _topic(topic: Mapping[str, Any]) -> dict[str, Any]:
    return {"title": topic["title"], "paragraphs": paragraphs(topic["text"]), "held": printable(topic["held"])}


def _crisis(crisis: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": _line(crisis["title"]),
        "signs": paragraphs(crisis["signs"]),
        "response": paragraphs(crisis["response"]),
        "call": _line(crisis["call"]),
        "drugs": [
            {
                "drug": _line(drug["drug"]),
                "line": printable(drug["line"]),
                "at_home": drug["at_home"],
                "remark": paragraphs(drug["remark"]),
            }
            for drug in crisis["drugs"]
        ],
    }


def _action(
    action: Mapping[str, Any] | None, need: Mapping[str, Any], goal: Mapping[str, Any], paper: PpcsPaper
) -> dict[str, str]:
    about = {"goal": _line(goal["text"]), "need": _line(need["text"]), "words": _line(whose_words(goal))}
    if action is None:
        return {**about, "what": "Aucune action n’est encore prévue", "who": "", "due": "", "status": "", "outcome": ""}
    return {
        **about,
        "what": _line(action["what"]),
        "who": _line(action["who"]),
        "due": written_day(_day(action)) if action["due_on"] else "Dès que possible",
        "status": ACTION_LABELS[_status(action, paper)],
        "outcome": _line(paper.outcomes.get(action["id"], "")),
    }


def _is_missed(goal: dict[str, Any], paper: PpcsPaper) -> bool:
    if goal.get("reached"):
        return False
    known = [(_status(one, paper), _day(one) if one["due_on"] else None) for one in goal["actions"]]
    return is_missed(known, today=paper.as_of)


def _status(action: Mapping[str, Any], paper: PpcsPaper) -> ActionStatus:
    return paper.statuses.get(action["id"], ActionStatus.PLANNED)


def _day(action: Mapping[str, Any]) -> date:
    return date.fromisoformat(action["due_on"])


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _line(text: str) -> str:
    return " ".join(printable(text).split())
