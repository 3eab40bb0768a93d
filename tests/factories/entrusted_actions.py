"""Actions of a plan given to a structure, through the commands."""

from dataclasses import dataclass
from uuid import UUID

from accounts.kernel.actor import Actor, Role
from accounts.organisations.models import Organisation
from ppa.entrusted_actions.commands import entrust_action
from ppa.entrusted_actions.records import EntrustAction
from ppa.plans.models import Plan, PlannedAction
from tests.factories import people, plans

WORDS = "Passer à vingt heures, cinq soirs sur sept"


@dataclass(frozen=True, slots=True)
class Given:
    """An action in the hands of a structure that the person agreed to, and who works there."""

    team: plans.Team
    plan: Plan
    action_id: UUID
    structure: Organisation
    manager: Actor
    consent_id: UUID
    entrusted_id: UUID


def input_for(action_id: UUID, to: Organisation, **fields: object) -> EntrustAction:
    """Return the input of an action given."""
    values: dict[str, object] = {"what": WORDS, **fields}
    return EntrustAction(action_id=action_id, organisation_id=to.id, **values)  # type: ignore[arg-type]  # (a factory takes any field)


def given(**fields: object) -> Given:
    """Return an action of a signed plan, given by the coordinator to a home nursing service."""
    team = plans.team()
    plan = plans.signed(team)
    service = people.organisation("SSIAD des Tilleuls (fictif)")
    consent_id = people.consented(team.person_id, service, by=team.physician)
    action_id = PlannedAction.objects.get(goal__need__plan=plan).id
    receipt = entrust_action(input_for(action_id, service, **fields), by=team.coordinator)
    manager = people.actor(Role.BED_MANAGER, service)
    return Given(team, plan, action_id, service, manager, consent_id, receipt.id)
