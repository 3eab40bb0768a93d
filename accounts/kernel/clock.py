"""The only place that asks for the time, so that tests can stop it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present day in Paris: the day a person would write on a paper."""
    return now().astimezone(PARIS).date()


def in_hours(hours: float) -> datetime:
    """Return the instant `hours` from now."""
    return now() + timedelta(hours=hours)
