"""`manage.py audit_reingest`: the reserve goes into the audit; exits non-zero when a line is missing or altered."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit.reingest import ingest
from accounts.audit.reserve import ReserveBroken


class Command(BaseCommand):
    """Writes into the audit what the reserve kept, once; run again, it finds nothing to do."""

    help = "Write the reserve of read-only mode into the audit; exits non-zero on a gap."

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the reserve back, or name the first line that does not hold."""
        try:
            taken = ingest()
        except ReserveBroken as broken:
            raise CommandError(f"The reserve does not hold: {broken}. Nothing of it was written.") from None
        self.stdout.write(f"{taken} lines of the reserve are in the audit.")
