"""The whole story, told once for all the tests of a module that ask for it."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.kernel.wall import Reason, seeing_everything
from tests.factories import whole_story
from tests.support.undone import undone


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: Any) -> Iterator[whole_story.Story]:
    """One person with something of everything; what a test does to her is taken back with the test.

    The module holds no test that commits, and each of its tests finds the story told, whether it reads it or not:
    `usefixtures("story")`. Whoever lets her files go tells a story of his own.
    """
    with django_db_blocker.unblock(), undone():
        with seeing_everything(Reason.VOLUME):
            told = whole_story.told()
        yield told
