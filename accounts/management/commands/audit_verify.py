"""`manage.py audit_verify`."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.audit.verification import verify


class Command(BaseCommand):
    """Recomputes the audit, its signatures and what outside places say; exits 1 naming the first altered row of each chain."""

    help = "Verifies the audit's hash chains, checkpoints and segments."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to begin, and files of checkpoints kept elsewhere."""
        parser.add_argument(
            "--from", dest="first", type=int, default=1, metavar="N", help="begin at row N of each chain"
        )
        parser.add_argument(
            "--checkpoint",
            action="append",
            default=[],
            type=Path,
            metavar="FILE",
            help="a checkpoint file kept outside",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what holds, or fail."""
        begun = time.perf_counter()
        found = verify(after=options["first"] - 1, files=options["checkpoint"])
        if found.faults:
            lines = (f"{fault.chain} #{fault.number}: {fault.what}" for fault in found.faults)
            raise CommandError("The audit does not hold.\n" + "\n".join(lines))
        speed = found.rows / max(time.perf_counter() - begun, 1e-6)
        self.stdout.write(
            f"The audit holds: {found.rows} rows in {found.chains} chains, {found.checkpoints} checkpoints, "
            f"{found.outside} of them read back from files ({speed:,.0f} rows/s)."
        )
