"""What follows an action given to a structure without a hand: its plan, the right of the structure that ends, a death."""

from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

from accounts.access.events import CircleChanged, ConsentChanged
from accounts.access.unit import ANY_VERSION, Unit
from accounts.access.withdrawal import on_withdrawal
from accounts.kernel.actor import Actor, system_actor
from accounts.kernel.errors import TransitionRefused
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer, scheduled
from accounts.people.closing import on_death, on_death_undone
from accounts.people.records import ResumeAfterMistake
from ppa.entrusted_actions.commands import follow_entrusted, resume_entrusted, withdraw_entrusted
from ppa.entrusted_actions.events import EntrustedAnswered, EntrustedWithdrawn
from ppa.entrusted_actions.queries import open_entrusted, persons_with_open
from ppa.entrusted_actions.reading import held_without_right
from ppa.entrusted_actions.records import FollowEntrusted, WithdrawEntrusted
from ppa.plans.events import PlanActionFollowed, PlanClosed


@consumer(
    "entrusted-answers", EntrustedAnswered, EntrustedWithdrawn, label="Réponses aux actions confiées", prompt=True
)
def carry_answer(event: StoredEvent) -> None:
    """Let the plan say what the structure answered, or that it no longer has the action."""
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
    """Take back what structures have that are told by no other right: their units too, not those that go on caring for her."""
    for entrusted_id in held_without_right(person_id):
        run(withdraw_entrusted, _back(entrusted_id))


@consumer(
    "entrusted-left",
    CircleChanged,
    ConsentChanged,
    label="Actions confiées à une structure sortie du cercle ou refusée",
    prompt=True,
)
def stop_with_the_right(event: StoredEvent) -> None:
    """Take back what a structure has that was taken out of the circle, or that the person refuses."""
    if event.person_id is not None:
        _take_back(event.person_id, by=system_actor("entrusted-left"))


@scheduled(
    "entrusted-ended", every=timedelta(hours=1), label="Actions confiées à une structure dont le suivi a pris fin"
)
def take_back_in_time() -> int:
    """Take back what structures have whose days in the circle are over; return how many."""
    return sum(_take_back(person_id, by=system_actor("entrusted-ended")) for person_id in persons_with_open())


@on_death("entrusted_actions")
def stop_after_death(person_id: UUID, died_on: date, run: Unit) -> None:
    """Take back what structures still had to do for a person who died."""
    for entrusted_id in open_entrusted(person_id=person_id):
        run(withdraw_entrusted, _back(entrusted_id), by=system_actor("death"))


@on_death_undone("entrusted_actions")
def give_back(person_id: UUID, run: Unit) -> None:
    """Give back what the death had taken, but to who may no longer be told."""
    run(resume_entrusted, ResumeAfterMistake(person_id=person_id), by=system_actor("death"))
    for entrusted_id in held_without_right(person_id):
        run(withdraw_entrusted, _back(entrusted_id), by=system_actor("death"))


def _take_back(person_id: UUID, *, by: Actor) -> int:
    """Take back what is in the hands of who may no longer be told; one that was answered meanwhile is left alone."""
    done = 0
    for entrusted_id in held_without_right(person_id):
        with suppress(TransitionRefused):
            withdraw_entrusted(_back(entrusted_id), by=by)
            done += 1
    return done


def _back(entrusted_id: UUID) -> WithdrawEntrusted:
    return WithdrawEntrusted(entrusted_id=entrusted_id, version=ANY_VERSION)
