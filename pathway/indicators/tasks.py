"""The nightly publication."""

from datetime import timedelta

from accounts.kernel.actor import system_actor
from accounts.kernel.clock import today
from accounts.outbox.registry import scheduled
from pathway.indicators.commands import publish_month
from pathway.indicators.queries import published_months
from pathway.indicators.records import PublishMonth
from pathway.indicators.rules import months_to_publish


@scheduled("indicators-publish", every=timedelta(hours=24), label="Publication des statistiques")
def publish_settled_months() -> int:
    """Publish every month that is over, settled and not yet published."""
    months = months_to_publish(today=today(), published=published_months())
    for month in months:
        publish_month(PublishMonth(month=month), by=system_actor("indicators-publish"))
    return len(months)
