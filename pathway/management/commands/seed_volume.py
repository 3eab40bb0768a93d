"""`manage.py seed_volume --patients N [--seed S] [--departement D]`: invented people with their paths, through the real commands; resumable."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from accounts.kernel.wall import Reason, seeing_everything
from pathway.management.cast import areas
from pathway.management.volume import tell


class Command(BaseCommand):
    """Write a volume of invented people; a second run adds only what is missing."""

    help = "Write invented people and their paths; the same seed gives the same people; a second run adds the missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many, the seed, and where they live."""
        parser.add_argument("--patients", type=int, required=True, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument(
            "--departement", default="", metavar="D", help="Only in this département; else in all of them."
        )

    def handle(self, *, patients: int, seed: int, departement: str, verbosity: int = 1, **_options: Any) -> None:
        """Write, with a progress bar, and say how fast it went."""
        if settings.ENVIRONMENT == "production":
            raise CommandError("Invented people are never written with production settings.")
        if not areas():
            call_command("load_demo", verbosity=0)
        known = [area for area in areas() if departement in ("", area.departement)]
        if not known:
            raise CommandError(f"Nobody works in this département: {departement}")
        start, added = time.monotonic(), 0
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), disable=verbosity == 0) as progress:
            bar = progress.add_task("Personnes inventées", total=patients)
            with seeing_everything(Reason.VOLUME):
                for is_new in tell(range(patients), seed=seed, areas=known):
                    added += is_new
                    progress.advance(bar)
        seconds = time.monotonic() - start
        self.stdout.write(f"{added} personnes ajoutées sur {patients}, {added / max(seconds, 0.001):.1f} par seconde.")
