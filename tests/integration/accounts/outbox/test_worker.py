"""The workers as processes of their own: they find due work, and end cleanly when asked."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from tests.support import migrated
from tests.support.servers import stop

ROOT = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.once
STOP_SECONDS = 15
WAIT_SECONDS = 60


def settings_of(home: Path) -> dict[str, str]:
    """Return the environment of processes on the embedded database of a directory."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "pathway.settings.dev",
        "DATABASE_URL": f"sqlite:///{home / 'db.sqlite3'}",
        "MASTER_KEY_FILE": str(home / "keys" / "master.key"),
        "SECRET_KEY_FILE": str(home / "keys" / "secret.key"),
        "BROKER_URL": "",
    }


def migrate(home: Path) -> None:
    """Bring the embedded database of a directory up to date, with keys of its own."""
    command = [sys.executable, "manage.py", "migrate", "--run-syncdb", "--verbosity", "0", "--skip-checks"]
    subprocess.run(command, cwd=ROOT, env=settings_of(home), check=True, capture_output=True)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A directory with an empty embedded database and its keys."""
    home = tmp_path_factory.mktemp("prepared")
    shutil.copy(migrated.sqlite_file(), home / "db.sqlite3")
    migrate(home)
    return home


@pytest.fixture
def environment(prepared, tmp_path) -> dict[str, str]:
    """The environment of processes on a new embedded database."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return settings_of(tmp_path)


@contextmanager
def process(*command: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield child
    finally:
        stop(child, by=signal.SIGTERM)
        assert child.stdout is not None
        child.stdout.close()


def rows(tmp_path: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(tmp_path / "db.sqlite3", timeout=20)) as database:
        found = database.execute(query, values).fetchall()
        database.commit()
        return found


def leave_work(tmp_path: Path) -> None:
    """Leave a piece of work whose consumer nobody knows: a try shows as its class of error."""
    event = uuid4().hex
    past = "2026-01-01 00:00:00"
    rows(
        tmp_path,
        "INSERT INTO accounts_storedevent (id, type, schema, aggregate_type, aggregate_id, aggregate_version, origin,"
        " correlation_id, at) VALUES (?, 'essai.fait', 1, 'essai', ?, 1, '', ?, ?)",
        event, uuid4().hex, uuid4().hex, past,
    )  # fmt: skip
    rows(
        tmp_path,
        "INSERT INTO accounts_work (event_id, consumer, state, tries, due_at, error_class)"
        " VALUES (?, 'personne', 'pending', 0, ?, '')",
        event, past,
    )  # fmt: skip


def was_tried(tmp_path: Path) -> bool:
    return rows(tmp_path, "SELECT error_class FROM accounts_work") == [("LookupError",)]


def wait_for(holds: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert child.poll() is None, "the worker has ended by itself"
        assert time.monotonic() < deadline, "the worker found nothing"
        time.sleep(0.1)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_the_embedded_worker_finds_work_and_ends_cleanly(environment, tmp_path, by):
    with process("manage.py", "runworker", environment=environment) as worker:
        wait_for(lambda: bool(rows(tmp_path, "SELECT name FROM accounts_jobrun")), worker)
        leave_work(tmp_path)
        wait_for(lambda: was_tried(tmp_path), worker)
        asked = time.monotonic()
        worker.send_signal(by)
        assert worker.wait(STOP_SECONDS + 1) == 0
        assert time.monotonic() - asked < STOP_SECONDS
        said = worker.stdout.read().decode()
        assert "The worker has stopped." in said
    assert not rows(tmp_path, "SELECT 1 FROM accounts_work WHERE lease_until IS NOT NULL")


@pytest.mark.broker
def test_celery_finds_what_a_lost_message_left(environment, tmp_path, broker_url):
    own_queue = f"{broker_url.rpartition('/')[0]}/7"  # the other tests ring the workers of the common one
    with redis.Redis.from_url(own_queue) as left_by_an_earlier_run:
        left_by_an_earlier_run.flushdb()
    environment = {**environment, "BROKER_URL": own_queue}
    celery = ("-m", "celery", "-A", "pathway.celery")
    quiet = ("--loglevel", "warning")
    leave_work(tmp_path)
    with (
        process(*celery, "worker", "--pool", "solo", *quiet, environment=environment) as worker,
        process(*celery, "beat", "--schedule", str(tmp_path / "beat"), *quiet, environment=environment) as beat,
    ):
        wait_for(lambda: was_tried(tmp_path), worker)
        assert beat.poll() is None
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(STOP_SECONDS) == 0
    assert rows(tmp_path, "SELECT name FROM accounts_jobrun")
