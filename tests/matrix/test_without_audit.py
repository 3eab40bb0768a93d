"""No audit, no answer: with a broken audit table, no door of the matrix does anything or tells of the person."""

import pytest

from accounts.kernel.errors import AuditUnavailable
from tests.matrix.rows import ROWS
from tests.matrix.test_doors import DOORS, SEARCHES, SYSTEM_DOORS, suits, visitors
from tests.matrix.world import PEOPLE
from tests.support.no_audit import break_the_audit
from tests.support.undone import undone

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.thorough]
TURNED_AWAY = {AuditUnavailable.status, str([AuditUnavailable.status]), AuditUnavailable.code}
BACK_TO_A_PAGE = 302
"""Where a button leads whose command was not done: to a page. Both are doors of their own."""


def rows_of(door):
    return [row for row in ROWS if row.permission == door.permission and suits(door, row.role)]


EVERY_DOOR = [door for door in [*DOORS, *SEARCHES, *SYSTEM_DOORS] if rows_of(door)]


def let_in(door, world):
    """Return somebody whom a row lets in, or failing him anybody whose function has a right there."""
    everybody = [(row, visitor) for row in rows_of(door) for visitor in visitors(row, world, door)]
    expected = [visitor for row, visitor in everybody if world.expects(row, visitor, door.name)]
    return next(iter([*expected, *(visitor for _, visitor in everybody)]))


@pytest.mark.parametrize("door", EVERY_DOOR, ids=lambda door: f"{door.name} by {door.permission}")
def test_no_door_opens_without_its_trace(world, door, monkeypatch):
    visitor = let_in(door, world)
    with undone():
        if visitor.role in PEOPLE:
            monkeypatch.setitem(world._clients, visitor, world.client(visitor))
        break_the_audit()
        seen = door.knock(world, visitor)
    assert not seen.told
    assert seen.status in TURNED_AWAY or seen.status == BACK_TO_A_PAGE or not seen.entries
