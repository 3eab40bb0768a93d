"""A nurse, her patient and one relative."""

import pytest

from accounts.kernel.actor import Role
from tests.factories import people


@pytest.fixture
def nurse():
    return people.actor(Role.NURSE)


@pytest.fixture
def person_id(nurse):
    return people.person(nurse)


@pytest.fixture
def relative_id(nurse, person_id):
    return people.relative(person_id, nurse)
