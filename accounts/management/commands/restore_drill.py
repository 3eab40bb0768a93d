"""`manage.py restore_drill`: tries that we can come back, beside the service and without touching it."""

import json
from argparse import SUPPRESS, ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.kernel.errors import AuditUnavailable
from accounts.kernel.wall import Reason, seeing_everything
from accounts.safekeeping.archive import ArchiveRefused, identity_in
from accounts.safekeeping.backup import RestoreRefused
from accounts.safekeeping.databases import ProgramFailed
from accounts.safekeeping.drill import hold_drill, look, write_report
from accounts.safekeeping.traces import note


class Command(BaseCommand):
    """Restores a backup into a scratch installation, tries it, and signs what it found; exits 1 when something does not hold."""

    help = "Restores a backup, or one made now, into a scratch database and checks it. Prints how long it took."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take an archive and its private key."""
        parser.add_argument("file", type=Path, nargs="?", help="A backup; one is made now when it is left out")
        parser.add_argument("--identity", type=Path, default=None, help="File of a private key of age")
        parser.add_argument("--inside", action="store_true", help=SUPPRESS)

    def handle(self, *, file: Path | None, identity: Path | None, inside: bool, **_options: Any) -> None:
        """Hold the drill; `inside` is its second half, which runs in the scratch installation."""
        try:
            key = identity_in(identity or settings.BACKUP_IDENTITY_FILE) if file else None
            with seeing_everything(Reason.BACKUP):
                if inside and file and key:
                    self.stdout.write(json.dumps(look(file, key)))
                    return
                note("deployment.restore_drill", rule="begun", count=0)
                found = hold_drill(file, key)
        except (ArchiveRefused, RestoreRefused, ProgramFailed) as error:
            raise CommandError(str(error)) from error
        except AuditUnavailable as error:
            raise CommandError("The audit cannot be written: the drill was not begun.") from error
        path = write_report(found)
        for step, seconds in found.seconds.items():
            self.stdout.write(f"{step:8} {seconds:8.1f} s")
        self.stdout.write(
            f"{found.rows} rows, {sum(found.opened.values())} sampled values open. RTO {found.rto:.1f} s."
        )
        self.stdout.write(f"Report: {path}")
        if found.faults:
            raise CommandError("The drill does not hold.\n" + "\n".join(found.faults))
