"""`manage.py issue_token`."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.kernel.actor import Channel, system_actor
from accounts.kernel.errors import DomainError
from accounts.systems.bearer import token_digest
from accounts.systems.commands import issue_token
from accounts.systems.queries import active_client
from accounts.systems.records import IssueToken

TOKEN_BYTES = 32


class Command(BaseCommand):
    """Prints a bearer token of a registered system, for trying things out; refuses with production settings."""

    help = "Prints a bearer token with all the scopes of a registered system. Not with production settings."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which system, for how long."""
        parser.add_argument("client_id", type=UUID)
        parser.add_argument("--minutes", type=int, default=60)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the token, keep its digest, print it once."""
        if settings.ENVIRONMENT == "production":
            raise CommandError("Tokens are not issued by hand with production settings: the system asks for its own.")
        client = active_client(options["client_id"])
        if client is None:
            raise CommandError("No active system has this client_id.")
        bearer = secrets.token_urlsafe(TOKEN_BYTES)
        record = IssueToken(
            client_id=client.id,
            digest=token_digest(bearer),
            scopes=client.scopes,
            lifetime=timedelta(minutes=options["minutes"]),
        )
        try:
            issue_token(record, by=system_actor("issue_token", channel=Channel.CONSOLE))
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(bearer)
