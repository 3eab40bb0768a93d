"""A DAC and a physician of a hospital."""

import pytest

from accounts.kernel.actor import Role
from tests.factories import people


@pytest.fixture
def dac():
    return people.coordination()


@pytest.fixture
def physician():
    return people.actor(Role.PHYSICIAN)
