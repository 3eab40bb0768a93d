"""A nurse and her patient."""

import pytest

from accounts.kernel.actor import Role
from tests.factories import people


@pytest.fixture
def nurse():
    return people.actor(Role.NURSE)


@pytest.fixture
def person_id(nurse):
    return people.person(nurse)
