"""The consumer of every event: what it is about is shown again, straight after the commit."""

from collections.abc import Sequence

from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer_of_many
from fhir_bridge.projection import addenda, alerts, directory, requests, sources, wishes  # noqa: F401 (register what is shown)
from fhir_bridge.projection.directory import shown_with_offer, shown_with_places
from fhir_bridge.projection.refresh import refresh
from fhir_bridge.projection.registry import projections
from fhir_bridge.projection.requests import shown_with_line, shown_with_stay
from fhir_bridge.projection.sources import shown_of_person, shown_with_merge, shown_with_plan, shown_with_relatives
from fhir_bridge.projection.wishes import shown_with_wishes
from fhir_bridge.repository.records import Source
from ppa.plans.events import BEFORE_SIGNATURE

_FOLLOWED = {
    "identity_merge": shown_with_merge,
    "care_offer": shown_with_offer,
    "places": shown_with_places,
    "referral_line": shown_with_line,
    "stay": shown_with_stay,
}


@consumer_of_many("projection", label="Vue FHIR tenue à jour", prompt=True)
def project(events: Sequence[StoredEvent]) -> None:
    """Refresh the aggregates of events, and what is shown from them elsewhere: each once, however many events name it."""
    shown = (event for event in events if event.type not in BEFORE_SIGNATURE)
    concerned = {source for event in shown for source in _concerned(event)}
    refresh(*(source for source in concerned if source.type in projections))


def _concerned(event: StoredEvent) -> list[Source]:
    concerned = [Source(type=event.aggregate_type, id=event.aggregate_id)]
    if event.aggregate_type in _FOLLOWED:
        concerned += _FOLLOWED[event.aggregate_type](event.aggregate_id)
    if event.person_id is not None:
        concerned += shown_with_relatives(event.aggregate_type, event.person_id)
        concerned += shown_with_plan(event.aggregate_type, event.person_id)
        concerned += shown_with_wishes(event.aggregate_type, event.person_id)
        concerned += shown_of_person(event.person_id)
    return concerned
