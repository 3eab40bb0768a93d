"""`manage.py create_fhir_client`."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.kernel.actor import Channel, system_actor
from accounts.kernel.errors import DomainError
from accounts.organisations.models import Organisation
from accounts.systems.commands import register_client
from accounts.systems.records import Keys, RegisterClient


class Command(BaseCommand):
    """Registers a system of an organisation (SMART Backend Services) and prints its client_id."""

    help = "Registers a system with its public keys; prints its client_id."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name, organisation, scopes and key file."""
        parser.add_argument("name")
        parser.add_argument("--organisation", required=True, metavar="FINESS")
        parser.add_argument("--scopes", required=True, help='for example "system/Patient.rs system/Task.cruds"')
        keys = parser.add_mutually_exclusive_group(required=True)
        keys.add_argument("--jwks", type=Path, metavar="FILE", help="public keys, as a JWK set")
        keys.add_argument("--jwks-url", metavar="URL", help="address that gives them, on a host of OUTBOUND_HOSTS")
        parser.add_argument("--certificate", action="store_true", help="bind its tokens to its TLS certificate")

    def handle(self, *args: Any, **options: Any) -> None:
        """Register, or say what to change."""
        organisation = Organisation.objects.filter(finess=options["organisation"]).first()
        if organisation is None:
            raise CommandError(f"No organisation has the FINESS number {options['organisation']}.")
        record = RegisterClient(
            name=options["name"],
            organisation_id=organisation.id,
            scopes=tuple(options["scopes"].split()),
            keys=_keys(options),
            needs_certificate=options["certificate"],
        )
        try:
            receipt = register_client(record, by=system_actor("create_fhir_client", channel=Channel.CONSOLE))
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(str(receipt.id))


def _keys(options: dict[str, Any]) -> Keys:
    if options["jwks_url"]:
        return Keys(url=options["jwks_url"])
    try:
        return Keys(jwks=json.loads(options["jwks"].read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise CommandError(f"The key file cannot be read: {error}") from error
