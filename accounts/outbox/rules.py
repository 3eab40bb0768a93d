"""When a failed piece of work is tried again, and when it is given up."""

import random
from datetime import timedelta

MAX_TRIES = 12
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)
LEASE = timedelta(seconds=60)


def next_delay(tries: int) -> timedelta:
    """Return the wait after `tries` failures: 5 s doubled each time, one hour at most, with full jitter.

    Source: security.md §5.7.
    """
    ceiling: timedelta = min(FIRST_DELAY * 2**tries, LONGEST_DELAY)
    return ceiling * random.uniform(0.5, 1.0)  # noqa: S311 (jitter, no secret)


def is_given_up(tries: int) -> bool:
    """Tell whether so many failures make a dead letter."""
    return tries >= MAX_TRIES
