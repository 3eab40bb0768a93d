"""`manage.py read_only on --reason … | off | status`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.audit.journal import write_alone
from accounts.audit.records import AuditEntry
from accounts.kernel import read_only
from accounts.kernel.actor import Channel, system_actor
from accounts.kernel.clock import now
from accounts.kernel.models import ReadOnlySpell


class Command(BaseCommand):
    """Lets nothing be written, or lets writing begin again; every process follows within a second."""

    help = "Turn the read-only mode of the deployment on or off, or tell it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do, and why."""
        parser.add_argument("wanted", choices=["on", "off", "status"])
        parser.add_argument("--reason", default="", help="needed for « on »: what operators read later")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open or close a spell, and leave it in the audit."""
        wanted, reason = options["wanted"], options["reason"].strip()
        if wanted == "on":
            self._begin(reason)
        elif wanted == "off":
            self._end()
        present = read_only.mode()
        told = "declared" if present and present.declared else "the database refuses writes"
        self.stdout.write(f"read-only since {present.since:%Y-%m-%d %H:%M} ({told})" if present else "read and write")

    def _begin(self, reason: str) -> None:
        if not reason:
            raise CommandError("Say why: --reason.")
        if not ReadOnlySpell.objects.filter(ended_at=None).exists():
            _note("deployment.read_only_on")
            ReadOnlySpell.objects.create(reason=reason[:200])
        read_only.forget()

    def _end(self) -> None:
        ended = ReadOnlySpell.objects.filter(ended_at=None).update(ended_at=now())
        read_only.forget()
        if ended:
            _note("deployment.read_only_off")


def _note(action: str) -> None:
    write_alone([AuditEntry(actor=system_actor("read_only", channel=Channel.CONSOLE), action=action)])
