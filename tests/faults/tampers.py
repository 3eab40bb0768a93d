"""`make faults`: a superuser tampers with the audit in each way of `tests.support.tampers`; every one must be found.

Then a long audit is verified, and its speed is told. On a database of its own, rolled back after each attempt.
"""

import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from rich.console import Console  # noqa: E402 (the tree is found just above)
from rich.table import Table  # noqa: E402

from tests.support.pace import IN_CI, SLACK  # noqa: E402 (as above)

ROWS = 10_000 if IN_CI else 60_000
BATCH = 500
WANTED_SPEED = 50_000 // SLACK
"""Rows a second of processor time: the machine may have other work."""


def prepare(folder: Path) -> None:
    """Set Django up on an empty database of its own."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="pathway.settings.test", DATABASE_URL=f"sqlite:///{folder / 'audit.sqlite3'}"
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", run_syncdb=True, interactive=False, skip_checks=True, verbosity=0)


def attempts(folder: Path) -> dict[str, str]:
    """Return, for each attempt, what the verification said of it; empty when it was not found."""
    from django.conf import settings
    from django.db import transaction

    from accounts.audit.verification import verify
    from tests.support.tampers import TAMPERS, scene, without_guards

    said: dict[str, str] = {}
    for number, tamper in enumerate(TAMPERS):
        settings.AUDIT_DIRECTORY = folder / str(number)
        with transaction.atomic():
            at = scene()
            if verify().faults:
                raise RuntimeError("The audit does not hold before it is touched.")
            with without_guards():
                tamper.do(at)
            found = [
                fault
                for fault in verify().faults
                if tamper.said in fault.what
                and (not tamper.row or (fault.chain, fault.number) == (at.chain, tamper.row))
            ]
            said[tamper.name] = f"row {found[0].number}: {found[0].what}" if found else ""
            transaction.set_rollback(True)
    return said


def speed(folder: Path) -> tuple[int, float]:
    """Return how many rows were verified, and how many in a second of processor time."""
    from django.conf import settings

    from accounts.audit.checkpoints import sign_due, tell_witnesses
    from accounts.audit.journal import write_alone
    from accounts.audit.records import AuditEntry
    from accounts.audit.verification import verify
    from accounts.kernel.actor import Actor, Channel, Role

    settings.AUDIT_DIRECTORY = folder / "speed"
    actors = [Actor(role=Role.NURSE, channel=Channel.WEB, id=uuid4(), organisation_id=uuid4()) for _ in range(4)]
    for batch in range(ROWS // BATCH):
        entry = AuditEntry(
            actor=actors[batch % 4], action="patient_identity.read", object_type="person", person_id=uuid4(),
            rule="CIRCLE+NOOPP",
        )  # fmt: skip
        write_alone([entry] * BATCH)
    sign_due()
    tell_witnesses()
    begun = time.process_time()
    found = verify()
    if found.faults:
        raise RuntimeError("A long audit does not hold.")
    return found.rows, found.rows / (time.process_time() - begun)


def main() -> int:
    """Run, print a table, keep the figures; return 1 when an attempt was not found or the verification is slow."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        said = attempts(folder)
        rows, each_second = speed(folder)
    found = sum(map(bool, said.values()))
    figures = {"attempts": len(said), "found": found, "rows": rows, "rows a second": round(each_second), "said": said}
    report = ROOT / "var" / "faults" / "tampers.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    table = Table("attempt", "found as", title=f"The audit, tampered with by a superuser: {found} of {len(said)} found")
    for attempt, words in said.items():
        table.add_row(attempt, words or "NOT FOUND")
    Console(width=120).print(table)
    print(f"{rows} rows verified, {each_second:,.0f} rows a second of processor time (wanted: {WANTED_SPEED:,})")
    return 0 if found == len(said) and each_second >= WANTED_SPEED else 1


if __name__ == "__main__":
    sys.exit(main())
