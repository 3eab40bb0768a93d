"""Asking a named professional for an opinion, giving it, and closing the file to him whatever the end."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from accounts.access import grants
from accounts.access.circle import enter_by_consent, leave, standing_consent
from accounts.access.events import CircleChanged
from accounts.access.permissions import Permission
from accounts.access.records import OpenMembership, Receipt
from accounts.access.states import Basis
from accounts.access.unit import Act, check_version, command
from accounts.kernel.clock import now
from accounts.kernel.errors import NotAllowed
from accounts.organisations.directory import account_of, colleagues_with_account
from pathway.cases.models import Case
from pathway.cases.states import OPEN
from pathway.opinions.events import OpinionAsked, OpinionEnded
from pathway.opinions.models import CaseGrant, Opinion
from pathway.opinions.records import AskOpinion, EndOpinion, GiveOpinion
from pathway.opinions.rules import AlreadyAsked, CaseClosed, check_answer, check_expert, check_question
from pathway.opinions.states import OpinionAction, OpinionState

GIVES_OPINION = "give_opinion"


@command(Permission.OPINION_ASK)
def ask_opinion(record: AskOpinion, act: Act) -> Receipt:
    """Open one file to one professional for some days, within what the person agreed to, and ask him.

    He enters the circle by name, not his structure; the grant on the file lets him answer.
    """
    case = act.lock(Case, record.case_id)
    act.ask(replace(case.facts(), addressed_to=frozenset({record.organisation_id})))
    check_question(record.question, record.days)
    if case.state not in OPEN:
        raise CaseClosed
    check_expert(record.expert_id, among=colleagues_with_account({record.organisation_id}))
    if Opinion.objects.filter(case=case, expert_id=record.expert_id, state=OpinionState.ASKED).exists():
        raise AlreadyAsked
    opinion = Opinion(
        person_id=case.person_id,
        case=case,
        organisation_id=act.organisation_id,
        asker_id=act.by.professional_id,
        expert_id=record.expert_id,
        expert_organisation_id=record.organisation_id,
        question=record.question.strip(),
        until=now() + timedelta(days=record.days),
    )
    receipt = act.add(opinion, "ask", OpinionAsked)
    _let_in(opinion, act)
    return receipt


@command(Permission.OPINION_GIVE)
def give_opinion(record: GiveOpinion, act: Act) -> Receipt:
    """Keep the answer of the professional who was asked, or why there is none; the file then closes to him."""
    opinion = act.lock(Opinion, record.opinion_id)
    act.ask(replace(opinion.facts(), granted_to=_granted(opinion)))
    if opinion.expert_id != act.by.professional_id:
        raise NotAllowed
    check_version(opinion, record.version)
    check_answer(record.text)
    opinion.answer = record.text.strip()
    return _end(opinion, OpinionAction.DECLINE if record.declines else OpinionAction.ANSWER, act)


@command(Permission.OPINION_WITHDRAW)
def withdraw_opinion(record: EndOpinion, act: Act) -> Receipt:
    """Take a question back: the file closes at once to who was asked."""
    return _end(act.open(Opinion, record.opinion_id, version=record.version), OpinionAction.WITHDRAW, act)


@command(Permission.OPINION_LAPSE)
def lapse_opinion(record: EndOpinion, act: Act) -> Receipt:
    """End a question that time, a withdrawn agreement, a death or the end of the file has closed."""
    return _end(act.open(Opinion, record.opinion_id, version=record.version), OpinionAction.LAPSE, act)


def _let_in(opinion: Opinion, act: Act) -> None:
    consent = standing_consent(opinion.person_id, opinion.expert_organisation_id)
    if consent is None:
        raise NotAllowed
    membership = OpenMembership(
        person_id=opinion.person_id,
        organisation_id=opinion.expert_organisation_id,
        professional_id=opinion.expert_id,
        basis=Basis.CONSENT,
        source_id=opinion.id,
        ends_at=opinion.until,
    )
    enter_by_consent(membership, consent, by=act.by)
    grants.give_on(CaseGrant, GIVES_OPINION, account_id=account_of(opinion.expert_id), object_id=opinion.case_id)
    act.tell(CircleChanged, about="circle", id=opinion.person_id, person_id=opinion.person_id)


def _end(opinion: Opinion, action: OpinionAction, act: Act) -> Receipt:
    receipt = act.advance(opinion, action, OpinionEnded)
    leave(source_ids=[opinion.id], bases=[Basis.CONSENT])
    grants.end_on(CaseGrant, GIVES_OPINION, account_id=account_of(opinion.expert_id), object_id=opinion.case_id)
    act.tell(CircleChanged, about="circle", id=opinion.person_id, person_id=opinion.person_id)
    return receipt


def _granted(opinion: Opinion) -> frozenset[UUID]:
    return grants.held_on(CaseGrant, GIVES_OPINION, object_id=opinion.case_id)
