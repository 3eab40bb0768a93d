"""What every test gets: strict templates, shuffled lists, guarded identities, a clock, and real servers on demand."""

import gc
import math
import os
import shutil
from collections.abc import Generator, Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import TransactionTestCase

from accounts.kernel import clock as our_clock
from tests.support import random_order, servers
from tests.support.pace import IN_CI

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
ON_POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")
SERVERS = {"db", "transactional_db", "pg_url", "broker_url"}
WORLDS = {"world", "story"}
TOLD_BY_OTHERS = {"test_screens.py", "test_machine.py", "test_round_trip.py"}
_tests = count()


def pytest_report_header() -> str:
    """Say the seed, so that an unlucky order can be repeated."""
    return f"{random_order.SEED_VARIABLE}={random_order.seed()}"


def pytest_configure() -> None:
    """Fix the seed before the workers start; collect no garbage while the tests are gathered: there is none."""
    gc.disable()
    random_order.seed()
    random_order.install()


def pytest_unconfigure() -> None:
    """Remove the keys and files of this run."""
    run_directory = Path(settings.MASTER_KEY_FILE).parent
    if run_directory.name.startswith("ppa-tests-"):
        shutil.rmtree(run_directory, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker is left with it at the end, when the others have nothing more to do.

    Of a run on PostgreSQL leave out what opens no database or asks nothing of it: the run on SQLite has told it. Pages,
    lives in any order and the further examples of a test are thorough there: their statements are those of other tests.
    """
    items.sort(key=lambda item: not _is_long(item))
    if not ON_POSTGRESQL:
        return
    alike = {item for item in items if item.get_closest_marker("once") or not _opens_a_server(item)}
    config.hook.pytest_deselected(items=list(alike))
    items[:] = [item for item in items if item not in alike]
    seen: set[str] = set()
    for item in items:
        test = item.nodeid.partition("[")[0]
        if test in seen or item.path.name in TOLD_BY_OTHERS:
            item.add_marker(pytest.mark.thorough)
        seen.add(test)


def pytest_collection_finish() -> None:
    """Spare the collector what stays until the end: it would look at half a million objects again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def _is_long(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("long", "once"))
    return marked or bool(WORLDS & set(getattr(item, "fixturenames", ())))


def _opens_a_server(item: pytest.Item) -> bool:
    asked = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(SERVERS & asked)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where everything is there to run."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for a module that skips itself."""
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if IN_CI and SHARED.is_dir() and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, though CI has everything: {report.longrepr}"


@pytest.fixture(scope="session", autouse=True)
def _strict_templates() -> None:
    from tests.support import strict_templates

    strict_templates.install(ROOT / "templates")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Migrate once, not once for each worker and each run."""
    from django.db import connection

    from tests.support import migrated

    with migrated.copied(connection):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """On PostgreSQL the owner has migrated: from here on the tests are the application, whom row-level security binds."""
    from django.db import connection

    from tests.support import migrated, prepared, roles

    emptying: Any = TransactionTestCase
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        empty = migrated.putting_back(emptying._fixture_teardown)
        if connection.vendor != "postgresql":
            patch.setattr(emptying, "_fixture_teardown", migrated.done_unguarded(empty))
            yield
            return
        prepared.stay_over_rollbacks(patch)
        roles.make_application_role()
        roles.make_owners_hand()
        patch.setattr(emptying, "_fixture_teardown", roles.done_by_owner(empty))
        with roles.connected_as(roles.APPLICATION):
            yield


@pytest.fixture(autouse=True)
def _above_the_wall() -> Iterator[None]:
    """A test looks at every row; what it calls sees what its door opens."""
    from accounts.kernel.wall import Reason, seeing_everything

    with seeing_everything(Reason.VOLUME):
        yield


@pytest.fixture(scope="session", autouse=True)
def _nobody_asks_for_the_mode() -> None:
    """A question a second would change the number of statements of a page; the tests of read-only mode ask always."""
    from accounts.kernel import read_only

    read_only.ASKED_EVERY = math.inf


@pytest.fixture(autouse=True)
def _no_identity_leaks() -> Iterator[None]:
    from tests.support import canary

    with canary.watch() as leaks:
        yield
    assert not leaks, "; ".join(leaks)


@pytest.fixture(autouse=True)
def _own_counters() -> None:
    """The tests of a fast machine sign in more often from one address than the limit allows: none inherits a count."""
    from accounts.kernel import limits

    cache.clear()
    limits._leases.clear()
    limits._cache_rests_until = 0.0


@pytest.fixture(autouse=True)
def _own_checkpoints() -> Iterator[None]:
    """Give each test a directory of its own for the checkpoints of its audit; it is made when one is written."""
    kept = settings.AUDIT_DIRECTORY
    settings.AUDIT_DIRECTORY = Path(kept) / str(next(_tests))
    yield
    settings.AUDIT_DIRECTORY = kept


class Clock:
    """The time of a test: it runs on, from the instant it is set to."""

    def __init__(self, traveller: Any) -> None:
        self._traveller = traveller

    @property
    def now(self) -> datetime:
        """The instant the project sees."""
        return our_clock.now()

    def move_to(self, instant: datetime) -> None:
        """Go to an aware instant."""
        self._traveller.move_to(instant)

    def forward(self, **step: float) -> None:
        """Go forward, by the arguments of `timedelta`."""
        self._traveller.shift(timedelta(**step))


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that can be moved and is never frozen."""
    with time_machine.travel(our_clock.now(), tick=True) as traveller:
        yield Clock(traveller)


@pytest.fixture
def shared() -> Path:
    """The reference material beside the clone; without it the test is skipped, or fails in CI."""
    if SHARED.is_dir():
        return SHARED
    if IN_CI:
        pytest.fail("CI needs ../shared beside the clone.")
    pytest.skip("../shared is not beside this clone.")


@pytest.fixture(scope="session")
def pg_url() -> Iterator[str]:
    """The URL of a real PostgreSQL: the one given by DATABASE_URL, or one of our own."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given
        return
    with servers.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def broker_url() -> Iterator[str]:
    """The URL of a real broker: the one given by BROKER_URL, or one of our own."""
    given = os.environ.get("BROKER_URL", "")
    if given:
        yield given
        return
    with servers.broker() as url:
        yield url
