"""A nurse, her patient and the rapid team of the sector."""

import pytest

from accounts.kernel.actor import Role
from tests.factories import alerts, people


@pytest.fixture
def nurse():
    return people.actor(Role.NURSE)


@pytest.fixture
def person_id(nurse):
    return people.person(nurse)


@pytest.fixture
def offer():
    return alerts.rapid_team()
