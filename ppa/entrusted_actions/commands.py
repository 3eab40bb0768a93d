"""Giving an action of a plan to another structure, its answer, and taking it back."""

from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.access.permissions import Permission
from accounts.access.records import Receipt
from accounts.access.unit import ANY_VERSION, Act, command
from accounts.kernel.clock import today
from accounts.kernel.errors import NotFound
from accounts.organisations.directory import organisation_names
from accounts.people.queries import person_snapshot
from ppa.entrusted_actions.events import ActionEntrusted, EntrustedAnswered, EntrustedWithdrawn
from ppa.entrusted_actions.models import EntrustedAction
from ppa.entrusted_actions.reading import structures_told
from ppa.entrusted_actions.records import AnswerEntrusted, EntrustAction, FollowEntrusted, WithdrawEntrusted
from ppa.entrusted_actions.rules import (
    AlreadyEntrusted,
    check_answer,
    check_entrusting,
    check_structure,
    outcome_of,
)
from ppa.entrusted_actions.states import IN_THE_PLAN, EntrustedMove, EntrustedState
from ppa.plans.events import PlanActionFollowed
from ppa.plans.models import Plan, PlannedAction
from ppa.plans.rules import check_alive
from ppa.plans.states import ActionStatus


@command(Permission.ENTRUSTED_ACTION_ENTRUST)
def entrust_action(record: EntrustAction, act: Act) -> Receipt:
    """Give an action to a structure that cares for the person, or that she agreed to; it is told what is written here only."""
    plan = act.open(Plan, _plan_of(record.action_id), version=ANY_VERSION)
    check_alive(person_snapshot(plan.person_id).died_on)
    action = PlannedAction.objects.get(pk=record.action_id)
    check_entrusting(record, status=ActionStatus(action.status), own=act.by.organisations, today=today())
    check_structure(record.organisation_id, among=structures_told(plan.person_id))
    entrusted = EntrustedAction(
        person_id=plan.person_id,
        action=action,
        organisation_id=record.organisation_id,
        sender_id=act.organisation_id,
        giver_id=act.by.professional_id,
        what=record.what.strip(),
        due_on=record.due_on,
        message=record.message.strip(),
    )
    try:
        with transaction.atomic():
            return act.add(entrusted, "give", ActionEntrusted)
    except IntegrityError:
        raise AlreadyEntrusted from None


@command(Permission.ENTRUSTED_ACTION_ANSWER)
def answer_entrusted(record: AnswerEntrusted, act: Act) -> Receipt:
    """Keep what the structure answers; the plan follows."""
    entrusted = act.open(EntrustedAction, record.entrusted_id, version=record.version)
    check_answer(record)
    entrusted.note = record.note.strip()
    return act.advance(entrusted, record.answer, EntrustedAnswered)


@command(Permission.ENTRUSTED_ACTION_WITHDRAW)
def withdraw_entrusted(record: WithdrawEntrusted, act: Act) -> Receipt:
    """Take an action back: the structure no longer sees it."""
    entrusted = act.open(EntrustedAction, record.entrusted_id, version=record.version)
    return act.advance(entrusted, EntrustedMove.WITHDRAW, EntrustedWithdrawn)


@command(Permission.PPA_FOLLOW_ACTION)
def follow_entrusted(record: FollowEntrusted, act: Act) -> Receipt:
    """Write in the plan how the action goes, as the structure that has it says."""
    entrusted = EntrustedAction.objects.get(pk=record.entrusted_id)
    plan = act.open(Plan, _plan_of(entrusted.action_id), version=ANY_VERSION)
    action = PlannedAction.objects.get(pk=entrusted.action_id)
    state = EntrustedState(entrusted.state)
    status = IN_THE_PLAN.get(state)
    outcome = outcome_of(
        organisation_names({entrusted.organisation_id})[entrusted.organisation_id],
        entrusted.note,
        declined=state == EntrustedState.DECLINED,
    )
    if status is None or (action.status, action.outcome) == (status, outcome):
        return Receipt(type="planned_action", id=action.id, version=plan.version)
    action.status, action.outcome = status, outcome
    action.version += 1
    action.save()
    receipt = act.amend(plan, "follow_action", PlanActionFollowed)
    return Receipt(type="planned_action", id=action.id, version=receipt.version)


def _plan_of(action_id: UUID) -> UUID:
    found: UUID | None = (
        PlannedAction.objects.filter(pk=action_id).values_list("goal__need__plan_id", flat=True).first()
    )
    if found is None:
        raise NotFound
    return found
