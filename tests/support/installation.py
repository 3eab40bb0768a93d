"""An installation of its own: database, keys, files, web server and worker in one folder, on loopback only."""

import json
import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import django
import httpx
from django.core.management import call_command
from django.db import connection, connections
from joserfc.jwk import ECKey

from accounts.kernel.wall import Reason, seeing_everything
from tests.support import servers
from tests.support.roles import application_url, make_application_role

ROOT = Path(__file__).resolve().parents[2]
BYTECODE = ROOT / "var" / "bytecode"
COMMAND_SECONDS = 300
THREADS = 4
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
        servers.stop(self.process, by=signal.SIGTERM)
        self.kill()


class Installation:
    """One installation with development settings, on the SQLite of its folder unless another database is given."""

    def __init__(self, folder: Path, *, database_url: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.database = folder / "db.sqlite3"
        self.port = servers.free_port()
        self.owner_url = database_url
        self.base = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "pathway.settings.dev",
            "DATABASE_URL": database_url or f"sqlite:///{self.database}",
            "MASTER_KEY_FILE": str(folder / "keys" / "master.key"),
            "SECRET_KEY_FILE": str(folder / "keys" / "secret.key"),
            "MEDIA_ROOT": str(folder / "files"),
            "AUDIT_DIRECTORY": str(folder / "audit"),
            "RESERVE_DIR": str(folder / "reserve"),
            "PORT": str(self.port),
            "BROKER_URL": "",
            "EMAIL_URL": f"filemail:///{folder / 'mails'}",
            "TOKEN_REQUESTS_PER_MINUTE": "1000000",
            "SEARCHES_PER_MINUTE": "1000000",
            "EXPORTS_PER_HOUR": "1000000",
            "UPLOADS_PER_MINUTE": "1000000",
            "FHIR_REQUESTS_PER_MINUTE": "1000000",  # measures and faults send more than one system may
            "PYTHONDONTWRITEBYTECODE": "",  # compiling everything again would double the start of each process
            "PYTHONPYCACHEPREFIX": str(BYTECODE),
        }

    def prepare(self) -> None:
        """Make the database, load the demo territory and gather the static files, in one process.

        On PostgreSQL its owner does so, and everything after is done as the role of the application.
        """
        self.run("-m", __name__)
        if self.owner_url:
            self.environment["DATABASE_URL"] = application_url(self.environment["DATABASE_URL"])

    def copy_to(self, other: "Installation") -> None:
        """Give another installation, on SQLite as well, what this one holds now, served or not."""
        for name in ("keys", "files"):
            if (self.folder / name).is_dir():
                shutil.copytree(self.folder / name, other.folder / name)
        with closing(sqlite3.connect(self.database)) as here, closing(sqlite3.connect(other.database)) as there:
            here.backup(there)

    def manage(self, *arguments: str, fails: bool = False) -> str:
        """Run a management command and return what it printed; `fails` says that a non-zero exit is expected.

        Raises `RuntimeError` at the other exit.
        """
        return self.run("manage.py", *arguments, fails=fails)

    def accounts(self) -> dict[tuple[str, str], dict[str, str]]:
        """Return the demo logins by user name and organisation."""
        return {(row["username"], row["organisation"]): row for row in json.loads(self.manage("demo_accounts"))}

    def register(self, name: str, *, organisation: str, scopes: str, keys: Path) -> str:
        """Register a system of an organisation (its FINESS) by the file of its public keys; return its client_id."""
        return self.manage(
            "create_fhir_client", name, "--organisation", organisation, "--scopes", scopes, "--jwks", str(keys)
        ).strip()

    def token(self, scopes: str) -> str:
        """Return a bearer token, good for two hours, of a new system of the hospital."""
        keys = self.folder / "jwks.json"
        key = ECKey.generate_key("P-384", {"kid": "cle"})
        keys.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
        client_id = self.register("Logiciel d’essai (fictif)", organisation=HOSPITAL, scopes=scopes, keys=keys)
        return self.manage("issue_token", client_id, "--minutes", "120").strip()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve and work until the block ends; raise `RuntimeError` when one of both did not last so long."""
        children = {"web": self.start_web(), "worker": self.start_worker()}
        try:
            self.wait_until_ready(children["web"])
            yield
            ended = [name for name, child in children.items() if not child.pids]
            if ended:
                raise RuntimeError(f"Ended too early: {ended}; see {self.folder}")
        finally:
            for child in children.values():
                child.stop()

    def start_web(self, application: str = "pathway.wsgi:application") -> Child:
        """Start the web server, one process with `THREADS` threads; it may not answer yet."""
        address = ("--host", "127.0.0.1", "--port", str(self.port), "--backlog", "256")
        size = ("--workers", "1", "--blocking-threads", str(THREADS))
        return self._start("web", "-m", "granian", "--interface", "wsgi", "--no-ws", *address, *size, application)

    def start_worker(self) -> Child:
        """Start the embedded worker."""
        return self._start("worker", "manage.py", "runworker")

    def wait_until_ready(self, web: Child) -> float:
        """Return after how many seconds the server was ready; raise `RuntimeError` when it never is."""
        start = time.monotonic()
        servers.wait_until(self._is_ready, server=web.process, name="The web server", log=self.folder / "web.log")
        return time.monotonic() - start

    def _is_ready(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.base}/health/ready", timeout=2).is_success
        return False

    def _start(self, name: str, *arguments: str) -> Child:
        log = self.folder / f"{name}.log"
        return Child(servers.start(sys.executable, *arguments, log=log, cwd=ROOT, env=self.environment))

    def run(self, *arguments: str, fails: bool = False) -> str:
        """Run Python with these arguments in this installation and return what it printed; else as `manage`."""
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if (done.returncode != 0) is not fails:
            raise RuntimeError(f"{arguments}: exit {done.returncode}\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
        return done.stdout


@contextmanager
def installation(*, on_postgresql: bool = False, **environment: str) -> Iterator[Installation]:
    """Give a fresh, prepared installation on SQLite, or on a durable PostgreSQL of our own; nothing of it stays.

    Django of this process looks at it too, at every row. `environment` is added to that of its processes.
    """
    database = servers.postgresql(durable=True) if on_postgresql else nullcontext("")
    with tempfile.TemporaryDirectory(prefix="ppa-installation-", ignore_cleanup_errors=True) as folder, database as url:
        site = Installation(Path(folder), database_url=url)
        site.environment |= environment
        site.prepare()
        os.environ.update(site.environment)
        django.setup()
        logging.getLogger("httpx").setLevel(logging.WARNING)
        with seeing_everything(Reason.VOLUME):
            yield site
        connections.close_all()


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


def _prepare() -> None:
    django.setup()
    call_command("migrate", run_syncdb=True, interactive=False, skip_checks=True, verbosity=0)
    if connection.vendor == "postgresql":
        make_application_role()
    call_command("load_demo")
    call_command("collectstatic", interactive=False, verbosity=0)


if __name__ == "__main__":
    _prepare()
