"""Reading alerts: those of a team, those a service sent, one of them with its clock."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.access.gate import permit, read_once, scope, unopposed
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.access.states import Category
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now
from accounts.kernel.errors import NotFound
from accounts.organisations.directory import organisation_names
from accounts.people.queries import person_snapshot
from pathway.rapid_response.models import Alert
from pathway.rapid_response.records import AlertSnapshot, Clock, Marks, Pause
from pathway.rapid_response.rules import relay_deadline, relay_is_late, response_clock
from pathway.rapid_response.states import ALERT, OPEN, PAUSE_LABELS, AlertState, PauseReason
from pathway.structures.models import CareOffer
from pathway.structures.states import OfferKind

MOST = 50
RELAY_KINDS = (
    OfferKind.HOME_HOSPITAL,
    OfferKind.USP,
    OfferKind.LISP,
    OfferKind.EMSP,
    OfferKind.EMSPT,
    OfferKind.SUPPORT_HOUSE,
    OfferKind.HOME_NURSING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """One alert in a list."""

    id: UUID
    person_id: UUID
    person: str
    city: str
    state: AlertState
    state_label: str
    team: str
    sender: str
    called_at: datetime
    clock: Clock
    relay_late: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamChoice:
    """A rapid team that covers a person's home."""

    offer_id: UUID
    name: str
    hours: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPage:
    """An alert as its page shows it; `pauses` are (reason, start, end)."""

    alert: AlertSnapshot
    state_label: str
    team: str
    sender: str
    clock: Clock
    deadline: datetime | None
    relay_late: bool
    relay: str
    paused: bool
    pauses: tuple[tuple[str, datetime, datetime | None], ...]


def alerts_for(actor: Actor, *, open_only: bool = True) -> list[AlertLine]:
    """Return the newest alerts that the actor's organisation received or sent."""
    seen = scope(actor, Permission.ERI_SP_ALERT_LIST) & unopposed(actor, Category.REQUESTS)
    mine = Q(team=actor.organisation_id) | Q(sender=actor.organisation_id)
    wanted = Q(state__in=OPEN) if open_only else Q()
    rows = (
        Alert.objects.filter(seen, mine, wanted).select_related("person", "team", "sender").prefetch_related("pauses")
    )
    return [_line(row) for row in rows.order_by("-called_at", "-pk")[:MOST]]


def alert_for(alert_id: UUID, *, actor: Actor) -> AlertSnapshot:
    """Return one alert to an actor who may read it; raises `NotFound` otherwise."""
    row = _row(alert_id)
    permit(actor, Permission.ERI_SP_ALERT_READ, row.facts())
    return _snapshot(row)


@read_once
def alert_snapshot(alert_id: UUID) -> AlertSnapshot:
    """Return one alert, unscoped: for the projection."""
    return _snapshot(_row(alert_id))


def open_alert_of(person_id: UUID, *, actor: Actor) -> AlertLine | None:
    """Return the open alert of a person to those who care for her, if any: having another request in hand is no reason."""
    permit(actor, Permission.ERI_SP_ALERT_READ_PROGRESS, Facts(type=Alert.AGGREGATE, person_id=person_id))
    return _open_line(person_id)


def teams_covering(person_id: UUID, *, actor: Actor) -> list[TeamChoice]:
    """Return the rapid teams that cover a person's home, by name."""
    permit(actor, Permission.PATIENT_IDENTITY_READ, Facts(type="person", id=person_id, person_id=person_id))
    person = person_snapshot(person_id)
    places = [code for code in (person.contact.commune, person.departement) if code]
    rows = CareOffer.objects.filter(kind=OfferKind.RAPID_RESPONSE, is_active=True, areas__code__in=places).distinct()
    return [
        TeamChoice(offer_id=row.id, name=row.name, hours=row.hours, phone=row.phone)
        for row in rows.order_by("name", "id")
    ]


def facts_of(alert: AlertSnapshot) -> Facts:
    """Return what the gate looks at for an alert."""
    return Facts(
        type=Alert.AGGREGATE,
        id=alert.id,
        person_id=alert.person_id,
        organisation_id=alert.sender_id,
        sender_id=alert.sender_id,
        recipient_ids=frozenset({alert.team_id}),
        state=alert.state,
    )


def alert_page(alert_id: UUID, *, actor: Actor) -> AlertPage:
    """Return an alert with the names and the clock that its page shows; raises `NotFound` as `alert_for` does."""
    alert = alert_for(alert_id, actor=actor)
    names = organisation_names({alert.team_id, alert.sender_id})
    relay = CareOffer.objects.filter(pk=alert.relay_offer_id).first() if alert.relay_offer_id else None
    return AlertPage(
        alert=alert,
        state_label=ALERT.label(alert.state),
        team=names[alert.team_id],
        sender=names[alert.sender_id],
        clock=clock_of(alert),
        deadline=deadline_of(alert),
        relay_late=relay_is_late(alert.marks, relay_at=alert.relay_at, now=now()),
        relay=relay.name if relay else "",
        paused=any(pause.ended_at is None for pause in alert.pauses),
        pauses=tuple((PAUSE_LABELS[pause.reason], pause.started_at, pause.ended_at) for pause in alert.pauses),
    )


def relay_offers(alert: AlertSnapshot, *, actor: Actor) -> list[tuple[UUID, str]]:
    """Return the offers that cover the person's home and can take over, by name."""
    permit(actor, Permission.ERI_SP_ALERT_READ, facts_of(alert))
    person = person_snapshot(alert.person_id)
    places = [code for code in (person.contact.commune, person.departement) if code]
    rows = CareOffer.objects.filter(kind__in=RELAY_KINDS, is_active=True, areas__code__in=places).distinct()
    return list(rows.order_by("name", "id").values_list("id", "name"))


def clock_of(alert: AlertSnapshot) -> Clock:
    """Return the clock of an alert, now."""
    return response_clock(alert.state, alert.marks, alert.pauses, now=now())


def deadline_of(alert: AlertSnapshot) -> datetime | None:
    """Return when the relay must have taken over; `None` before the first visit."""
    return relay_deadline(alert.marks)


def _row(alert_id: UUID) -> Alert:
    row = Alert.objects.filter(pk=alert_id).prefetch_related("pauses").first()
    if row is None:
        raise NotFound
    return row


@read_once
def _open_line(person_id: UUID) -> AlertLine | None:
    found = open_alerts(person_id)
    return _line(found[0]) if found else None


@Rows
def open_alerts() -> QuerySet[Alert]:
    """Read the open alert of a person, if any."""
    rows = Alert.objects.filter(person_id=ASKED, state__in=OPEN).select_related("person", "team", "sender")
    return rows.prefetch_related("pauses")


def _line(row: Alert) -> AlertLine:
    snapshot, person = _snapshot(row), row.person
    return AlertLine(
        id=row.id,
        person_id=row.person_id,
        person=f"{person.birth_name.upper()} {person.usual_given_name or person.birth_given_names[0]}",
        city=str(person.contact.get("city", "")),
        state=snapshot.state,
        state_label=ALERT.label(row.state),
        team=row.team.name,
        sender=row.sender.name,
        called_at=row.called_at,
        clock=clock_of(snapshot),
        relay_late=relay_is_late(snapshot.marks, relay_at=row.relay_at, now=now()),
        is_open=row.state in OPEN,
    )


def _snapshot(row: Alert) -> AlertSnapshot:
    return AlertSnapshot(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        state=AlertState(row.state),
        offer_id=row.offer_id,
        team_id=row.team_id,
        sender_id=row.sender_id,
        requester_id=row.requester_id,
        is_palliative=row.is_palliative,
        reason=row.reason,
        callback_phone=row.callback_phone,
        place=row.place,
        outcome=row.outcome,
        marks=Marks(
            called_at=row.called_at,
            answered_at=row.answered_at,
            departed_at=row.departed_at,
            arrived_at=row.arrived_at,
            stabilised_at=row.stabilised_at,
            ended_at=row.ended_at,
        ),
        pauses=tuple(
            Pause(started_at=p.started_at, ended_at=p.ended_at, reason=PauseReason(p.reason))
            for p in sorted(row.pauses.all(), key=lambda p: p.started_at)
        ),
        relay_offer_id=row.relay_offer_id,
        relay_at=row.relay_at,
        relay_fallback=row.relay_fallback,
        updated_at=row.updated_at,
    )
