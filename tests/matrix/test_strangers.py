"""A stranger with the ids of somebody else's person, in miniature: the whole sweep runs in `make faults`."""

import pytest

from accounts.kernel.actor import Role
from tests.matrix.strangers import Stranger

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.TECHNICAL_ADMIN])
def test_an_id_tells_a_stranger_nothing(world, role):
    report = Stranger(world, roles=[role]).run(every=41)
    assert not report.wrongs, "\n".join(report.wrongs)
    assert sum(report.tried.values()) > 60
    assert len(report.tried) >= 6
