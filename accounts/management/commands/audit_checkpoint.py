"""`manage.py audit_checkpoint`."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.audit.checkpoints import sign_due, tell_witnesses
from accounts.audit.rules import short_code


class Command(BaseCommand):
    """Signs where each chain stands now and hands it to the outside places, without waiting for the clock."""

    help = "Signs a checkpoint of each chain that grew, and sends it; prints its code."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each checkpoint's chain, row and code."""
        for checkpoint in sign_due(everything=True):
            self.stdout.write(f"{checkpoint.chain} #{checkpoint.number} {short_code(checkpoint)}")
        self.stdout.write(f"{tell_witnesses()} lines delivered.")
