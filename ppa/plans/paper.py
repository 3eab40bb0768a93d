"""The paper of a signed version: a tagged PDF/A that says the same thing, byte for byte, each time it is made.

What our fonts lack is replaced by a sign that the paper explains.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from accounts.kernel.clock import PARIS
from accounts.kernel.paper import made_pdf, printable
from accounts.kernel.written_days import written_day
from accounts.organisations.records import ProfessionalSnapshot
from accounts.people.records import PersonSnapshot
from ppa.crises.records import Order, givers_line, interval, quantity
from ppa.crises.rules import order_from
from ppa.crises.states import ROUTE_LABELS
from ppa.plans.records import AgreementSnapshot
from ppa.plans.rules import reached_line, words_line
from ppa.plans.states import (
    MEANS_LABELS,
    MOMENT_LABELS,
    PLACE_LABELS,
    Pace,
    Place,
    PlaceMoment,
)
from ppa.sheets.paper import heading_of, identity_of, paragraphs, with_lacking


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What the paper of one version says. `at_home`: what was found of each drug prescribed ahead, by its id.

    `on_file`: that directives and a trusted person are on file, as it stood at the signature.
    """

    person: PersonSnapshot
    content: dict[str, Any]
    number: int
    digest: str
    agreement: AgreementSnapshot
    signer: ProfessionalSnapshot
    organisation: str
    signed_at: datetime
    at_home: Mapping[str, str] = field(default_factory=dict)
    review_on: date | None = None
    on_file: tuple[str, ...] = ()


def plan_pdf(paper: Paper) -> bytes:
    """Return the PDF of a version; the same version gives the same bytes."""
    return made_pdf("ppa/plans/plan.typ", {"plan": _shown(paper)}, at=paper.signed_at)


def _shown(paper: Paper) -> dict[str, Any]:
    person, topics = paper.person, paper.content["topics"]
    shown = {
        "person": identity_of(person),
        "given": printable(person.usual_given_name or person.traits.birth_given_names[0]),
        "number": paper.number,
        "digest": paper.digest[:12],
        "date": paper.signed_at.astimezone(PARIS).date().isoformat(),
        "agreed_on": written_day(paper.agreement.given_on),
        "agreed_by": _lower_first(MEANS_LABELS[paper.agreement.means]),
        "witness": printable(paper.agreement.witness),
        "recorded_by": printable(paper.agreement.recorded_by),
        "signer": printable(
            " ".join(part for part in (paper.signer.title, paper.signer.given, paper.signer.family) if part)
        ),
        "rpps": paper.signer.rpps,
        "organisation": printable(paper.organisation),
        "signed_on": written_day(paper.signed_at.astimezone(PARIS).date()),
        "review_on": written_day(paper.review_on) if paper.review_on else "",
        "on_file": [printable(line) for line in paper.on_file],
        "topics": [_topic(topic) for topic in topics if printable(topic["text"]).strip()],
        "later": [topic["title"] for topic in topics if not topic["text"].strip() and _waits(topic)],
        "never": [topic["title"] for topic in topics if topic["pace"] == Pace.NEVER],
        "needs": [_need(need) for need in paper.content["needs"]],
        "places": [
            {
                "moment": MOMENT_LABELS[PlaceMoment(wished["moment"])],
                "place": PLACE_LABELS[Place(wished["place"])],
                "words": paragraphs(wished["words"]),
            }
            for wished in paper.content.get("places", ())
        ],
        "crises": [_crisis(crisis, paper.at_home) for crisis in paper.content.get("crises", ())],
    }
    return with_lacking(shown)


def _topic(topic: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": topic["title"],
        "paragraphs": paragraphs(topic["text"]),
        "with_whom": printable(topic["with_whom"]) if topic["pace"] == Pace.WITH_SOMEONE else "",
    }


def _waits(topic: dict[str, Any]) -> bool:
    return topic["pace"] in (Pace.NOT_NOW, Pace.WITH_SOMEONE)


def _need(need: dict[str, Any]) -> dict[str, Any]:
    title, whole = heading_of(need["text"])
    return {
        "title": title or "Un besoin",
        "paragraphs": whole,
        "goals": [
            {
                "paragraphs": paragraphs(goal["text"]),
                "words": _lower_first(printable(words_line(goal))),
                "reached": paragraphs(reached_line(goal)),
                "actions": [
                    {
                        "what": paragraphs(action["what"]),
                        "who": printable(action["who"]),
                        "due": written_day(date.fromisoformat(action["due_on"])) if action["due_on"] else "",
                    }
                    for action in goal["actions"]
                ],
            }
            for goal in need["goals"]
        ],
    }


def _crisis(crisis: dict[str, Any], at_home: Mapping[str, str]) -> dict[str, Any]:
    return {
        "title": " ".join(printable(crisis["title"]).split()),
        "signs": paragraphs(crisis["signs"]),
        "response": paragraphs(crisis["response"]),
        "call": printable(crisis["call"]),
        "drugs": [_drug(order_from(one), at_home.get(one["id"], "")) for one in crisis["prescriptions"]],
    }


def _drug(order: Order, at_home: str) -> dict[str, Any]:
    return {
        "drug": printable(order.drug),
        "dose": quantity(order.dose, order.unit),
        "route": _lower_first(ROUTE_LABELS[order.route]),
        "interval": interval(order.interval_hours),
        "maximum": quantity(order.max_24h, order.unit),
        "givers": _lower_first(givers_line(order.givers)),
        "place": printable(order.place),
        "at_home": at_home,
        "review_by": written_day(order.review_by),
        "remark": paragraphs(order.remark),
    }


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
