"""To whom an action may be given, what an answer says, each refusal with its French sentence."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from accounts.kernel.errors import DomainError
from ppa.entrusted_actions.records import AnswerEntrusted, EntrustAction
from ppa.entrusted_actions.rules import check_answer, check_entrusting, check_structure, outcome_of
from ppa.entrusted_actions.states import ANSWERS, ENTRUSTED, IN_THE_PLAN, OPEN, EntrustedMove
from ppa.entrusted_actions.states import EntrustedState as S
from ppa.plans.states import ActionStatus, PlanState

TODAY = date(2026, 11, 22)
US, THEM = UUID(int=1), UUID(int=2)


def entrusting(status=ActionStatus.PLANNED, plan=PlanState.SIGNED, **fields):
    values = {"organisation_id": THEM, "what": "Passer le soir", "due_on": TODAY, **fields}
    record = EntrustAction(action_id=UUID(int=3), **values)
    check_entrusting(record, status=status, plan=plan, own={US}, today=TODAY)


@pytest.mark.parametrize("status", [ActionStatus.PLANNED, ActionStatus.DOING])
def test_what_is_still_to_do_may_be_given(status):
    entrusting(status)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"status": ActionStatus.DONE}, "Cette action est terminée"),
        ({"status": ActionStatus.DROPPED}, "Cette action est terminée"),
        ({"plan": PlanState.CLOSED}, "Ce plan est clos"),
        ({"organisation_id": US}, "choisissez-en une autre"),
        ({"what": " \n"}, "Écrivez ce que la structure doit faire"),
        ({"due_on": TODAY - timedelta(days=1)}, "Cette date est déjà passée"),
    ],
)
def test_what_may_not_be_given(given, sentence):
    with pytest.raises(DomainError) as refused:
        entrusting(**given)
    assert sentence in refused.value.message


def test_a_structure_without_agreement_is_not_told():
    check_structure(THEM, among={THEM})
    with pytest.raises(DomainError) as refused:
        check_structure(THEM, among={US})
    assert "n’a pas donné son accord" in refused.value.message


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_refusal_says_why(answer):
    record = AnswerEntrusted(entrusted_id=THEM, version=1, answer=answer, note=" ")
    if answer != EntrustedMove.DECLINE:
        check_answer(record)
        return
    with pytest.raises(DomainError) as refused:
        check_answer(record)
    assert "pourquoi ce n’est pas possible" in refused.value.message


def test_each_answer_says_something_of_the_plan():
    assert set(IN_THE_PLAN) == {ENTRUSTED.target(answer, OPEN[0]) for answer in (*ANSWERS, EntrustedMove.WITHDRAW)}


@pytest.mark.parametrize(
    ("state", "note", "former", "said"),
    [
        (S.TAKEN, "", "", "SSIAD"),
        (S.DONE, "Fait hier", "", "SSIAD – Fait hier"),
        (S.DONE, "Fait hier", "SSIAD", "SSIAD – Fait hier"),
        (S.DECLINED, "Pas de place", "", "SSIAD : pas possible – Pas de place"),
        (S.TAKEN, "", "Vu avec sa fille", "Vu avec sa fille"),
        (S.DONE, "Fait hier", "Vu avec sa fille", "Vu avec sa fille\nSSIAD – Fait hier"),
        (S.DONE, "Dès lundi", "Vu avec sa fille\nSSIAD – Dès lundi", "Vu avec sa fille\nSSIAD – Dès lundi"),
        (S.WITHDRAWN, "", "SSIAD", "SSIAD : action reprise"),
        (S.WITHDRAWN, "Dès lundi", "SSIAD – Dès lundi", "SSIAD – Dès lundi\nSSIAD : action reprise"),
    ],
)
def test_the_plan_says_whose_answer_it_is_and_keeps_what_it_said(state, note, former, said):
    assert outcome_of("SSIAD", note, state, former=former) == said
