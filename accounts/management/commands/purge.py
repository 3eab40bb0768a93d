"""Look at what is due, or carry out what two persons ordered on screen."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access.gate import open_trail
from accounts.audit.journal import write_alone
from accounts.kernel.actor import Channel, system_actor
from accounts.retention.models import PurgeOrder
from accounts.retention.periods import rules
from accounts.retention.queries import due
from accounts.retention.states import OrderState
from accounts.retention.tasks import carry_out_orders


class Command(BaseCommand):
    """`manage.py purge --preview` counts and lists references; `--execute` carries out confirmed orders, and only those."""

    help = "Show the files whose period of conservation is over (--preview), or carry out confirmed orders (--execute)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one of two modes."""
        mode = parser.add_mutually_exclusive_group(required=True)
        mode.add_argument("--preview", action="store_true", help="count what is due and list its references")
        mode.add_argument("--execute", action="store_true", help="carry out the orders that two persons gave on screen")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, or carry out."""
        if options["preview"]:
            self._preview()
        else:
            self._execute()

    def _preview(self) -> None:
        with open_trail() as trail:
            found = due(actor=system_actor("purge", channel=Channel.CONSOLE))
            write_alone(trail.take())
        for rule in rules().values():
            self.stdout.write(f"{rule.trigger}: {rule.years} ({rule.basis})")
        self.stdout.write(f"{len(found)} dossiers dont la durée de conservation est dépassée")
        for one in found:
            self.stdout.write(f"{one.reference}  {one.until:%d/%m/%Y}")

    def _execute(self) -> None:
        waiting = PurgeOrder.objects.filter(state__in=[OrderState.CONFIRMED, OrderState.EXECUTING])
        ids = list(waiting.order_by("id").values_list("id", flat=True))
        if not ids:
            raise CommandError("Aucun effacement n’est confirmé. L’un le demande, un autre le confirme, à l’écran.")
        carry_out_orders()
        for order in PurgeOrder.objects.filter(pk__in=ids).order_by("id"):
            self.stdout.write(f"{order.id}  {order.certificate}")
