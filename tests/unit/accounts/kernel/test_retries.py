"""A transaction that another one got in the way of runs again; a fault that stays is told."""

import psycopg
import pytest
from django.db import IntegrityError, OperationalError

from accounts.kernel.database import RETRIES, with_retries
from accounts.kernel.errors import Busy


def refused(kind, cause):
    error = kind("refused")
    error.__cause__ = cause
    return error


class Work:
    """Raises what it is given, one a try, then answers."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.tries = 0

    def __call__(self):
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.mark.parametrize(
    "error",
    [
        refused(OperationalError, psycopg.errors.DeadlockDetected()),
        refused(OperationalError, psycopg.errors.SerializationFailure()),
        refused(IntegrityError, psycopg.errors.UniqueViolation()),
        OperationalError("database is locked"),
    ],
)
def test_it_runs_again(error):
    work = Work(error)
    assert with_retries(work) == "done"
    assert work.tries == 2


@pytest.mark.parametrize(
    "error",
    [
        refused(IntegrityError, psycopg.errors.CheckViolation()),
        refused(OperationalError, psycopg.errors.DiskFull()),
        IntegrityError("UNIQUE constraint failed"),
    ],
)
def test_what_will_not_change_is_told_at_once(error):
    work = Work(error)
    with pytest.raises(type(error)):
        with_retries(work)
    assert work.tries == 1


def test_what_stays_is_told_in_the_end():
    with pytest.raises(Busy):
        with_retries(Work(*[OperationalError("database is locked")] * RETRIES))
    with pytest.raises(IntegrityError):
        with_retries(Work(*[refused(IntegrityError, psycopg.errors.UniqueViolation()) for _ in range(RETRIES)]))
