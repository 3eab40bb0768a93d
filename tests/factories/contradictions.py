"""Invented contradictions, settled through the command."""

from uuid import UUID

from accounts.access.gate import open_trail
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from ppa.contradictions.commands import settle_contradiction
from ppa.contradictions.queries import contradictions_of
from ppa.contradictions.records import Contradiction, SettleContradiction
from ppa.contradictions.states import Outcome, SettledWith
from tests.factories import plans


def waiting(person_id: UUID, by: Actor) -> list[Contradiction]:
    """Return what somebody finds to settle."""
    with open_trail():
        return contradictions_of(person_id, actor=by)


def signed_plan(of: plans.Team, text: str) -> None:
    """Sign a plan that says this about what matters."""
    row = plans.plan(of)
    plans.write(row, of, text)
    row = plans.present(row)
    plans.share_plan(plans.SharePlan(plan_id=row.id, version=row.version), by=of.coordinator)
    row = plans.present(row)
    plans.record_agreement(plans.agreement(row), by=of.coordinator)
    row = plans.present(row)
    plans.sign_version(plans.SignVersion(plan_id=row.id, version=row.version), by=of.physician)


def settlement_of(person_id: UUID, key: str, **fields: object) -> SettleContradiction:
    """Return the input of a settlement by the person's word."""
    values: dict[str, object] = {
        "outcome": Outcome.FIRST,
        "settled_with": SettledWith.PERSON,
        "settled_on": today(),
        "note": "Elle l’a redit ce matin CANARICONFIDENCE",
        **fields,
    }
    return SettleContradiction(person_id=person_id, key=key, **values)  # type: ignore[arg-type]  # (a factory takes any field)


def settlement(person_id: UUID, by: Actor, **fields: object) -> UUID:
    """Return the id of the settlement of the first contradiction."""
    return settle_contradiction(settlement_of(person_id, waiting(person_id, by)[0].key, **fields), by=by).id
