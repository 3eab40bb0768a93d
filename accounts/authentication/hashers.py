"""Password hashing with parameters measured for two cores, a few at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts.kernel.errors import Busy

AT_ONCE = 1
"""In one process: the four lanes of one hash already fill two processors, and more at once would end no sooner."""
WAIT_SECONDS = 2.0
_places = BoundedSemaphore(AT_ONCE)


@contextmanager
def one_of_few() -> Iterator[None]:
    """Take one of the places of this process; raise `Busy` when none comes free in time.

    A flood of sign-ins then costs 64 MiB and four threads a process, and is told so.
    """
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise Busy
    try:
        yield
    finally:
        _places.release()


class Argon2Hasher(Argon2PasswordHasher):
    """argon2id, 64 MiB, three passes, four lanes: about 175 ms. Source: security.md §5.3."""

    time_cost = 3
    memory_cost = 65_536
    parallelism = 4

    def encode(self, password: str, salt: str) -> str:
        """Return the hash of a password."""
        with one_of_few():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Tell whether a password has this hash."""
        with one_of_few():
            return super().verify(password, encoded)


class QuickArgon2Hasher(Argon2PasswordHasher):
    """A light hash for passwords that are random by construction; the first sign-in replaces it by the full one."""

    time_cost = 1
    memory_cost = 1_024
    parallelism = 1
