"""Calls to a rapid team: shown to who called, to the team, and to the circle."""

from collections.abc import Iterator
from uuid import UUID

from accounts.access.permissions import Permission
from fhir_bridge.mappers import task_alert
from fhir_bridge.projection.registry import projects
from fhir_bridge.projection.requests import access_of
from fhir_bridge.repository.records import Projected
from pathway.rapid_response.queries import alert_snapshot, facts_of


@projects("eri_sp_alert")
def _alert(id: UUID) -> Iterator[Projected]:
    alert = alert_snapshot(id)
    access = access_of(facts_of(alert), Permission.ERI_SP_ALERT_READ)
    yield Projected(resource=task_alert.to_resource(alert), access=access)
