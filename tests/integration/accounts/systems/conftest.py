"""A hospital and a person that it knows."""

import pytest

from accounts.kernel.actor import Role
from tests.factories import people


@pytest.fixture
def hospital():
    return people.organisation()


@pytest.fixture
def person_id(hospital):
    return people.person(people.actor(Role.NURSE, hospital))
