"""The only place that asks for the time, so that tests can stop it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present day in Paris: the day a person would write on a paper."""
    return now().astimezone(PARIS).date()


def day_of(instant: datetime) -> date:
    """Return the day in Paris of an instant: the day that a paper of that moment carries."""
    return instant.astimezone(PARIS).date()


def instant_of(day: date) -> datetime:
    """Return when something that is only dated took place: now for today, else noon in Paris of that day."""
    if day == today():
        return now()
    return datetime.combine(day, time(12), tzinfo=PARIS)


def in_hours(hours: float) -> datetime:
    """Return the instant `hours` from now."""
    return now() + timedelta(hours=hours)
