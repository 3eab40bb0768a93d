"""A stranger with the ids of somebody else's person, in miniature: the whole sweep runs in `make faults`."""

from itertools import islice

import pytest

from accounts.kernel.actor import Role
from tests.matrix.strangers import Report, Stranger
from tests.matrix.world import Place, Visitor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.TECHNICAL_ADMIN])
def test_an_id_tells_a_stranger_nothing(world, role):
    stranger = Stranger(world, roles=[role])
    report = Report()
    for part in stranger.parts():
        report.add(stranger.run(part(), every=41))
    assert not report.wrongs, "\n".join(report.wrongs)
    assert sum(report.tried.values()) > 60
    assert len(report.tried) >= 6


def test_the_sweep_can_find_something(world):
    """The same attempts, made by her own physician, tell of her."""
    insider = Stranger(world, roles=[Role.PHYSICIAN], place=Place.TEAM)
    assert insider.run(islice(insider.in_paths(Visitor(Role.PHYSICIAN, Place.TEAM)), 20, 40)).leaks
