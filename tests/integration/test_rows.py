"""Every reading of the project gives the same rows alone and with all others in one statement."""

import sys

import pytest

from accounts.access.readings import ASKED, Rows, read_together
from tests.factories import plans
from tests.integration.accounts.access.test_readings import as_they_lie

pytestmark = pytest.mark.django_db

OURS = ("accounts.", "ppa.", "pathway.", "fhir_bridge.")


def every_reading() -> list[Rows]:
    found = {
        id(one): one
        for name, module in list(sys.modules.items())
        if name.startswith(OURS)
        for one in vars(module).values()
        if isinstance(one, Rows)
    }
    return sorted(found.values(), key=lambda one: (one.__module__, one.__name__))


def test_each_reading_gives_the_same_rows_alone_and_together():
    team = plans.team()
    plan = plans.long_lived(team, versions=3, actions=12, conversations=5)
    asked = [(one, id) for one in every_reading() for id in (team.person_id, plan.id)]
    together = read_together(*asked)
    assert len(every_reading()) > 15
    assert sum(bool(rows) for rows in together) > 8
    for (one, id), rows in zip(asked, together, strict=True):
        assert [as_they_lie(row) for row in rows] == [as_they_lie(row) for row in one(id)], one


def test_no_reading_depends_on_the_day_when_it_was_first_asked(clock):
    today = [statement_of(one) for one in every_reading()]
    clock.forward(days=800)
    assert [statement_of(one) for one in every_reading()] == today


def statement_of(one: Rows) -> tuple[str, str]:
    sql, values = one.build().query.get_compiler(using="default").as_sql()
    return sql, str([value for value in values if not isinstance(value, type(ASKED))])
