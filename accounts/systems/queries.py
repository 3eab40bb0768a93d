"""Reading registered systems."""

from uuid import UUID

from django.db.models import Max

from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.systems.models import FhirClient
from accounts.systems.records import ClientSnapshot


def active_client(client_id: UUID | None) -> ClientSnapshot | None:
    """Return a registered system that may sign in, for checking what it signed; `None` when there is none."""
    if client_id is None:
        return None
    row = FhirClient.objects.select_related("organisation").filter(pk=client_id, is_active=True).first()
    return _snapshot(row) if row else None


def registered_clients(actor: Actor) -> list[ClientSnapshot]:
    """Return every registered system, by name: names, scopes and dates, no key."""
    permit(actor, Permission.FHIR_CLIENT_LIST, Facts(type="fhir_client", organisation_id=actor.organisation_id))
    rows = FhirClient.objects.select_related("organisation").annotate(last_token_at=Max("tokens__issued_at"))
    return [_snapshot(row) for row in rows.order_by("name", "id")]


def _snapshot(row: FhirClient) -> ClientSnapshot:
    return ClientSnapshot(
        id=row.id,
        name=row.name,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation.name,
        scopes=tuple(row.scopes),
        jwks=row.jwks,
        is_active=row.is_active,
        created_at=row.created_at,
        last_token_at=getattr(row, "last_token_at", None),
    )
