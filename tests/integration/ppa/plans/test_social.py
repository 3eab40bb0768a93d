"""The social part of a plan: what is cut from the whole, who reads it, and that one follows only what one may read."""

import pytest

from accounts.access.gate import open_trail
from accounts.kernel.actor import Role
from accounts.kernel.errors import NotFound
from ppa.plans.commands import follow_action, start_need, write_topic
from ppa.plans.models import PlannedAction
from ppa.plans.queries import plan_of, social_actions, social_part_of
from ppa.plans.records import AddNeed, FirstAction, FollowAction, StartNeed, WriteTopic
from ppa.plans.rules import social_part
from ppa.plans.states import ActionStatus, Domain, Words
from tests.factories import directives, people, plans

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return plans.team()


@pytest.fixture
def plan(team):
    """A signed plan whose next version has a medical topic, a social one, and a need of each kind."""
    row = plans.written(team)
    for code, text in (("rights", "Le loyer"), ("health", "Le traitement")):
        writer = team.coordinator if code == "rights" else team.physician
        write_topic(WriteTopic(plan_id=row.id, code=code, text=text, version=0), by=writer)
    action = FirstAction(what="Demander l’APA", who="Assistante sociale")
    need = StartNeed(
        need=AddNeed(plan_id=row.id, text="Payer le loyer", topic="rights"), goal="Rester", words=Words.PERSON, action=action
    )  # fmt: skip
    start_need(need, by=team.coordinator)
    return plans.present(row)


@pytest.fixture
def worker(team):
    return directives.colleague(Role.SOCIAL_WORKER, team.person_id)


def test_the_part_holds_social_topics_and_their_needs_only(team, plan, worker):
    with open_trail():
        whole, part = plan_of(team.person_id, actor=team.nurse), social_part_of(team.person_id, actor=worker)
    assert part == social_part(whole)
    assert {shown.topic.domain for shown in part.topics} == {Domain.SOCIAL}
    assert [(need.text, need.topic) for need in part.needs] == [("Payer le loyer", "rights")]
    assert (len(whole.needs), part.agreement, part.versions) == (2, None, ())


def test_nobody_outside_of_the_circle_reads_it(team, plan):
    with open_trail(), pytest.raises(NotFound):
        social_part_of(team.person_id, actor=people.actor(Role.SOCIAL_WORKER))
    with open_trail():
        assert social_actions(actor=people.actor(Role.SOCIAL_WORKER)) == []


def test_the_desk_lists_what_is_still_to_be_done(team, plan, worker):
    with open_trail():
        assert [(line.what, line.is_late) for line in social_actions(actor=worker)] == [("Demander l’APA", False)]
    action = PlannedAction.objects.get(goal__need__topic="rights")
    record = FollowAction(action_id=action.id, version=1, status=ActionStatus.DONE)
    follow_action(record, by=worker)
    with open_trail():
        assert social_actions(actor=worker) == []


def test_one_follows_only_what_one_may_read(team, plan, worker):
    action = PlannedAction.objects.get(goal__need__topic="")
    record = FollowAction(action_id=action.id, version=1, status=ActionStatus.DONE)
    with pytest.raises(NotFound):
        follow_action(record, by=worker)
    assert PlannedAction.objects.get(pk=action.id).status == ActionStatus.PLANNED
    follow_action(record, by=team.nurse)
