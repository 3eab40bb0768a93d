"""Reading registered systems."""

from uuid import UUID

from django.db.models import Max, QuerySet

from accounts.access.gate import permit, permitted_among
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor, Role
from accounts.kernel.errors import NotFound
from accounts.organisations.models import Organisation
from accounts.systems.models import FhirClient, ScopeAsk
from accounts.systems.records import AskSnapshot, ClientSnapshot, Keys
from accounts.systems.states import AskState


def active_client(client_id: UUID | None) -> ClientSnapshot | None:
    """Return a registered system that may sign in, for checking what it signed; `None` when there is none."""
    if client_id is None:
        return None
    row = FhirClient.objects.select_related("organisation").filter(pk=client_id, is_active=True).first()
    return _snapshot(row) if row else None


def registered_clients(actor: Actor) -> list[ClientSnapshot]:
    """Return the registered systems, by name: names, scopes and dates. A privacy officer sees those of his organisation."""
    permit(actor, Permission.FHIR_CLIENT_LIST, Facts(type="fhir_client", organisation_id=actor.organisation_id))
    rows = _visible_to(actor).annotate(last_token_at=Max("tokens__issued_at")).order_by("name", "id")
    asks = {ask.client_id: ask for ask in ScopeAsk.objects.filter(state=AskState.PENDING).order_by("id")}
    return [_snapshot(row, asks.get(row.id)) for row in rows]


def client_for(client_id: UUID, *, actor: Actor) -> ClientSnapshot:
    """Return one registered system; raises `NotFound` for one that the actor does not see."""
    row = _visible_to(actor).annotate(last_token_at=Max("tokens__issued_at")).filter(pk=client_id).first()
    if row is None:
        raise NotFound
    permit(
        actor, Permission.FHIR_CLIENT_LIST, Facts(type="fhir_client", id=row.id, organisation_id=row.organisation_id)
    )
    return _snapshot(row, row.asks.filter(state=AskState.PENDING).first())


def acts_on(client: ClientSnapshot, *, actor: Actor) -> frozenset[str]:
    """Return the names of what an actor may do with a system now: for showing buttons."""
    ask = client.ask
    facts = Facts(
        type="fhir_client",
        id=client.id,
        organisation_id=client.organisation_id,
        asked_by=ask.asked_by if ask else None,
    )
    answer = Permission.FHIR_CLIENT_WIDEN_SCOPE if client.scopes else Permission.FHIR_CLIENT_REGISTER
    offered = {
        "propose": Permission.FHIR_CLIENT_PROPOSE,
        "rotate": Permission.FHIR_CLIENT_ROTATE_KEY,
        "disable": Permission.FHIR_CLIENT_DISABLE,
        "widen" if client.scopes else "open": answer,
    }
    allowed = permitted_among(actor, set(offered.values()), facts)
    return frozenset(name for name, permission in offered.items() if permission in allowed)


def hosts_of_systems() -> list[tuple[UUID, str]]:
    """Return the organisations of the directory that may have a system, by name."""
    return list(Organisation.objects.filter(verified=True).order_by("name", "id").values_list("id", "name"))


def _visible_to(actor: Actor) -> QuerySet[FhirClient]:
    rows = FhirClient.objects.select_related("organisation")
    return rows if actor.role == Role.TECHNICAL_ADMIN else rows.filter(organisation_id__in=actor.organisations)


def _snapshot(row: FhirClient, ask: ScopeAsk | None = None) -> ClientSnapshot:
    return ClientSnapshot(
        id=row.id,
        name=row.name,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation.name,
        scopes=tuple(row.scopes),
        keys=Keys(jwks=row.jwks, url=row.jwks_url),
        needs_certificate=row.needs_certificate,
        is_active=row.is_active,
        created_at=row.created_at,
        last_token_at=getattr(row, "last_token_at", None),
        ask=_ask(ask) if ask else None,
    )


def _ask(row: ScopeAsk) -> AskSnapshot:
    return AskSnapshot(
        id=row.id,
        scopes=tuple(row.scopes),
        asked_by=row.asked_by,
        asked_by_name=row.asked_by_name,
        asked_at=row.created_at,
    )
