"""The consumer of every event: what it is about is shown again, straight after the commit."""

from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer
from fhir_bridge.projection import sources, wishes  # noqa: F401 (register what is shown)
from fhir_bridge.projection.refresh import refresh
from fhir_bridge.projection.registry import projections
from fhir_bridge.projection.sources import followed_by
from fhir_bridge.repository.records import Source


@consumer("projection", prompt=True)
def project(event: StoredEvent) -> None:
    """Refresh the aggregate of an event, and what is shown from it elsewhere."""
    concerned = [Source(type=event.aggregate_type, id=event.aggregate_id)]
    if event.person_id is not None:
        concerned += followed_by(event.aggregate_type, event.person_id)
    for source in concerned:
        if source.type in projections:
            refresh(source)
