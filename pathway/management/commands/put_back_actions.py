"""Put back, as to be done, the actions of plans that went on after they were taken back from a structure."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.kernel.actor import system_actor
from accounts.kernel.wall import Reason, seeing_everything
from ppa.entrusted_actions.commands import follow_entrusted
from ppa.entrusted_actions.queries import left_under_way
from ppa.entrusted_actions.records import FollowEntrusted


class Command(BaseCommand):
    """Let each plan say that the structure no longer has the action; with `--check`, only name them and fail when there are any.

    An action taken back before 23 November 2026 stayed « En cours ».
    """

    help = "Put back the actions that were taken back from a structure and still go on in the plan."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--check`."""
        parser.add_argument("--check", action="store_true", help="only name them; exit non-zero when there are any")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print which given actions are concerned."""
        with seeing_everything(Reason.REBUILD):
            self._put_back(only_check=options["check"])

    def _put_back(self, *, only_check: bool) -> None:
        found = left_under_way()
        for entrusted_id in found:
            self.stdout.write(str(entrusted_id))
            if not only_check:
                follow_entrusted(FollowEntrusted(entrusted_id=entrusted_id), by=system_actor("put-back-actions"))
        if found and only_check:
            raise CommandError(f"{len(found)} actions still go on in their plans; run put_back_actions.")
        self.stdout.write(f"{len(found)} actions put back")
