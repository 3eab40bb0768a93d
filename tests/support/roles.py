"""The two roles of a PostgreSQL: its owner migrates, the role of the application owns nothing and passes no wall."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connection

ROLES = Path(__file__).resolve().parents[2] / "deploy" / "roles.sql"
APPLICATION = "pathway_app"


def make_application_role() -> None:
    """Run the project's own file of roles in the present database, as its owner; the password is the owner's."""
    password = str(connection.settings_dict["PASSWORD"])
    with connection.cursor() as cursor:
        cursor.execute(ROLES.read_text())
        if password:
            cursor.execute(f"ALTER ROLE {APPLICATION} PASSWORD '{password.replace(chr(39), chr(39) * 2)}'")


def application_url(owner_url: str) -> str:
    """Return the URL by which the application reaches the database that an owner reaches by another."""
    parts = urlsplit(owner_url)
    secret = f":{parts.password}" if parts.password else ""
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=f"{APPLICATION}{secret}@{parts.hostname}{port}"))


def make_owners_hand() -> None:
    """Give the tests a function by which they do what only an owner may, in the transaction where they stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION as_owner(statement text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER"
            " AS $$ BEGIN EXECUTE statement; END $$"
        )


def as_owner(statement: str, *values: object) -> None:
    """Run one statement as the owner of the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            whole = psycopg.ClientCursor(connection.connection).mogrify(statement, values) if values else statement
            cursor.execute("SELECT as_owner(%s)", [whole])
        else:
            cursor.execute(statement, list[Any](values))


@contextmanager
def connected_as(user: str) -> Iterator[None]:
    """Reach the present database as another role; what was open is closed on both sides."""
    before = connection.settings_dict["USER"]
    _go_on_as(user)
    try:
        yield
    finally:
        _go_on_as(before)


def done_by_owner(work: Callable[..., None]) -> Callable[..., None]:
    """Return some work done by the present role: what only an owner may do, such as emptying tables between tests."""
    owner = connection.settings_dict["USER"]

    def done(*arguments: object) -> None:
        with connected_as(owner):
            work(*arguments)

    return done


def _go_on_as(user: str) -> None:
    connection.close()
    connection.settings_dict["USER"] = user
