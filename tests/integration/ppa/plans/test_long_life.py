"""A plan with a long life behind it opens in as many statements as a new one, and its page shows what counts now."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access.gate import open_trail
from ppa.plans.commands import add_goal, add_need, revise_plan
from ppa.plans.content import needs_of
from ppa.plans.queries import plan_page_of
from ppa.plans.records import AddGoal, AddNeed, RevisePlan
from ppa.plans.states import Words
from tests.factories import crises, directives, people, plans, trusted_persons
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db

MOST_TO_READ = 4
"""The standing of who reads, the plan, all that its page shows of it, and what happened since it was signed."""
MOST_FOR_A_PAGE = 12
"""With the session, the account and its functions, the banner of the person, the menu and the three of the audit."""
MARKS = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


def statements(run):
    run()
    with CaptureQueriesContext(connection) as sent:
        run()
    return sum(not one["sql"].startswith(MARKS) for one in sent.captured_queries)


def read(team):
    with open_trail(reading=True):
        return plan_page_of(team.person_id, actor=team.coordinator)


def url(name, team):
    return reverse(f"plans:{name}", args=[team.person_id])


def test_a_plan_of_thirty_versions_opens_in_as_many_statements_as_one_of_one():
    for_page, to_read = [], []
    for size in ({"versions": 1, "actions": 1, "conversations": 1}, {}):
        team = plans.team()
        plans.long_lived(team, **size)
        client = signed_in(team.coordinator)
        for_page.append(statements(lambda client=client, team=team: client.get(url("page", team))))
        to_read.append(statements(lambda team=team: read(team)))
    assert to_read[0] == to_read[1] <= MOST_TO_READ
    assert for_page[0] == for_page[1] <= MOST_FOR_A_PAGE


def test_nor_does_all_that_stands_round_it_make_more_of_them():
    team = plans.team()
    crises.foreseen(team.person_id, team.physician)
    daughter = people.relative(team.person_id, team.nurse)
    trusted_persons.designation(team.person_id, daughter, team.physician)
    directives.directive(team.person_id, team.physician)
    row = plans.long_lived(team, versions=2, actions=3, conversations=2)
    client = signed_in(team.coordinator)
    assert statements(lambda: client.get(url("page", team))) <= MOST_FOR_A_PAGE
    revise_plan(RevisePlan(plan_id=row.id, version=row.version), by=team.physician)
    page = client.get(url("page", team)).content.decode()
    assert all(said in page for said in ("Personne de confiance : ", "Directives anticipées du ", "En révision"))
    assert statements(lambda: client.get(url("page", team))) < MOST_FOR_A_PAGE


def test_what_is_long_finished_or_was_long_said_is_one_click_away():
    team = plans.team()
    plans.long_lived(team)
    client = signed_in(team.coordinator)
    page = client.get(url("page", team)).content.decode()
    assert page.count("printemps") == 3
    assert page.count(", signée le ") == 3
    assert [page.count(f"Passage du soir {number}<") for number in (5, 6, 195, 198)] == [1, 0, 1, 1]
    assert "Les 30 versions signées" in page
    assert client.get(url("versions", team)).content.decode().count(", signée le ") == 30
    every = client.get(url("actions", team)).content.decode()
    assert [every.count(f"Passage du soir {number}<") for number in (5, 6, 195, 198)] == [1, 1, 1, 1]
    assert client.get(url("conversations", team)).content.decode().count("printemps") == 50


def test_a_need_without_a_goal_and_a_goal_without_an_action_are_read_too():
    team = plans.team()
    row = plans.plan(team)
    need = add_need(AddNeed(plan_id=row.id, text="Dormir"), by=team.coordinator)
    add_need(AddNeed(plan_id=row.id, text="Sortir"), by=team.coordinator)
    add_goal(AddGoal(need_id=need.id, text="Une nuit entière", words=Words.PERSON), by=team.coordinator)
    needs = needs_of(row)
    assert [(one.text, [goal.text for goal in one.goals]) for one in needs] == [
        ("Dormir", ["Une nuit entière"]),
        ("Sortir", []),
    ]
    assert needs == needs_of(row, recent=True)
    assert needs[0].id == need.id
    assert needs[0].goals[0].actions == ()
