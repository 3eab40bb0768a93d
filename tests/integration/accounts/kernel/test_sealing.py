"""Columns that were plain are sealed by a migration: on rows of the former schema, in batches, and back.

On the way it makes the present schema from nothing: what the databases of the tests, which are copies, must be.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.integration.accounts.kernel.former_columns import SCHEMA

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def database(request, tmp_path):
    """An empty database of the kind that this run is on."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'former.sqlite3'}"
        return
    url = request.getfixturevalue("pg_url")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS former")
        server.execute("CREATE DATABASE former TEMPLATE template0")
        yield url.rpartition("/")[0] + "/former"
        server.execute("DROP DATABASE former WITH (FORCE)")


@pytest.mark.thorough
@pytest.mark.django_db
def test_what_lay_in_clear_is_sealed_reads_as_before_and_comes_back(database, tmp_path):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "pathway.settings.dev",
        "DATABASE_URL": database,
        "MASTER_KEY_FILE": str(tmp_path / "master.key"),
        "SECRET_KEY_FILE": str(tmp_path / "secret.key"),
        "AUDIT_DIRECTORY": str(tmp_path / "audit"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.accounts.kernel.former_columns"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["before"]["sex"] == "female"
    assert told["after"] == told["before"] == told["back"]
    assert told["clear"] == []
    assert told["guarded"]
    if connection.vendor == "sqlite":
        assert told["schema"] == [list(row) for row in schema_of_the_tests()], "the databases of the tests are copies"


def schema_of_the_tests():
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        return cursor.fetchall()
