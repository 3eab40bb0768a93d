"""Check, or write anew, the kept counters of the worklists."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.kernel.wall import Reason, seeing_everything
from pathway.cases.counters import drift, rebuild


class Command(BaseCommand):
    """Compare the counters with the files; with `--check`, change nothing and fail on a difference."""

    help = "Compare the counters of the worklists with the files, and mend them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--check`."""
        parser.add_argument("--check", action="store_true", help="only compare; exit non-zero on a difference")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how many counters were wrong."""
        with seeing_everything(Reason.REBUILD):
            self._recount(only_check=options["check"])

    def _recount(self, *, only_check: bool) -> None:
        if not only_check:
            self.stdout.write(f"{rebuild()} counters mended")
            return
        wrong = len(drift())
        if wrong:
            raise CommandError(f"{wrong} counters differ from the files; run recount_worklists.")
        self.stdout.write("counters agree with the files")
