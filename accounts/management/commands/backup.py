"""`manage.py backup FILE`: one encrypted archive of everything but the master key, while people work."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.kernel.errors import AuditUnavailable
from accounts.kernel.keys import ensure_secret
from accounts.kernel.wall import Reason, seeing_everything
from accounts.safekeeping.archive import ArchiveRefused, identity_in, new_identity, recipients
from accounts.safekeeping.backup import backup
from accounts.safekeeping.databases import ProgramFailed
from accounts.safekeeping.traces import fingerprints, note

LEAST_RECIPIENTS = 2
"""In production: a lost key must not be the loss of every backup."""


class Command(BaseCommand):
    """Writes a backup for the recipients of the settings and those named here."""

    help = "Writes one encrypted archive: database, files, wrapped data keys. The master key is never in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and more recipients."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--recipient", action="append", default=[], metavar="age1…", help="One more public key")

    def handle(self, *, file: Path, recipient: list[str], **_options: Any) -> None:
        """Write, and say what is in it."""
        named = [*settings.BACKUP_RECIPIENTS, *recipient]
        if settings.ENVIRONMENT == "production" and len(set(named)) < LEAST_RECIPIENTS:
            raise CommandError("BACKUP_RECIPIENTS must name at least two public keys of age, kept by two persons.")
        try:
            if not named:
                ensure_secret(settings.BACKUP_IDENTITY_FILE, new_identity)
            to = recipients(named) if named else [identity_in(settings.BACKUP_IDENTITY_FILE).to_public()]
            with seeing_everything(Reason.BACKUP):
                note("deployment.backup", rule=fingerprints(map(str, to)), count=len(to))
                written = backup(file, to)
        except (ArchiveRefused, ProgramFailed) as error:
            raise CommandError(str(error)) from error
        except AuditUnavailable as error:
            raise CommandError("The audit cannot be written: nothing was copied.") from error
        rows = sum(written.rows.values())
        self.stdout.write(
            f"{file}: {written.bytes / 2**20:.1f} MiB, {rows} rows, {written.members} members, {len(to)} recipients."
        )
