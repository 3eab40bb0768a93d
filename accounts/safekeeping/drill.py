"""The drill: a backup is restored beside the service, and everything that a restored service must hold is tried on it."""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from pyrage.x25519 import Identity

from accounts.documents.store import check_files
from accounts.kernel.clock import now
from accounts.kernel.crypto import Purpose
from accounts.kernel.keyring import public_keys, sign
from accounts.safekeeping.backup import backup, restore
from accounts.safekeeping.databases import rows_of_tables, with_scratch
from accounts.safekeeping.tables import sealed_tables

SAMPLE: Final = 100
CHECKS: Final = {"audit": ("audit_verify",), "fhir": ("rebuild_fhir", "--check")}


@dataclass
class Drill:
    """What a drill found: `seconds` by step, `faults` in words; `rto` is from an archive to data that read."""

    at: str
    seconds: dict[str, float] = field(default_factory=dict)
    rows: int = 0
    opened: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def rto(self) -> float:
        """How long it took to come back, in seconds."""
        return self.seconds.get("restore", 0.0)


def hold_drill(archive: Path | None, identity: Identity | None) -> Drill:
    """Restore an archive, or a fresh backup when there is none, into a scratch installation and try it."""
    found = Drill(at=now().isoformat())
    with tempfile.TemporaryDirectory(dir=Path(settings.MEDIA_ROOT).parent, prefix=".drill-") as name:
        folder = Path(name)
        if archive is None or identity is None:
            archive, identity = folder / "backup", Identity.generate()
            start = time.monotonic()
            backup(archive, [identity.to_public()])
            found.seconds["backup"] = time.monotonic() - start
        key = folder / "identity"
        key.touch(mode=0o600)
        key.write_text(str(identity))
        with_scratch(lambda url: _try(found, archive, key, _environment(folder, url)), folder)
    return found


def look(archive: Path, identity: Identity) -> dict[str, Any]:
    """Restore an archive here, in the scratch installation, and tell what can be read of it."""
    start = time.monotonic()
    head = restore(archive, identity)
    opened, faults = _sample()
    present = rows_of_tables()
    faults += [
        f"{name}: {rows} rows, not {head['rows'][name]}"
        for name, rows in present.items()
        if rows != head["rows"].get(name)
    ]
    return {"seconds": time.monotonic() - start, "rows": sum(present.values()), "opened": opened, "faults": faults}


def write_report(found: Drill) -> Path:
    """Keep what a drill found, signed by the ring of signatures; return where."""
    report = json.dumps(
        {**vars(found), "rto_seconds": round(found.rto, 2), "holds": not found.faults},
        ensure_ascii=False,
        sort_keys=True,
    )
    signature = sign(report.encode())
    number = int.from_bytes(signature[:2], "big")
    signed = {
        "report": report,
        "signature": base64.b64encode(signature).decode(),
        "public_key": base64.b64encode(public_keys()[number]).decode(),
    }
    directory = Path(settings.DRILL_DIRECTORY)
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"drill-{found.at[:19].replace(':', '')}.json"
    path.write_text(json.dumps(signed, indent=2) + "\n")
    return path


def _try(found: Drill, archive: Path, identity: Path, environment: dict[str, str]) -> None:
    done = _manage(environment, "restore_drill", str(archive), "--identity", str(identity), "--inside")
    if done.returncode:
        found.faults.append(f"restore: {_last_words(done)}")
        return
    told = json.loads(done.stdout)
    found.rows, found.opened = told["rows"], told["opened"]
    found.seconds["restore"] = told["seconds"]
    found.faults += told["faults"]
    for name, command in CHECKS.items():
        start = time.monotonic()
        done = _manage(environment, *command)
        found.seconds[name] = time.monotonic() - start
        if done.returncode:
            found.faults.append(f"{name}: {_last_words(done)}")


def _sample() -> tuple[dict[str, int], list[str]]:
    opened, faults = {}, []
    for purpose in (Purpose.FIELDS, Purpose.FILES):
        for table in sealed_tables(purpose):
            told = list(table.read(at_most=SAMPLE))
            opened[f"{purpose} of {table.name}"] = told.count("")
            faults += [f"does not open: {where}" for where in told if where]
    told = list(check_files(at_most=SAMPLE))
    opened["files"] = told.count("")
    return opened, faults + [f"does not open: {where}" for where in told if where]


def _environment(folder: Path, url: str) -> dict[str, str]:
    place = {"DATABASE_URL": url, "MEDIA_ROOT": str(folder / "files"), "AUDIT_DIRECTORY": str(folder / "audit")}
    return {**os.environ, **place, "AUDIT_WITNESSES": "", "BROKER_URL": ""}


def _manage(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(  # noqa: S603 (this program, arguments of our own)
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )


def _last_words(done: "subprocess.CompletedProcess[str]") -> str:
    return (done.stderr or done.stdout).strip()[-500:]
