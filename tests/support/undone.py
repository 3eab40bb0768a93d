"""What is taken back: a block whose commands believe that they commit."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever the block writes; its commands believe that they commit."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # (what Django's own TestCase sets)
    with block:
        try:
            yield
        finally:
            transaction.set_rollback(True)
