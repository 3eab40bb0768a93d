"""A hospital, its nurse, her patient and its system; a plan; a request and the system of its first recipient."""

import pytest

from accounts.kernel.actor import Role
from tests.factories import fhir, people, plans, referrals


@pytest.fixture
def hospital():
    return people.organisation()


@pytest.fixture
def nurse(hospital):
    return people.actor(Role.NURSE, hospital)


@pytest.fixture
def person_id(nurse):
    return people.person(nurse)


@pytest.fixture
def partner(hospital):
    return fhir.partner(hospital)


@pytest.fixture
def stranger():
    return fhir.partner(people.organisation())


@pytest.fixture
def team():
    return plans.team()


@pytest.fixture
def asked():
    return referrals.sent(referrals.structure(), referrals.structure())


@pytest.fixture
def first(asked):
    return fhir.partner(asked.structures[0].organisation)
