"""Each test of sign-in starts with counters of its own."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_count_from_before():
    cache.clear()
