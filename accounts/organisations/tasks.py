"""Clocks of functions: what ended with its last day opens nothing any more, and its grant goes too."""

from datetime import timedelta

from accounts.organisations.functions import end_grants_without_function
from accounts.outbox.registry import scheduled


@scheduled("grant-end", every=timedelta(hours=1), label="Droits d’agir repris à la fin d’une fonction")
def end_grants() -> int:
    """Take back the grants of functions whose last day is over; return how many."""
    return end_grants_without_function()
