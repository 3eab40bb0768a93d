"""What happens to plans without a hand: a death closes them, its undoing opens them, what was never saved goes after its days."""

from datetime import date, timedelta
from uuid import UUID

from accounts.access.unit import ANY_VERSION, Unit
from accounts.kernel.actor import system_actor
from accounts.outbox.registry import scheduled
from accounts.people.closing import on_death, on_death_undone
from accounts.people.records import ResumeAfterMistake
from accounts.retention.periods import kept_since
from ppa.plans.commands import close_plan, resume_plan
from ppa.plans.models import TextDraft
from ppa.plans.queries import open_plan_ids
from ppa.plans.records import ClosePlan
from ppa.plans.states import ClosingReason


@on_death("plans")
def close_plans(person_id: UUID, died_on: date, run: Unit) -> None:
    """Close the plan of the person who died; it stays readable."""
    for plan_id in open_plan_ids(person_id):
        record = ClosePlan(plan_id=plan_id, version=ANY_VERSION, reason=ClosingReason.DEATH)
        run(close_plan, record, by=system_actor("death"))


@on_death_undone("plans")
def resume_plans(person_id: UUID, run: Unit) -> None:
    """Open again the plan that the death had closed."""
    run(resume_plan, ResumeAfterMistake(person_id=person_id), by=system_actor("death"))


@scheduled("text-drafts-purge", every=timedelta(hours=24), label="Textes jamais enregistrés effacés")
def let_drafts_go() -> int:
    """Erase what was begun and never saved, once its days are over."""
    gone, _ = TextDraft.objects.filter(saved_at__lt=kept_since("text_draft")).delete()
    return gone
