"""The databases of the tests are copies of one that all the migrations made; it is kept until a migration changes.

`migrate` still runs over each copy: it finds nothing to apply, and sees to keys, guards and walls.
"""

import fcntl
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "migrated"
SOURCES = ("*/migrations/*.py", "*/*/models.py", "*/*/states.py", "accounts/kernel/*.py", "requirements/test.txt")
"""What decides on the schema: the migrations, what they import, and the versions of the libraries."""
FROM_NOTHING = """
import gc
gc.disable()  # each migration makes hundreds of classes, and the collector would look at all of them again and again
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "migrate", "--run-syncdb", "--verbosity", "0", "--skip-checks"])
"""
BUILDERS = 7_052_026
"""PostgreSQL's lock for who makes the database to copy."""


def state() -> str:
    """Return a name for what the sources hold now, byte by byte."""
    digest = sha256()
    for path in sorted({path for pattern in SOURCES for path in ROOT.glob(pattern)}):
        digest.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def putting_back(empty: Callable[..., None]) -> Callable[..., None]:
    """Let what empties the tables after a test put back what the migrations wrote: the next test may read it."""
    from accounts.retention.models import RetentionRule

    written = list(RetentionRule.objects.all())

    @wraps(empty)
    def emptied(*arguments: Any) -> None:
        empty(*arguments)
        RetentionRule.objects.bulk_create(written)

    return emptied


def done_unguarded(empty: Callable[..., None]) -> Callable[..., None]:
    """Return what empties the tables of SQLite, append-only ones too: it has no TRUNCATE that passes their triggers.

    They come back with the signal that follows a migration, which emptying sends as well.
    """
    from django.db import connection

    @wraps(empty)
    def emptied(*arguments: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB '*_no_delete'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        empty(*arguments)

    return emptied


def sqlite_file() -> Path:
    """Return a migrated SQLite database, made now unless an earlier run made it: no key is in it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = KEPT / f"{state()}.sqlite3"
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            for former in KEPT.glob("*.sqlite3*"):
                former.unlink()
            made = kept.with_suffix(".sqlite3-made")
            _migrate(f"sqlite:///{made}")
            with closing(sqlite3.connect(made)) as database, database:
                database.execute("DELETE FROM accounts_datakey")
            made.rename(kept)
    return kept


def postgresql_template(url: str) -> str:
    """Return the name of a migrated database of the server at `url`, made now unless an earlier run made it."""
    name = f"migrated_{state()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [BUILDERS])
        kept = {row[0] for row in server.execute("SELECT datname FROM pg_database WHERE datname LIKE 'migrated\\_%'")}
        if name not in kept:
            for former in kept:
                server.execute(f'DROP DATABASE "{former}"')
            server.execute("CREATE DATABASE migrated_made")
            made = f"{url.rpartition('/')[0]}/migrated_made"
            _migrate(made)
            with psycopg.connect(made) as database:
                database.execute("DELETE FROM accounts_datakey")
            server.execute(f'ALTER DATABASE migrated_made RENAME TO "{name}"')
    return name


def _migrate(url: str) -> None:
    with tempfile.TemporaryDirectory(prefix="ppa-migrated-") as directory:
        settings = {"DJANGO_SETTINGS_MODULE": "pathway.settings.test", "DATABASE_URL": url, "TMPDIR": directory}
        subprocess.run([sys.executable, "-c", FROM_NOTHING], cwd=ROOT, env={**os.environ, **settings}, check=True)


@contextmanager
def copied(connection: Any) -> Iterator[None]:
    """Have the test database of a connection of Django's made as a copy of a migrated one."""
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = postgresql_template(os.environ["DATABASE_URL"])
        yield
        return
    in_memory = connection.creation._get_test_db_name()
    with (
        closing(sqlite3.connect(sqlite_file())) as kept,
        closing(sqlite3.connect(in_memory, uri=True)) as keeper,
    ):
        kept.backup(keeper)
        yield


if __name__ == "__main__":
    postgresql_template(os.environ["DATABASE_URL"])
