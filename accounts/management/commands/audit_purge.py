"""`manage.py audit_purge`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.audit.retention import AuditDoesNotHold, erasable, erase, rows_of


class Command(BaseCommand):
    """Shows the rows of the access log whose time is over; with --execute, replaces them by their signed digest."""

    help = "Previews, or with --execute does, the erasure of rows older than AUDIT_RETENTION months."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to do it."""
        parser.add_argument("--execute", action="store_true", help="erase; without it, only say what would be")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a chain: its rows, their dates, their digest."""
        try:
            segments = erase() if options["execute"] else erasable()
        except AuditDoesNotHold:
            raise CommandError("Nothing was erased: the audit does not hold. Run audit_verify.") from None
        for one in segments:
            days = f"{one.begun_at.date()} to {one.ended_at.date()}"
            self.stdout.write(f"{one.chain} #{one.first} to #{one.last}, {days}, digest {one.digest}")
        done = "erased" if options["execute"] else "would be erased (nothing was: add --execute)"
        self.stdout.write(f"{sum(map(rows_of, segments))} rows {done}.")
