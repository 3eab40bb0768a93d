"""`manage.py check_grants`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.organisations.functions import grants_without_function


class Command(BaseCommand):
    """Looks for rights to act that stand without the function they belong to; exits 1 naming each by its ids."""

    help = "Verifies that each grant of an account rests on a function that its holder has."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what holds, or fail."""
        found = grants_without_function()
        if found:
            raise CommandError("Grants without a function; the worker takes them back every hour.\n" + "\n".join(found))
        self.stdout.write("Each grant rests on a function.")
