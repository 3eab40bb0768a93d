"""An installation of its own for measures and fault tests: database, keys, files, web server and worker, on loopback only."""

import ctypes
import io
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support import servers

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
STOP_SECONDS = 20
SET_PARENT_DEATH_SIGNAL = 1
HOSPITAL = "992100099"
"""A hospital of the demo territory, in Dijon."""


@dataclass
class Child:
    """A process of ours, leader of its own group: what it starts ends with it."""

    process: subprocess.Popen[bytes]

    @property
    def pids(self) -> list[int]:
        """The process and those it started, that still run."""
        own = self.process.pid
        return [own, *_children_of(own)] if self.process.poll() is None else []

    @property
    def cpu_ms(self) -> float:
        """The processor time that these processes have used so far, in milliseconds."""
        ticks = sum(_ticks_of(pid) for pid in self.pids)
        return 1000 * ticks / os.sysconf("SC_CLK_TCK")

    @property
    def memory_mib(self) -> float:
        """The memory that these processes hold now, in MiB."""
        return sum(_resident_of(pid) for pid in self.pids) / 2**20

    def kill(self) -> None:
        """End it and all it started at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and end it by force when it does not in time."""
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        self.kill()


@dataclass
class Installation:
    """One installation with development settings in a directory of its own; Django of this process looks at it too."""

    directory: Path
    database_url: str
    port: int = field(default_factory=servers.free_port)

    @property
    def base(self) -> str:
        """The address of its web server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What its processes read."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "pathway.settings.dev",
            "DATABASE_URL": self.database_url,
            "MASTER_KEY_FILE": str(self.directory / "keys" / "master.key"),
            "SECRET_KEY_FILE": str(self.directory / "keys" / "secret.key"),
            "MEDIA_ROOT": str(self.directory / "files"),
            "PORT": str(self.port),
            "BROKER_URL": "",
        }

    def prepare(self) -> None:
        """Set Django up in this process, make the database, load the demo territory and gather the static files."""
        os.environ.update(self.environment)
        import django

        django.setup()
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self.manage("migrate", run_syncdb=True, interactive=False, skip_checks=True)
        self.manage("load_demo")
        self.manage("collectstatic", interactive=False)

    def manage(self, name: str, *arguments: str, **options: Any) -> str:
        """Run a management command in this process and return what it printed."""
        from django.core.management import call_command

        output = io.StringIO()
        call_command(name, *arguments, stdout=output, verbosity=options.pop("verbosity", 0), **options)
        return output.getvalue()

    def token(self, *scopes: str, organisation: str = HOSPITAL) -> str:
        """Register a system of an organisation, with fresh keys, and return a bearer token for it."""
        from joserfc.jwk import ECKey

        jwks = self.directory / "jwks.json"
        key = ECKey.generate_key("P-384", {"kid": "cle"})
        jwks.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
        client_id = self.manage(
            "create_fhir_client",
            "Logiciel d’essai (fictif)",
            organisation=organisation,
            scopes=" ".join(scopes),
            jwks=jwks,
        ).strip()
        return self.manage("issue_token", client_id, minutes=120).strip().splitlines()[-1]

    def accounts(self) -> list[dict[str, str]]:
        """Return the demo logins."""
        return list(json.loads(self.manage("demo_accounts")))

    def start_web(self, *, workers: int = 1, threads: int = 4, application: str = "pathway.wsgi:application") -> Child:
        """Start the web server; it may not answer yet."""
        size = ("--workers", str(workers), "--blocking-threads", str(threads), "--backlog", "256")
        address = ("--host", "127.0.0.1", "--port", str(self.port))
        command = ("-m", "granian", "--interface", "wsgi", *address, *size, "--log-level", "critical", "--no-ws")
        return self._start("web", *command, application)

    def start_worker(self) -> Child:
        """Start the embedded worker."""
        return self._start("worker", "manage.py", "runworker")

    def wait_until_live(self, web: Child) -> float:
        """Return after how many seconds the server answered; raise `RuntimeError` when it does not."""
        start = time.monotonic()
        while time.monotonic() - start < READY_SECONDS:
            if web.process.poll() is not None:
                break
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.base}/health/live", timeout=2).is_success:
                    return time.monotonic() - start
            time.sleep(0.05)
        raise RuntimeError(f"The web server does not answer:\n{(self.directory / 'web.log').read_text()[-2000:]}")

    def _start(self, name: str, *arguments: str) -> Child:
        with (self.directory / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform.startswith("linux") else None,  # noqa: PLW1509 (only calls prctl)
            )
        return Child(process)


@contextmanager
def installation(*, on_postgresql: bool = False) -> Iterator[Installation]:
    """Give a fresh, prepared installation on SQLite, or on a durable PostgreSQL of our own; nothing of it stays."""
    directory = Path(tempfile.mkdtemp(prefix="ppa-installation-"))
    try:
        if not on_postgresql:
            made = Installation(directory, f"sqlite:///{directory / 'db.sqlite3'}")
            made.prepare()
            yield made
            return
        with servers.postgresql(durable=True) as url:
            made = Installation(directory, url)
            made.prepare()
            yield made
            _close_connections()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    _libc.prctl(SET_PARENT_DEATH_SIGNAL, int(signal.SIGTERM))


def _children_of(pid: int) -> list[int]:
    found = []
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(one) for one in listing.read_text().split()]
    return [*found, *(below for child in found for below in _children_of(child))]


def _ticks_of(pid: int) -> int:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return 0


def _resident_of(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
