"""`manage.py reset_account`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.authentication.commands import reset_account
from accounts.authentication.passwords import first_password
from accounts.authentication.records import ResetAccount
from accounts.kernel.actor import Channel, system_actor
from accounts.kernel.errors import DomainError


class Command(BaseCommand):
    """Gives an account a new password and takes its second factor away; prints the password, once."""

    help = "For somebody who lost the password or the phone: new password, second factor to set up again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which account."""
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset, or say that there is no such account."""
        password = first_password()
        record = ResetAccount(username=options["username"], password=password)
        try:
            reset_account(record, by=system_actor("reset_account", channel=Channel.CONSOLE))
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(password)
