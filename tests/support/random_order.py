"""A list without an order comes in any order: the tests shuffle it, so that nothing relies on luck."""

import os
import random
from collections.abc import Callable

from django.db.models import QuerySet

SEED_VARIABLE = "PPA_TEST_SEED"


def seed() -> int:
    """Return the seed of this run, the same in every worker; set `PPA_TEST_SEED` to repeat a run."""
    return int(os.environ.setdefault(SEED_VARIABLE, str(random.SystemRandom().randrange(1_000_000))))


def install() -> None:
    """Shuffle the rows of every queryset that says no order."""
    source = random.Random(seed())
    fetch: Callable[[QuerySet], None] = QuerySet._fetch_all

    def fetch_shuffled(queryset: QuerySet) -> None:
        fresh = queryset._result_cache is None
        fetch(queryset)
        if fresh and not queryset.ordered and queryset._result_cache:
            source.shuffle(queryset._result_cache)

    setattr(QuerySet, "_fetch_all", fetch_shuffled)  # noqa: B010 (a plain assignment to a method is refused by mypy)
