"""`manage.py open_account`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.authentication.commands import open_account
from accounts.authentication.passwords import first_password
from accounts.authentication.records import OpenAccount
from accounts.kernel.actor import Channel, Role, system_actor
from accounts.kernel.errors import DomainError
from accounts.organisations.models import Organisation

NOT_PEOPLE = {Role.FHIR_CLIENT, Role.ANONYMOUS, Role.SYSTEM}


class Command(BaseCommand):
    """Opens a professional's account with one function; prints the first password, once."""

    help = "Opens an account; prints its first password. The second factor is set up at the first sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, where, in which function."""
        parser.add_argument("username")
        parser.add_argument("--family", required=True)
        parser.add_argument("--given", default="")
        parser.add_argument("--rpps", default="")
        parser.add_argument("--organisation", required=True, metavar="FINESS")
        parser.add_argument("--role", required=True, choices=[str(role) for role in Role if role not in NOT_PEOPLE])

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the account, or say what to change."""
        organisation = Organisation.objects.filter(finess=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"No organisation has the FINESS number {options['organisation']}.")
        password = first_password()
        record = OpenAccount(
            username=options["username"],
            password=password,
            organisation_id=organisation.id,
            role=Role(options["role"]),
            family=options["family"],
            given=options["given"],
            rpps=options["rpps"],
        )
        try:
            open_account(record, by=system_actor("open_account", channel=Channel.CONSOLE))
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(password)
