"""`manage.py rotate_keys`: new keys while people work; also checks, lists and destroys keys."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from accounts.kernel.crypto import Purpose, Unreadable
from accounts.kernel.custody import custody
from accounts.kernel.data_keys import DataKey, KeyRotation
from accounts.kernel.wall import Reason, seeing_everything
from accounts.safekeeping.rotation import USES_ALARM, RotationFailed, destroy, rotate, verify, wrap_again

MASTER = "master"


class Command(BaseCommand):
    """Moves everything of each purpose to a new key; run again, it goes on where it stopped."""

    help = "Rotates the data keys while people work. Run again after a stop: it goes on where it was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the purpose, and what to do instead of rotating."""
        parser.add_argument(
            "--purpose", choices=[*map(str, Purpose), MASTER], help=f"One purpose; {MASTER}: wrap the data keys again"
        )
        parser.add_argument("--verify", action="store_true", help="Change nothing: open every value, find every index")
        parser.add_argument("--destroy", type=int, metavar="NUMBER", help="Wipe a former key that nothing needs")
        parser.add_argument("--status", action="store_true", help="List the keys, their uses and the rotations")
        parser.add_argument(
            "--former", metavar="CLASS", default="", help=f"With --purpose {MASTER}: the provider that opens them now"
        )

    def handle(self, *, purpose: str | None, verbosity: int = 1, **options: Any) -> None:
        """Do what is asked, or say what does not hold."""
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=Console(stderr=True), disable=verbosity == 0,
        )  # fmt: skip
        try:
            with seeing_everything(Reason.KEYS):
                self._run(purpose, **options)
        except (RotationFailed, Unreadable) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _run(self, purpose: str | None, **options: Any) -> None:
        purposes = [Purpose(purpose)] if purpose and purpose != MASTER else list(Purpose)
        if options["status"]:
            self._status()
        elif options["destroy"] is not None:
            destroy(options["destroy"])
            self.stdout.write(f"Key {options['destroy']} is destroyed.")
        elif options["verify"]:
            self._each(purposes, self._verify)
        elif purpose == MASTER:
            self.stdout.write(f"{wrap_again(custody(options['former']))} data keys are wrapped again.")
        else:
            self._each(purposes, self._rotate)

    def _each(self, purposes: list[Purpose], act: Any) -> None:
        with self._bar:
            for purpose in purposes:
                act(purpose)

    def _rotate(self, purpose: Purpose) -> None:
        bar, start = self._bar.add_task(purpose, total=None), time.monotonic()
        rotation = rotate(purpose, tell=lambda done, total: self._bar.update(bar, completed=done, total=total))
        seconds = max(time.monotonic() - start, 0.001)
        self.stdout.write(
            f"{purpose}: key {rotation.number}, {rotation.done} rows, {rotation.done / seconds:.0f} a second."
        )

    def _verify(self, purpose: Purpose) -> None:
        bar = self._bar.add_task(purpose, total=None)
        count = verify(purpose, tell=lambda: self._bar.advance(bar))
        self.stdout.write(f"{purpose}: all {count} hold.")

    def _status(self) -> None:
        for key in DataKey.objects.order_by("number"):
            alarm = " ROTATE NOW: used too often" if key.uses >= USES_ALARM and key.state == key.State.ACTIVE else ""
            self.stdout.write(f"{key.number:5} {key.purpose:10} {key.state:13} {key.uses:12} uses{alarm}")
        for rotation in KeyRotation.objects.filter(finished_at=None).order_by("number"):
            self.stdout.write(f"{rotation.number:5} {rotation.purpose}: under way, {rotation.done} of {rotation.total}")
