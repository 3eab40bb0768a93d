"""`manage.py restore FILE`: puts a backup in the place of this installation. Nothing may run meanwhile."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.kernel.errors import AuditUnavailable
from accounts.kernel.wall import Reason, seeing_everything
from accounts.safekeeping.archive import ArchiveRefused, identity_in
from accounts.safekeeping.backup import RestoreRefused, restore
from accounts.safekeeping.databases import ProgramFailed
from accounts.safekeeping.traces import note


class Command(BaseCommand):
    """Restores database and files; the audit then shows that it was rolled back, which is true."""

    help = "Restores a backup into an empty installation, with the master key that was in use when it was made."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, the private key, and whether to lose what is here."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--identity", type=Path, default=None, help="File of a private key of age")
        parser.add_argument("--replace", action="store_true", help="Lose what this installation holds")

    def handle(self, *, file: Path, identity: Path | None, replace: bool, **_options: Any) -> None:
        """Restore, or say why nothing was changed."""
        try:
            key = identity_in(identity or settings.BACKUP_IDENTITY_FILE)
            with seeing_everything(Reason.BACKUP):
                head = restore(file, key, replace=replace)
                note("deployment.restore", rule=head["made_at"], count=sum(head["rows"].values()))
        except (ArchiveRefused, RestoreRefused, ProgramFailed) as error:
            raise CommandError(str(error)) from error
        except AuditUnavailable as error:
            raise CommandError(
                "Restored, but the audit cannot be written: see to it before anybody comes in."
            ) from error
        self.stdout.write(f"Restored as of {head['made_at']}: {sum(head['rows'].values())} rows.")
