"""`manage.py audit_purge`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.audit.retention import AuditDoesNotHold, erasable, rows_of
from accounts.retention.models import PurgeOrder
from accounts.retention.states import OrderState
from accounts.retention.tasks import carry_out_orders


class Command(BaseCommand):
    """Shows the rows of the access log whose time is over; with --execute, carries out what two persons ordered on screen."""

    help = "Previews the erasure of rows older than AUDIT_RETENTION months; --execute carries out confirmed orders."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to do it."""
        parser.add_argument(
            "--execute", action="store_true", help="carry out the order that two persons gave on screen"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a chain: its rows, their dates, their digest; or carry out."""
        if options["execute"]:
            self._execute()
            return
        segments = erasable()
        for one in segments:
            days = f"{one.begun_at.date()} to {one.ended_at.date()}"
            self.stdout.write(f"{one.chain} #{one.first} to #{one.last}, {days}, digest {one.digest}")
        self.stdout.write(f"{sum(map(rows_of, segments))} rows would be erased, once two persons order it on screen.")

    def _execute(self) -> None:
        waiting = PurgeOrder.objects.filter(state__in=[OrderState.CONFIRMED, OrderState.EXECUTING]).exclude(
            segments__isnull=True
        )
        ids = list(waiting.order_by("id").values_list("id", flat=True))
        if not ids:
            raise CommandError("No erasure is confirmed: one person asks for it on « Conservation », another confirms.")
        try:
            carry_out_orders()
        except AuditDoesNotHold:
            raise CommandError("Nothing was erased: the audit does not hold. Run audit_verify.") from None
        for order in PurgeOrder.objects.filter(pk__in=ids).order_by("id"):
            told = order.certificate or {}
            self.stdout.write(f"{told['log_rows']} rows erased, digest {told['digest']}")
