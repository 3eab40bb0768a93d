"""The paper of a decision tells a second opinion apart from the first."""

from datetime import date
from uuid import UUID

from ppa.collegial_decisions.paper import decision_pdf
from ppa.collegial_decisions.records import DecisionSnapshot, OpinionNoted
from ppa.collegial_decisions.rules import second_opinions
from ppa.collegial_decisions.states import DecisionState, Ground, Kind
from tests.support.pdf_text import pages_of
from tests.unit.ppa.plans.test_paper import PERSON

FIRST = OpinionNoted(name="Dr Essai", structure="EMSP", opinion="Oui.", given_on=date(2026, 6, 2), asks_second=True)
AGAIN = OpinionNoted(name="Dr Essai", structure="EMSP", opinion="Toujours oui.", given_on=date(2026, 6, 3))
SECOND = OpinionNoted(name="Pr Autre Avis", structure="CHU", opinion="Oui aussi.", given_on=date(2026, 6, 4))


def told(*opinions: OpinionNoted) -> str:
    decision = DecisionSnapshot(
        id=UUID(int=1), version=1, person_id=PERSON.id, state=DecisionState.PREPARED, kind=Kind.LIMITATION,
        ground=Ground.OBSTINACY, about="La ventilation", requested_on=None, directive_id=None, searches=(),
        opinions=opinions, decided=None, opened_on=date(2026, 6, 1), ended_on=None, end_note="",
    )  # fmt: skip
    return " ".join("".join(pages_of(decision_pdf(PERSON, decision))).split())


def test_a_second_opinion_is_named_so_when_somebody_asked_for_it():
    said = told(FIRST, SECOND)
    assert "Avis de Dr Essai" in said
    assert "un second avis est demandé" in said
    assert "Second avis de Pr Autre Avis" in said


def test_what_the_same_physician_says_again_is_no_second_opinion_nor_one_that_nobody_asked_for():
    assert second_opinions((FIRST, AGAIN, SECOND)) == (SECOND,)
    assert second_opinions((AGAIN, SECOND)) == ()
    assert "Second avis" not in told(FIRST, AGAIN)
