"""`manage.py audit_verify`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit.journal import verify
from accounts.audit.models import AuditRow, ChainHead


class Command(BaseCommand):
    """Recomputes every chain of the audit; exits 1 naming the first row that does not hold in each."""

    help = "Verifies the audit's hash chains."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how many rows and chains hold, or fail."""
        faults = [f"{fault.chain} #{fault.number}: {fault.what}" for fault in verify()]
        if faults:
            raise CommandError("The audit does not hold.\n" + "\n".join(faults))
        self.stdout.write(f"The audit holds: {AuditRow.objects.count()} rows in {ChainHead.objects.count()} chains.")
