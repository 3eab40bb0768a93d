"""What another system is shown of a plan: signed versions, from the store, at once."""

import pytest

from fhir_bridge.projection.refresh import differences
from fhir_bridge.repository.models import Resource
from ppa.plans.commands import follow_action, revise_plan
from ppa.plans.models import PlannedAction
from ppa.plans.records import FollowAction, RevisePlan
from ppa.plans.states import ActionStatus
from tests.factories import plans

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


def versions_of(kind: str) -> list[int]:
    return list(Resource.objects.filter(rtype=kind).order_by("id").values_list("version", flat=True))


def test_a_draft_is_never_shown():
    plans.agreed(plans.team())
    assert versions_of("CarePlan") == []


def test_a_signed_version_is_shown_at_once_with_its_goals_and_its_paper():
    plans.signed(plans.team())
    assert versions_of("CarePlan") == versions_of("Goal") == versions_of("DocumentReference") == [1]
    assert list(differences()) == []


def test_writing_the_next_version_shows_nothing_new_and_following_an_action_does():
    team = plans.team()
    plan = plans.signed(team)
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    plans.write(plan, team, "Un brouillon", version=1)
    assert versions_of("CarePlan") == [1]
    follow_action(
        FollowAction(action_id=PlannedAction.objects.get().id, version=1, status=ActionStatus.DONE), by=team.nurse
    )
    assert versions_of("CarePlan") == [2]
    assert list(differences()) == []
