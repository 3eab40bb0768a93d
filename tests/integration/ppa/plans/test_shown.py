"""What another system is shown of a plan: signed versions, from the store, at once."""

from datetime import timedelta

import orjson
import pytest

from accounts.kernel.clock import now
from fhir_bridge.projection.refresh import differences
from fhir_bridge.repository.models import Resource
from fhir_bridge.repository.store import stored
from ppa.announcements.models import Announcement
from ppa.directives.commands import withdraw_directive
from ppa.directives.queries import directive_snapshot
from ppa.directives.records import WithdrawDirective
from ppa.plans.commands import follow_action, revise_plan
from ppa.plans.models import PlannedAction, PlanVersion
from ppa.plans.records import FollowAction, RevisePlan
from ppa.plans.states import ActionStatus
from tests.factories import announcements, directives, plans

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


def versions_of(kind: str) -> list[int]:
    return list(Resource.objects.filter(rtype=kind).order_by("id").values_list("version", flat=True))


def shown():
    (version,) = PlanVersion.objects.all()
    return orjson.loads(stored(Resource.objects.get(rtype="CarePlan", fid=str(version.pk)), in_full=True).body)


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


def test_a_version_points_to_what_was_announced_and_to_the_directives_that_prevail():
    team = plans.team()
    announced = announcements.announced(team.person_id, team.physician)
    Announcement.objects.update(created_at=now() - timedelta(hours=1))
    plans.signed(team)
    assert shown()["addresses"] == [{"reference": f"Condition/{announced}"}]
    announcements.announced(team.person_id, team.physician)
    Announcement.objects.exclude(pk=announced).update(created_at=now() + timedelta(hours=1))
    directive = directives.directive(team.person_id, team.physician)
    assert {"reference": f"Consent/{directive}"} in shown()["supportingInfo"]
    assert len(shown()["addresses"]) == 1
    assert list(differences()) == []
    version = directive_snapshot(directive).version
    withdraw_directive(WithdrawDirective(directive_id=directive, version=version), by=team.physician)
    assert not any("Consent" in one["reference"] for one in shown()["supportingInfo"])
    assert list(differences()) == []
