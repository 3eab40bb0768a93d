"""Two worlds that differ in one hidden value answer a stranger alike; every question is asked in `make faults`."""

import pytest

from tests.matrix.twins import HIDDEN, differences

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.mark.parametrize("hidden", HIDDEN, ids=[one.name for one in HIDDEN])
def test_no_question_tells_the_worlds_apart(hidden):
    compared = differences(hidden, every=97)
    assert compared.asked > 10
    assert not compared.wrongs, "\n".join(compared.wrongs)
