"""`manage.py import_structures FILE`: keep a directory file, or say in French which lines to correct."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.kernel.actor import Channel, system_actor
from pathway.structures.commands import import_structures
from pathway.structures.queries import last_import
from pathway.structures.reading import read_structures
from pathway.structures.rules import StructureFileRefused


class Command(BaseCommand):
    """Import structures and their offers from a CSV file (UTF-8, « ; »)."""

    help = "Import structures and their offers from a CSV file (UTF-8, separated by semicolons)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the path of the file."""
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_options: Any) -> None:
        """Keep all of the file, or nothing."""
        try:
            import_structures(
                read_structures(_text(file)), by=system_actor("import_structures", channel=Channel.CONSOLE)
            )
        except StructureFileRefused as refusal:
            lines = [f"  ligne {problem.line} : {problem.text}" for problem in refusal.problems]
            raise CommandError("\n".join([refusal.message, *lines])) from refusal
        report = last_import("structures")
        if report:
            self.stdout.write(
                f"Offres ajoutées : {report.created}. Modifiées : {report.updated}. Inchangées : {report.unchanged}."
            )


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise CommandError("Ce fichier n’existe pas ou ne peut pas être lu.") from error
    except UnicodeDecodeError as error:
        raise CommandError(
            "Ce fichier n’est pas en UTF-8. Enregistrez-le en « CSV UTF-8 », puis recommencez."
        ) from error
