"""Giving an action of a plan to another structure, its answer, and taking it back."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import ANY_VERSION, Act, command
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotFound
from accounts.kernel.models import Transition
from accounts.organisations.directory import organisation_names
from accounts.people.queries import death_noted_at, person_snapshot
from accounts.people.records import ResumeAfterMistake
from ppa.entrusted_actions.events import ActionEntrusted, EntrustedAnswered, EntrustedResumed, EntrustedWithdrawn
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
from ppa.plans.states import TO_DO, ActionStatus, PlanState


@command(Permission.ENTRUSTED_ACTION_ENTRUST)
def entrust_action(record: EntrustAction, act: Act) -> Receipt:
    """Give an action to a structure that cares for the person, or that she agreed to; it is told what is written here only.

    Whether the version that holds the action is signed does not matter: help often begins before.
    """
    plan = act.open(Plan, _plan_of(record.action_id), version=ANY_VERSION)
    check_alive(person_snapshot(plan.person_id).died_on)
    action = PlannedAction.objects.get(pk=record.action_id)
    check_entrusting(
        record,
        status=ActionStatus(action.status),
        plan=PlanState(plan.state),
        own=act.by.organisations,
        today=today(),
    )
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
    entrusted.note = record.note.strip() or entrusted.note
    return act.advance(entrusted, record.answer, EntrustedAnswered)


@command(Permission.ENTRUSTED_ACTION_WITHDRAW)
def withdraw_entrusted(record: WithdrawEntrusted, act: Act) -> Receipt:
    """Take an action back: the structure no longer sees it."""
    entrusted = act.open(EntrustedAction, record.entrusted_id, version=record.version)
    return act.advance(entrusted, EntrustedMove.WITHDRAW, EntrustedWithdrawn)


@command(Permission.PPA_FOLLOW_ACTION)
def follow_entrusted(record: FollowEntrusted, act: Act) -> Receipt:
    """Write in the plan how the action goes, as the structure that has it says, or that it no longer has it.

    What is finished or dropped there, or closed with the plan, stays as it is.
    """
    entrusted = EntrustedAction.objects.get(pk=record.entrusted_id)
    plan = act.open(Plan, _plan_of(entrusted.action_id), version=ANY_VERSION)
    entrusted.refresh_from_db()
    action = PlannedAction.objects.get(pk=entrusted.action_id)
    state = EntrustedState(entrusted.state)
    status = IN_THE_PLAN.get(state)
    structure = organisation_names({entrusted.organisation_id})[entrusted.organisation_id]
    outcome = outcome_of(structure, entrusted.note, state, former=action.outcome)
    is_over = plan.state == PlanState.CLOSED or action.status not in TO_DO
    if status is None or is_over or _says_nothing(entrusted) or (action.status, action.outcome) == (status, outcome):
        return Receipt(type="planned_action", id=action.id, version=plan.version)
    action.status, action.outcome = status, outcome
    action.version += 1
    action.save()
    receipt = act.amend(plan, "follow_action", PlanActionFollowed)
    return Receipt(type="planned_action", id=action.id, version=receipt.version)


@command(Permission.PATIENT_IDENTITY_RESUME_CARE)
def resume_entrusted(record: ResumeAfterMistake, act: Act) -> Receipt:
    """Give back to the structures what a death noted by mistake had taken from them."""
    act.ask(Facts(type=EntrustedAction.AGGREGATE, person_id=record.person_id))
    since = death_noted_at(record.person_id) or now()
    withdrawn = _withdrawals().filter(person_id=record.person_id, actor_role=Role.SYSTEM, recorded_at__gte=since)
    for entrusted_id in sorted(set(withdrawn.values_list("aggregate_id", flat=True))):
        entrusted = act.lock(EntrustedAction, entrusted_id)
        if entrusted.state == EntrustedState.WITHDRAWN:
            act.take_back(entrusted, EntrustedMove.WITHDRAW, EntrustedResumed)
    return Receipt(type="person", id=record.person_id, version=0)


def _says_nothing(entrusted: EntrustedAction) -> bool:
    """Tell whether it leaves the plan alone: another structure has the action since, or it was taken back unanswered."""
    if entrusted.state != EntrustedState.WITHDRAWN:
        return False
    last = _withdrawals().filter(aggregate_id=entrusted.pk).order_by("-aggregate_version").first()
    given_since = EntrustedAction.objects.filter(action=entrusted.action_id, created_at__gt=entrusted.created_at)
    return last is None or last.source != EntrustedState.TAKEN or given_since.exists()


def _withdrawals() -> QuerySet[Transition]:
    return Transition.objects.filter(aggregate_type=EntrustedAction.AGGREGATE, deed=EntrustedMove.WITHDRAW)


def _plan_of(action_id: UUID) -> UUID:
    found: UUID | None = (
        PlannedAction.objects.filter(pk=action_id).values_list("goal__need__plan_id", flat=True).first()
    )
    if found is None:
        raise NotFound
    return found
