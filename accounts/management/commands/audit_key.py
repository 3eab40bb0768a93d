"""`manage.py audit_key`."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from accounts.audit.signing import published_keys


class Command(BaseCommand):
    """Prints the public keys by which anyone verifies the audit's checkpoints, as JSON (Ed25519, 32 bytes in hex)."""

    help = "Prints the public keys of the audit's signatures."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print every key by its number."""
        self.stdout.write(json.dumps(published_keys(), indent=2))
