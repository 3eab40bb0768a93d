"""One world for all the tests of this folder, built once in each process; nothing that a visitor does to it stays."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.kernel.wall import Reason, seeing_everything
from tests.matrix.world import World
from tests.support.undone import undone


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The story, its places, and who visits."""
    with django_db_blocker.unblock(), undone():
        with seeing_everything(Reason.VOLUME):
            built = World()
        yield built
