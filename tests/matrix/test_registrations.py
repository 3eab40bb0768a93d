"""Who knows her number and her five traits, and posts them, learns what his own read shows."""

import pytest

from tests.matrix.registrations import OUTSIDE, registered
from tests.matrix.world import Place

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.mark.parametrize("place", OUTSIDE)
def test_an_outsider_who_posts_her_learns_nothing_that_others_wrote(world, place):
    found = registered(world, place)
    assert not found.wrongs, "\n".join(found.wrongs)
    assert not found.told, "\n".join(found.told)


def test_her_own_team_is_answered_with_her_whole_file(world):
    found = registered(world, Place.TEAM)
    assert not found.wrongs, "\n".join(found.wrongs)
    assert len(found.told) > 5, "it is not she who was posted"
