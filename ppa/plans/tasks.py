"""What closes a plan without a hand: a death."""

from datetime import date
from uuid import UUID

from accounts.access.unit import ANY_VERSION, Unit
from accounts.kernel.actor import system_actor
from accounts.people.closing import on_death
from ppa.plans.commands import close_plan
from ppa.plans.queries import open_plan_ids
from ppa.plans.records import ClosePlan
from ppa.plans.states import ClosingReason


@on_death("plans")
def close_plans(person_id: UUID, died_on: date, run: Unit) -> None:
    """Close the plan of the person who died; it stays readable."""
    for plan_id in open_plan_ids(person_id):
        record = ClosePlan(plan_id=plan_id, version=ANY_VERSION, reason=ClosingReason.DEATH)
        run(close_plan, record, by=system_actor("death"))
