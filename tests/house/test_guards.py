"""The guards that conftest installs do bite."""

import logging
import random
import socket
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.template import Context, Engine, Origin, Template
from pytest_socket import SocketConnectBlockedError

from tests.support import canary, servers, strict_templates

OURS = Path(__file__).resolve().parents[2] / "templates"


def our_template(source: str) -> Template:
    return Template(source, origin=Origin(str(OURS / "invented.html"), "invented.html"), engine=Engine.get_default())


def test_an_undefined_variable_of_ours_fails() -> None:
    with pytest.raises(strict_templates.UndefinedVariableError, match="forgotten"):
        our_template("Bonjour {{ forgotten }}").render(Context())


def test_a_defined_variable_is_shown() -> None:
    assert our_template("Bonjour {{ name }}").render(Context({"name": "Zoé"})) == "Bonjour Zoé"


def test_an_undefined_variable_of_a_library_is_empty() -> None:
    library = Template("[{{ forgotten }}]", origin=Origin("/elsewhere/x.html"), engine=Engine.get_default())
    assert library.render(Context()) == "[]"


@pytest.mark.django_db
def test_a_list_without_order_is_shuffled(monkeypatch: pytest.MonkeyPatch) -> None:
    Group.objects.bulk_create(Group(name=f"group {number:02}") for number in range(40))
    unordered = [[group.pk for group in Group.objects.all()] for _ in range(3)]
    ordered = [[group.pk for group in Group.objects.order_by("pk")] for _ in range(3)]
    assert any(keys != ordered[0] for keys in unordered)
    assert ordered[0] == ordered[1] == ordered[2]
    assert sorted(unordered[0]) == ordered[0]


def test_a_canary_in_a_cache_key_or_a_message_is_found() -> None:
    with canary.watch() as leaks:
        name = canary.mark(f"Zzcanari{random.randrange(10**6)}")
        cache.set(f"person-{name}", 1)
        logging.getLogger("accounts.invented").warning(f"opened {name}")  # noqa: G004 (the leak under test)
        logging.getLogger("accounts.invented").warning("opened %s", name)
    assert [leak.partition(" holds")[0] for leak in leaks] == ["a log line", "a cache key"]


@pytest.mark.parametrize("turn", ["first", "second"])
def test_no_test_inherits_what_another_cached(turn: str) -> None:
    assert cache.get("count") is None
    cache.set("count", turn)


def test_the_clock_moves(clock) -> None:
    before = clock.now
    clock.forward(hours=72)
    assert (clock.now - before).total_seconds() == pytest.approx(72 * 3600, abs=5)


def test_servers_of_our_own_start_and_stop() -> None:
    with servers.postgresql() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("pathway",)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)


def test_the_broker_of_our_own_answers(broker_url) -> None:
    import redis

    with redis.Redis.from_url(broker_url) as client:
        assert client.ping()


def test_no_test_reaches_beyond_this_machine() -> None:
    beyond = ("192.0.2.1", 80)  # an address that documents use and nobody has
    with pytest.raises((SocketConnectBlockedError, UserWarning), match="tried to use socket"):
        socket.create_connection(beyond, timeout=1)
