"""A fresh embedded installation on loopback: its own database, keys, files and processes, ended by process id."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 40


class Installation:
    """Where everything of one run lies, and how to talk to it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.database = folder / "db.sqlite3"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "pathway.settings.dev",
            "DATABASE_URL": f"sqlite:///{self.database}",
            "MASTER_KEY_FILE": str(folder / "keys" / "master.key"),
            "SECRET_KEY_FILE": str(folder / "keys" / "secret.key"),
            "MEDIA_ROOT": str(folder / "files"),
            "PORT": str(self.port),
            "BROKER_URL": "",
        }
        self._children: list[subprocess.Popen[bytes]] = []

    def manage(self, *arguments: str, fails: bool = False) -> str:
        """Run a management command and return what it printed; `fails` says that a non-zero exit is expected."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        if (done.returncode != 0) is not fails:
            raise AssertionError(
                f"manage.py {arguments[0]}: exit {done.returncode}\n{done.stdout[-1500:]}{done.stderr[-1500:]}"
            )
        return done.stdout

    def prepare(self) -> None:
        """Migrate, load the demo territory, collect what the pages look like."""
        self.manage("migrate", "--run-syncdb", "--verbosity", "0", "--skip-checks")
        self.manage("load_demo")
        self.manage("collectstatic", "--noinput", "--verbosity", "0")

    def accounts(self) -> dict[tuple[str, str], dict[str, str]]:
        """Return the demo logins by user name and organisation."""
        rows = json.loads(self.manage("demo_accounts"))
        return {(row["username"], row["organisation"]): row for row in rows}

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve and work until the block ends."""
        with (self.folder / "server.log").open("ab") as log:
            self._start(log, str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--host", "127.0.0.1",
                        "--port", str(self.port), "--workers", "1", "--blocking-threads", "4", "--no-ws", "pathway.wsgi:application")  # fmt: skip
            self._start(log, sys.executable, "manage.py", "runworker")
            try:
                self._wait_until_ready()
                yield
            finally:
                self._stop()

    def _start(self, log: Any, *command: str) -> None:
        self._children.append(
            subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if any(child.poll() is not None for child in self._children):
                break
            try:
                if httpx.get(f"{self.base}/health/ready", timeout=2).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"No answer: {(self.folder / 'server.log').read_text(errors='replace')[-2000:]}")

    def _stop(self) -> None:
        for child in self._children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in self._children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()
