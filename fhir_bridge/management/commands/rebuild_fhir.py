"""`manage.py rebuild_fhir [--check]`: make the FHIR store again from the domain, or tell where they differ."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.kernel.wall import Reason, seeing_everything
from fhir_bridge.projection.refresh import differences, refresh_all

SHOWN_AT_MOST = 100


class Command(BaseCommand):
    """Rebuilds or checks the projection; prints types and ids only, never content."""

    help = "Rebuild the FHIR projection from the domain; with --check, only compare and fail on a difference."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--check`."""
        parser.add_argument("--check", action="store_true", help="Write nothing; exit 1 when anything differs.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        with seeing_everything(Reason.REBUILD):
            self._check() if options["check"] else self._rebuild()

    def _rebuild(self) -> None:
        aggregates = changed = 0
        for _, count in refresh_all():
            aggregates += 1
            changed += count
        self.stdout.write(f"{aggregates} aggregates shown, {changed} resources stored.")

    def _check(self) -> None:
        different = 0
        for address in differences():
            different += 1
            if different <= SHOWN_AT_MOST:
                self.stdout.write(address)
        if different:
            raise CommandError(f"{different} resources differ from the domain.", returncode=1)
        self.stdout.write("The FHIR store says what the domain says.")
