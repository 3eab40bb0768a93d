"""Keys that change within a moment, and are those of before when the test is over."""

import pytest

from accounts.kernel.keyring import forget_keys


@pytest.fixture(autouse=True)
def _keys_of_this_test(settings):
    settings.KEY_RING_SECONDS = 0.01
    yield
    forget_keys()
