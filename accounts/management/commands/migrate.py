"""`manage.py migrate`: Django's own, above the wall, since a migration moves the rows of everybody."""

from typing import Any

from django.core.management.commands import migrate

from accounts.kernel.wall import Reason, seeing_everything


class Command(migrate.Command):
    """Migrates as the owner of the tables."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        with seeing_everything(Reason.MIGRATION):
            super().handle(*args, **options)
