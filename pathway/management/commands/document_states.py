"""Writes the life cycles into `docs/states`, from the tables that guard the commands."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.kernel.models import Aggregate
from accounts.kernel.states import Lifecycle
from pathway.referrals.states import LINE, LINE_COLUMNS, LineState, line_columns


class Command(BaseCommand):
    """`manage.py document_states` writes the pages; with `--check` it only tells whether they are true."""

    help = "Write docs/states from the transition tables; --check: fail when a page differs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--check`."""
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the pages, or compare them."""
        folder = Path(settings.BASE_DIR) / "docs" / "states"
        pages = {folder / f"{cycle.name}.md": page_of(cycle) for cycle in lifecycles()}
        if options["check"]:
            stale = [path.name for path, text in pages.items() if not path.is_file() or path.read_text("utf-8") != text]
            if stale:
                raise CommandError(f"Not as the tables say: {', '.join(stale)}. Run manage.py document_states.")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in pages.items():
            path.write_text(text, "utf-8")


def lifecycles() -> list[Lifecycle]:
    """Return the life cycle of every kind of aggregate, by name."""
    models = [model for model in apps.get_models() if issubclass(model, Aggregate) and hasattr(model, "LIFECYCLE")]
    return sorted((model.LIFECYCLE for model in models), key=lambda cycle: cycle.name)


def page_of(cycle: Lifecycle) -> str:
    """Return the page of one life cycle: its diagram and its states."""
    is_line = cycle is LINE
    heads = ("State", "Shown as", *(LINE_COLUMNS if is_line else ()))
    rows = [
        (f"`{state}`", cycle.label(state), *(line_columns(LineState(state)) if is_line else ()))
        for state in cycle.states
    ]
    table = [heads, tuple("---" for _ in heads), *rows]
    lines = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join(
        [f"# Life cycle: {cycle.name}", "", "Written by `manage.py document_states` from the table itself.", "",
         "```mermaid", cycle.diagram(), "```", "", *lines, ""]
    )  # fmt: skip
