"""What follows an action given to a structure without a hand: its plan, an agreement taken back, a death."""

from datetime import date
from uuid import UUID

from accounts.access.unit import ANY_VERSION, Unit
from accounts.access.withdrawal import on_withdrawal
from accounts.kernel.actor import system_actor
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer
from accounts.people.closing import on_death
from ppa.entrusted_actions.commands import follow_entrusted, withdraw_entrusted
from ppa.entrusted_actions.events import EntrustedAnswered
from ppa.entrusted_actions.queries import open_entrusted
from ppa.entrusted_actions.records import FollowEntrusted, WithdrawEntrusted
from ppa.plans.events import PlanActionFollowed, PlanClosed


@consumer("entrusted-answers", EntrustedAnswered, label="Réponses aux actions confiées", prompt=True)
def carry_answer(event: StoredEvent) -> None:
    """Let the plan say what the structure answered."""
    follow_entrusted(FollowEntrusted(entrusted_id=event.aggregate_id), by=system_actor("entrusted-answers"))


@consumer(
    "entrusted-needless",
    PlanActionFollowed,
    PlanClosed,
    label="Actions confiées qui n’ont plus lieu d’être",
    prompt=True,
)
def take_needless_back(event: StoredEvent) -> None:
    """Take back what the plan says is finished or dropped, and everything once it is closed."""
    for entrusted_id in open_entrusted(plan_id=event.aggregate_id):
        withdraw_entrusted(_back(entrusted_id), by=system_actor("entrusted-needless"))


@on_withdrawal("entrusted_actions")
def stop_after_withdrawal(person_id: UUID, organisation_ids: frozenset[UUID], run: Unit) -> None:
    """Take back what structures have to which the person no longer agrees."""
    for entrusted_id in open_entrusted(person_id=person_id, organisation_ids=organisation_ids):
        run(withdraw_entrusted, _back(entrusted_id))


@on_death("entrusted_actions")
def stop_after_death(person_id: UUID, died_on: date, run: Unit) -> None:
    """Take back what structures still had to do for a person who died."""
    for entrusted_id in open_entrusted(person_id=person_id):
        run(withdraw_entrusted, _back(entrusted_id), by=system_actor("death"))


def _back(entrusted_id: UUID) -> WithdrawEntrusted:
    return WithdrawEntrusted(entrusted_id=entrusted_id, version=ANY_VERSION)
