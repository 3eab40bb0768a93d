"""Copying a whole database and putting it back: SQLite by its own online copy, PostgreSQL by pg_dump and pg_restore."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from accounts.kernel.wall import seeing_nothing

COUNTED_APPS: Final = frozenset({"accounts", "ppa", "pathway", "fhir_bridge"})
MADE_BY_MIGRATIONS: Final = frozenset({"accounts.DataKey", "accounts.KeyRotation"})
SEES_EVERYTHING: Final = "-c app.sees=everything"
"""A dump reads every row: row-level security binds the owner of the tables too."""


class ProgramFailed(Exception):
    """pg_dump or pg_restore is missing or ended badly; its own words, which name tables but no value."""


def copy(to: Path) -> dict[str, int]:
    """Copy the whole database into a file, as of one instant; return how many rows each of our tables has in it."""
    if connection.vendor == "sqlite":
        if connection.in_atomic_block:
            raise RuntimeError("A copy of SQLite waits for ever inside a transaction that writes.")
        connection.ensure_connection()
        with closing(sqlite3.connect(to)) as target:
            connection.connection.backup(target)
            return {name: _count(target, table) for name, table in _tables().items()}
    with seeing_nothing(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL app.sees = 'everything'")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        whole = ["--format=custom", "--no-owner", "--no-acl", "--enable-row-security", f"--snapshot={snapshot}"]
        _run("pg_dump", *whole, f"--file={to}")
        return rows_of_tables()


def load(copied: Path) -> None:
    """Put a copied database in the place of the present one, which goes."""
    if connection.vendor == "sqlite":
        place = Path(str(connection.settings_dict["NAME"]))
        connection.close()
        place.parent.mkdir(parents=True, exist_ok=True)
        for rest in (f"{place}-wal", f"{place}-shm"):
            Path(rest).unlink(missing_ok=True)
        shutil.move(copied, place)
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    connection.close()
    whole = ["--no-owner", "--no-acl", "--exit-on-error", "--single-transaction"]
    _run("pg_restore", *whole, f"--dbname={connection.settings_dict['NAME']}", str(copied))


def rows_of_tables() -> dict[str, int]:
    """Return how many rows each of our tables has."""
    return {name: apps.get_model(name)._default_manager.count() for name in _tables()}


def is_empty() -> bool:
    """Tell whether nothing was ever written here but what migrations write."""
    existing = set(connection.introspection.table_names())
    return not any(
        apps.get_model(name)._default_manager.exists()
        for name, table in _tables().items()
        if table in existing and name not in MADE_BY_MIGRATIONS
    )


def with_scratch(use: Callable[[str], Any], folder: Path) -> Any:
    """Call `use` with the URL of an empty database of its own, which goes afterwards."""
    if connection.vendor == "sqlite":
        return use(f"sqlite:///{folder / 'scratch.sqlite3'}")
    name = f"scratch_{os.urandom(6).hex()}"
    given = connection.get_connection_params()
    with (
        seeing_nothing(),
        connection.cursor() as cursor,
    ):  # above the wall every statement gets a transaction, which this one refuses
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        secret = f":{given['password']}" if given.get("password") else ""
        port = f":{given['port']}" if given.get("port") else ""
        return use(f"postgresql://{given['user']}{secret}@{given.get('host', '')}{port}/{name}")
    finally:
        with seeing_nothing(), connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _tables() -> dict[str, str]:
    return {
        model._meta.label: model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in COUNTED_APPS and model._meta.managed
    }


def _count(database: sqlite3.Connection, table: str) -> int:
    [count] = database.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608 (names of our own tables)
    return int(count)


def _run(program: str, *arguments: str) -> None:
    found = shutil.which(program, path=settings.POSTGRESQL_PROGRAMS or None)
    if found is None:
        raise ProgramFailed(f"{program} is not there: install PostgreSQL’s client, or set POSTGRESQL_PROGRAMS.")
    given = connection.get_connection_params()
    names = {"dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD", "host": "PGHOST", "port": "PGPORT"}
    access = {variable: str(given[name]) for name, variable in names.items() if given.get(name)}
    environment = {**os.environ, **access, "PGOPTIONS": SEES_EVERYTHING}
    ended = subprocess.run(  # noqa: S603 (a program of the system, arguments of our own)
        [found, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise ProgramFailed(f"{program}: {ended.stderr.strip()[-500:]}")
