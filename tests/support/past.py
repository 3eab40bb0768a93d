"""The past of a test: what its commands did is shown once, at its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest

from accounts.access import unit


@contextmanager
def shown_at_its_end() -> Iterator[None]:
    """Do the prompt work of all events of the block together when it ends, as a worker does what a crash left behind."""
    left: list[UUID] = []
    show: Callable[[list[UUID]], None] = vars(unit)["after_commit"]  # that of the block around, inside another
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unit, "after_commit", left.extend)
        try:
            yield
        finally:
            patch.undo()
            if left:
                show(left)
