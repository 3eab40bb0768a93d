"""A DAC with its coordinator, a physician of a hospital and her patient."""

import pytest

from accounts.kernel.actor import Role
from tests.factories import people


@pytest.fixture
def dac():
    return people.coordination()


@pytest.fixture
def coordinator(dac):
    return people.actor(Role.COORDINATOR, dac)


@pytest.fixture
def physician():
    return people.actor(Role.PHYSICIAN)


@pytest.fixture
def person_id(physician):
    return people.person(physician)
