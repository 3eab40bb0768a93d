"""`manage.py demo_code`."""

import time
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.authentication.demo import demo_logins
from accounts.authentication.rules import STEP_SECONDS, code_of


class Command(BaseCommand):
    """Prints the present one-time code of a demo account, for whoever has no authenticator at hand."""

    help = "Prints the present one-time code of a demo account; refuses to run with production settings."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the login."""
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        """Print the code, waiting for the next one when the present one is about to end."""
        try:
            secrets = {row["username"]: row["totp_secret"] for row in demo_logins()}
        except ImproperlyConfigured as refusal:
            raise CommandError(str(refusal)) from refusal
        if username not in secrets:
            raise CommandError(f"No demo account is named {username}.")
        self.stdout.write(code_of(secrets[username], int(time.time() // STEP_SECONDS)))
