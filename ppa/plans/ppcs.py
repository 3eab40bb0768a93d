"""The same plan in the order of a PPCS, as a paper: who is there, what matters, who does what and how it goes.

It says what was signed, and how far it is on the day it is printed. Source: HAS, plan personnalisé de coordination en santé, July 2019.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from accounts.kernel.clock import PARIS
from accounts.kernel.paper import made_pdf, printable
from accounts.kernel.written_days import written_day
from accounts.people.records import PersonSnapshot
from ppa.plans.rules import is_missed, reached_line
from ppa.plans.states import ACTION_LABELS, MOMENT_LABELS, PLACE_LABELS, ActionStatus, Place, PlaceMoment
from ppa.sheets.paper import identity_of, paragraphs, with_lacking

MATTERS = "what_matters"


@dataclass(frozen=True, slots=True, kw_only=True)
class PpcsPaper:
    """What the paper says. `members` are (structure, professional, basis); `statuses` how actions go, and `outcomes` what came of them, by their id, on `as_of`."""

    person: PersonSnapshot
    content: dict[str, Any]
    number: int
    signed_at: datetime
    signer: str
    organisation: str
    members: tuple[tuple[str, str, str], ...]
    as_of: date
    statuses: Mapping[str, ActionStatus] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    review_on: date | None = None


def ppcs_pdf(paper: PpcsPaper) -> bytes:
    """Return the PDF; the same content on the same day gives the same bytes."""
    return made_pdf("ppa/plans/ppcs.typ", {"plan": _shown(paper)}, at=datetime.combine(paper.as_of, time(12), UTC))


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
            "members": [[printable(part) for part in member] for member in paper.members],
            "matters": [
                {"title": topic["title"], "paragraphs": paragraphs(topic["text"])}
                for topic in content["topics"]
                if topic["code"] == MATTERS and printable(topic["text"]).strip()
            ],
            "places": [
                {
                    "moment": MOMENT_LABELS[PlaceMoment(wished["moment"])],
                    "place": PLACE_LABELS[Place(wished["place"])],
                    "words": paragraphs(wished["words"]),
                }
                for wished in content.get("places", ())
            ],
            "needs": [_line(need["text"]) for need in content["needs"]],
            "actions": [_action(action, goal, paper) for _, goal in goals for action in goal["actions"]],
            "reached": [
                f"{_line(goal['text'])} ({_lower_first(_line(told))})"
                for _, goal in goals
                if (told := reached_line(goal))
            ],
            "missed": [_line(goal["text"]) for _, goal in goals if _is_missed(goal, paper)],
        }
    )


def _action(action: dict[str, Any], goal: dict[str, Any], paper: PpcsPaper) -> dict[str, str]:
    return {
        "goal": _line(goal["text"]),
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


def _status(action: dict[str, Any], paper: PpcsPaper) -> ActionStatus:
    return paper.statuses.get(action["id"], ActionStatus.PLANNED)


def _day(action: dict[str, Any]) -> date:
    return date.fromisoformat(action["due_on"])


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _line(text: str) -> str:
    return " ".join(printable(text).split())
