"""`manage.py create_fhir_client`."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.kernel.actor import Channel, system_actor
from accounts.kernel.errors import DomainError
from accounts.organisations.models import Organisation
from accounts.systems.commands import register_client
from accounts.systems.records import RegisterClient


class Command(BaseCommand):
    """Registers a system of an organisation (SMART Backend Services) and prints its client_id."""

    help = "Registers a system with its public keys; prints its client_id."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name, organisation, scopes and key file."""
        parser.add_argument("name")
        parser.add_argument("--organisation", required=True, metavar="FINESS")
        parser.add_argument("--scopes", required=True, help='for example "system/Patient.rs system/Task.cruds"')
        parser.add_argument("--jwks", required=True, type=Path, metavar="FILE", help="public keys, as a JWK set")

    def handle(self, *args: Any, **options: Any) -> None:
        """Register, or say what to change."""
        organisation = Organisation.objects.filter(finess=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"No organisation has the FINESS number {options['organisation']}.")
        try:
            jwks = json.loads(options["jwks"].read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"The key file cannot be read: {error}") from error
        record = RegisterClient(
            name=options["name"],
            organisation_id=organisation.id,
            scopes=tuple(options["scopes"].split()),
            jwks=jwks,
        )
        try:
            receipt = register_client(record, by=system_actor("create_fhir_client", channel=Channel.CONSOLE))
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(str(receipt.id))
