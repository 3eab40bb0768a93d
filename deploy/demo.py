"""Start the demonstration: prepare the embedded database, then serve it beside its worker until Ctrl-C.

Run by `make demo`. Both children end with this process, however it ends.
"""

import contextlib
import ctypes
import hashlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pathway.settings.dev")

HOST = "127.0.0.1"
PORT = int(os.environ.get("PORT") or 8000)
READY_SECONDS = 60
STOP_SECONDS = 10
SET_PARENT_DEATH_SIGNAL = 1
COLUMNS = {
    "username": "identifiant",
    "password": "mot de passe",
    "totp_secret": "clé du code à usage unique",
    "role": "rôle",
    "name": "personne",
    "organisation": "établissement",
}
FIRST_ACCOUNTS = (
    "gestionnaire1.dijon", "medecin.dijon", "infirmier.dijon", "cadre.dijon", "medecin.had.dijon", "social.dijon",
    "regulateur.dijon", "confidentialite.dijon", "admin.technique", "benevole.nevers",
)  # fmt: skip
"""Who is printed: one territory is enough for a first walk; the volunteers come from the next one."""
INVENTED_PEOPLE = 18
WHERE = "21"
"""The département of the accounts that are printed, so that their desks open on something."""
STAMP = ROOT / "var" / "demo.stamp"
PREPARED = ("*/migrations/*.py", "pathway/structures/data/*", "pathway/static/**/*", "accounts/authentication/demo.py")

stopping = threading.Event()


def main() -> int:
    """Prepare, serve and wait; return the exit code."""
    for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(wanted, ask_to_stop)
    if port_is_taken():
        print(f"Le port {PORT} est déjà pris. Choisissez-en un autre : make demo PORT={PORT + 1}", file=sys.stderr)
        return 1
    prepare()
    if stopping.is_set():
        return 0
    children = {"serveur": start(*web_command())}
    try:
        return serve(children)
    finally:
        stop(list(children.values()))


def port_is_taken() -> bool:
    """Say whether somebody already answers at our address."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, PORT)) == 0


def prepare() -> None:
    """Bring database, demo territory and static files up to date, unless nothing changed since the last start."""
    fingerprint = fingerprint_of_what_is_prepared()
    if STAMP.is_file() and STAMP.read_text() == fingerprint and embedded_database_exists():
        return
    import django
    from django.core.management import call_command

    print("Préparation de la base et du territoire de démonstration…", flush=True)
    django.setup()
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    call_command("load_demo", verbosity=0)
    fill_once()
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    STAMP.write_text(fingerprint)


def embedded_database_exists() -> bool:
    """Say whether the data of the last start are still there; a database elsewhere is always looked at again."""
    return "DATABASE_URL" not in os.environ and (ROOT / "var" / "db.sqlite3").is_file()


def demo_accounts() -> list[dict[str, str]]:
    """Return the demo accounts."""
    import django
    from django.core.management import call_command

    django.setup()
    output = io.StringIO()
    call_command("demo_accounts", stdout=output)
    return list(json.loads(output.getvalue()))


def fill_once() -> None:
    """Write a few invented people in an empty database, so that no desk opens on nothing."""
    from django.core.management import call_command

    from accounts.kernel.wall import Reason, seeing_everything
    from accounts.people.models import Person

    with seeing_everything(Reason.VOLUME):
        is_empty = not Person.objects.exists()
    if is_empty:
        call_command("seed_volume", patients=INVENTED_PEOPLE, departement=WHERE, verbosity=0, stdout=io.StringIO())


def fingerprint_of_what_is_prepared() -> str:
    """Return what changes when the packages, the tables, the demo territory or the look change."""
    digest = hashlib.sha256((ROOT / "requirements" / "run.txt").read_bytes())
    parts = [path for pattern in PREPARED for path in ROOT.glob(pattern) if path.is_file()]
    for path in sorted(parts):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def web_command() -> tuple[str, ...]:
    """Return the command of the web server."""
    limits = ("--workers", "1", "--blocking-threads", "4", "--backlog", "256")
    quiet = ("--log-level", "warning", "--no-ws")
    return (
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        HOST,
        "--port",
        str(PORT),
        *limits,
        *quiet,
        "pathway.wsgi:application",
    )


def start(*command: str) -> subprocess.Popen[bytes]:
    """Start a child in a group of its own, so that Ctrl-C reaches it through us only."""
    bind = die_with_parent if sys.platform.startswith("linux") else None
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=bind)  # noqa: PLW1509 (no thread yet)


def die_with_parent() -> None:
    """Ask the kernel to end this child when its parent is gone."""
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, int(signal.SIGTERM))


def serve(children: dict[str, subprocess.Popen[bytes]]) -> int:
    """Once the address answers, start the worker and announce it, then wait for the end."""
    announced, deadline = False, time.monotonic() + READY_SECONDS
    while not stopping.wait(0.1):
        for name, child in children.items():
            if child.poll() is not None:
                print(f"Le {name} s’est arrêté (code {child.returncode}).", file=sys.stderr)
                return 1
        if make_was_ended():
            break
        if not announced and is_ready():
            children["suivi"] = start(sys.executable, "manage.py", "runworker")
            announce(demo_accounts())
            announced = True
        if not announced and time.monotonic() > deadline:
            print("Le serveur ne répond pas : voyez les messages ci-dessus.", file=sys.stderr)
            return 1
    print("\nArrêt… à bientôt.", flush=True)
    return 0


def is_ready() -> bool:
    """Say whether the server is ready for people."""
    with (
        contextlib.suppress(urllib.error.URLError, OSError),
        urllib.request.urlopen(f"http://{HOST}:{PORT}/health/ready", timeout=2) as answer,
    ):
        return bool(answer.status == 200)  # noqa: PLR2004 (HTTP)
    return False


def announce(accounts: list[dict[str, str]]) -> None:
    """Print who may sign in, then the address: the last thing read is the first thing needed."""
    shown = [row for row in one_line_each(accounts) if row["username"] in FIRST_ACCOUNTS]
    print("\n" + "\n".join(table(sorted(shown, key=lambda row: FIRST_ACCOUNTS.index(row["username"])))))
    print("\nToutes les autres personnes : .venv/bin/python manage.py demo_accounts")
    print("Un code à usage unique, sans application : .venv/bin/python manage.py demo_code gestionnaire1.dijon")
    print(f"\nL’application est prête : http://{HOST}:{PORT}/")
    print("Ctrl-C arrête tout ; les données restent pour la prochaine fois.", flush=True)


def one_line_each(accounts: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return one row an account, its organisations together."""
    rows: dict[str, dict[str, str]] = {}
    for account in accounts:
        row = rows.setdefault(account["username"], {**account, "organisation": ""})
        row["organisation"] = " + ".join(filter(None, (row["organisation"], account["organisation"])))
    return list(rows.values())


def table(rows: list[dict[str, str]]) -> Iterator[str]:
    """Yield the lines of a plain table, with French headings."""
    widths = {key: max(len(heading), *(len(row[key]) for row in rows)) for key, heading in COLUMNS.items()}
    for row in (COLUMNS, *rows):
        yield "  ".join(row[key].ljust(width) for key, width in widths.items()).rstrip()


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """End the children, by force those that do not obey in time."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
    """Remember that somebody asked for the end."""
    stopping.set()


def make_was_ended() -> bool:
    """Say whether the `make` above us was interrupted alone.

    GNU make passes a SIGTERM on but keeps a SIGINT for itself, and waits for us: the only trace is that it no longer
    catches the signal.
    """
    return PARENT_IS_MAKE and (os.getppid() != PARENT or not catches_interrupts(PARENT))


def catches_interrupts(pid: int) -> bool:
    """Say whether a process is a `make` with a handler for SIGINT (False where /proc does not tell)."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        caught = next(line.split()[1] for line in lines if line.startswith("SigCgt"))
        return lines[0].split()[1] == "make" and bool(int(caught, 16) & 1 << (signal.SIGINT - 1))
    return False


PARENT = os.getppid()
PARENT_IS_MAKE = catches_interrupts(PARENT)

if __name__ == "__main__":
    sys.exit(main())
