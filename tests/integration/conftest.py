"""The whole story, told once for all the tests of a module that ask for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import pytest
from django.db import connection

from accounts.kernel.wall import Reason, seeing_everything
from accounts.outbox.models import Work
from accounts.outbox.registry import consumers
from fhir_bridge.projection.tasks import project
from tests.factories import whole_story
from tests.matrix.walks import WALKED, not_walked
from tests.support.undone import undone

ONE_IN: Final = 4
SHOWN_LATER: Final = tuple(Path(__file__).parent / feature for feature in ("accounts", "ppa", "pathway"))


@pytest.fixture(scope="module", autouse=True)
def _shown_in_fhir_at_once_or_later(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Leave the FHIR view of a feature to the end of each test, where no test of a module reads it.

    It is a third of what a command costs. It follows each command in the modules that say `fhir`, and in the bridge's own.
    """
    is_read = request.node.get_closest_marker("fhir") is not None
    waits = not is_read and any(request.path.is_relative_to(place) for place in SHOWN_LATER)
    with pytest.MonkeyPatch.context() as patch:
        if waits:
            patch.setitem(consumers, "projection", replace(consumers["projection"], prompt=False))
        yield waits


@pytest.fixture(autouse=True)
def _shown_in_fhir_at_the_end(request: pytest.FixtureRequest, _shown_in_fhir_at_once_or_later: bool) -> Iterator[None]:
    """Show what one test in `ONE_IN` left behind, on SQLite, always the same ones: what cannot be shown fails the test."""
    is_chosen = crc32(request.node.nodeid.encode()) % ONE_IN == 0
    ends_shown = is_chosen and _shown_in_fhir_at_once_or_later and connection.vendor == "sqlite"
    if ends_shown and request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        yield
        show_what_waits()
    else:
        yield


def show_what_waits() -> None:
    """Bring the FHIR view to what the domain says now."""
    waiting = Work.objects.filter(consumer="projection", state=Work.State.PENDING)
    with seeing_everything(Reason.PROJECTION):
        project([work.event for work in waiting.select_related("event")])
        waiting.update(state=Work.State.DONE)


@pytest.fixture(autouse=True)
def _walks_its_rows(request: pytest.FixtureRequest) -> Iterator[None]:
    """In a test that is named for rows of the matrix, the gate gives each of their rights to their function."""
    names = {request.node.nodeid, request.node.nodeid.partition("[")[0]}
    meant = [row for row, test in WALKED.items() if test in names]
    if not meant:
        yield
        return
    from tests.matrix.world import watched

    with watched() as entries:
        yield
    assert not_walked(meant, entries) == [], "the gate was not asked, or did not give it"


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: Any) -> Iterator[whole_story.Story]:
    """One person with something of everything; what a test does to her is taken back with the test.

    The module holds no test that commits, and each of its tests finds the story told, whether it reads it or not:
    `usefixtures("story")`. Whoever lets her files go tells a story of his own.
    """
    with django_db_blocker.unblock(), undone():
        with seeing_everything(Reason.VOLUME):
            told = whole_story.told()
            show_what_waits()
        yield told
