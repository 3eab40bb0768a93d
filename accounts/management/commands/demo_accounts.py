"""`manage.py demo_accounts`."""

import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from accounts.authentication.demo import demo_logins


class Command(BaseCommand):
    """Prints every demo login as JSON; refuses to run with production settings."""

    help = "Prints every demo login (role, organisation, username, password, TOTP secret, name) as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the list."""
        try:
            self.stdout.write(json.dumps(demo_logins(), ensure_ascii=False, indent=2))
        except ImproperlyConfigured as refusal:
            raise CommandError(str(refusal)) from refusal
