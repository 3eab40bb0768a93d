"""A stranger with the ids of somebody else's person, in miniature: the whole sweep runs in `make faults`."""

from itertools import islice

import pytest

from accounts.kernel.actor import Role
from tests.matrix.strangers import Report, Stranger
from tests.matrix.world import Place, Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def tried(stranger: Stranger) -> Report:
    report = Report()
    for part in stranger.parts():
        report.add(stranger.run(part(), every=41))
    assert not report.wrongs, "\n".join(report.wrongs)
    return report


@pytest.mark.parametrize("role", [Role.PHYSICIAN, pytest.param(Role.TECHNICAL_ADMIN, marks=pytest.mark.once)])
def test_an_id_tells_a_stranger_nothing(world, role):
    report = tried(Stranger(world, roles=[role], has_system=False))
    assert sum(report.tried.values()) > 50
    assert set(report.tried) == {"path", "query", "body", "header"}


def test_an_id_tells_a_system_nothing(world):
    report = tried(Stranger(world, roles=[]))
    assert sum(report.tried.values()) > 50
    assert set(report.tried) == {"fhir path", "reference", "bundle", "fhir body", "header"}


def test_the_sweep_can_find_something(world):
    """The same attempts, made by her own physician, tell of her."""
    insider = Stranger(world, roles=[Role.PHYSICIAN], place=Place.TEAM)
    assert insider.run(islice(insider.in_paths(Visitor(Role.PHYSICIAN, Place.TEAM)), 20, 40)).leaks
