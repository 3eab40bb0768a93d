"""Writing alerts: the call, each step of the team, pauses of the clock, the relay, the end."""

from datetime import datetime, timedelta

from accounts.access.circle import enter, leave, standing_consent
from accounts.access.commands import record_sharing_consent
from accounts.access.permissions import Permission
from accounts.access.records import Facts, OpenMembership, Receipt, RecordSharingConsent, StopForWithdrawal
from accounts.access.states import Basis
from accounts.access.unit import Act, Unit, command, together
from accounts.kernel.clock import now
from accounts.kernel.errors import NotFound
from accounts.people.models import Person
from pathway.rapid_response.events import AlertAmended, AlertMoved, AlertRaised
from pathway.rapid_response.models import Alert, AlertPause
from pathway.rapid_response.records import (
    CallRapidResponse,
    CancelAlert,
    CloseAlert,
    CloseForDeath,
    DeclineAlert,
    FollowAlert,
    PauseAlert,
    PlanRelay,
    RaiseAlert,
    ResumeAlert,
)
from pathway.rapid_response.rules import (
    AlertAlreadyOpen,
    AlreadyPaused,
    NotARapidTeam,
    NotPaused,
    OutOfArea,
    PersonDeceased,
    RelayInPast,
    check_call,
    check_step,
)
from pathway.rapid_response.states import OPEN, AlertAction, AlertState, CloseReason
from pathway.structures.models import CareOffer, OfferArea
from pathway.structures.states import OfferKind

KEPT_OPEN_AFTER = timedelta(days=30)
WITHDRAWN = "La personne a retiré son accord."
STAMPS = {
    AlertAction.ANSWER: "answered_at",
    AlertAction.DEPART: "departed_at",
    AlertAction.ARRIVE: "arrived_at",
    AlertAction.STABILISE: "stabilised_at",
}


@command(Permission.ERI_SP_ALERT_RAISE)
def raise_alert(record: RaiseAlert, act: Act) -> Receipt:
    """Call the rapid team that covers the person's home; it receives the minimum set at once."""
    offer = CareOffer.objects.filter(pk=record.offer_id, is_active=True).first()
    if offer is None:
        raise NotFound
    act.ask(
        Facts(
            type=Alert.AGGREGATE,
            person_id=record.person_id,
            organisation_id=act.by.organisation_id,
            addressed_to=frozenset({offer.organisation_id}),
        )
    )
    person = act.lock(Person, record.person_id)
    check_call(is_palliative=record.is_palliative, reason=record.reason, callback_phone=record.callback_phone)
    _check_team(offer, person)
    if Alert.objects.filter(person=person, state__in=OPEN).exists():
        raise AlertAlreadyOpen
    alert = Alert(
        person=person,
        offer=offer,
        team_id=offer.organisation_id,
        sender_id=act.organisation_id,
        requester_id=act.by.professional_id,
        is_palliative=record.is_palliative,
        reason=record.reason.strip(),
        callback_phone=record.callback_phone.strip(),
        place=record.place.strip(),
    )
    receipt = act.add(alert, "raise", AlertRaised, at=alert.called_at)
    enter(_membership(alert, Basis.ADDRESSED_REFERRAL), by=act.by)
    return receipt


@together
def call_rapid_response(record: CallRapidResponse, run: Unit) -> Receipt:
    """Record the person's agreement and call the team, as one act."""
    offer = CareOffer.objects.filter(pk=record.alert.offer_id).first()
    if offer is None:
        raise NotFound
    run(
        record_sharing_consent,
        RecordSharingConsent(
            person_id=record.alert.person_id,
            organisation_ids=frozenset({offer.organisation_id}),
            given_on=record.agreed_on,
            means=record.agreed_by,
        ),
    )
    return run(raise_alert, record.alert)


@command(Permission.ERI_SP_ALERT_FOLLOW)
def follow_alert(record: FollowAlert, act: Act) -> Receipt:
    """Note one step of the team, at the time it happened. Answering opens the whole file to the team."""
    alert = act.open(Alert, record.alert_id, version=record.version)
    target = alert.LIFECYCLE.target(record.action, alert.state)
    at = record.at or now()
    check_step(at, previous=_last_mark(alert), now=now())
    stamp = STAMPS.get(record.action)
    if stamp:
        setattr(alert, stamp, at)
    receipt = act.advance(alert, record.action, AlertMoved, at=at)
    if target == AlertState.ANSWERED:
        enter(_membership(alert, Basis.ACCEPTED_REFERRAL), by=act.by)
    return receipt


@command(Permission.ERI_SP_ALERT_FOLLOW)
def decline_alert(record: DeclineAlert, act: Act) -> Receipt:
    """Send the call elsewhere; the team no longer sees the file."""
    alert = act.open(Alert, record.alert_id, version=record.version)
    alert.outcome, alert.ended_at = record.instead.strip(), now()
    receipt = act.advance(alert, AlertAction.DECLINE, AlertMoved, reason=record.reason)
    leave(source_ids=[alert.pk])
    return receipt


@command(Permission.ERI_SP_ALERT_CANCEL)
def cancel_alert(record: CancelAlert, act: Act) -> Receipt:
    """Take the call back; the team no longer sees the file."""
    alert = act.open(Alert, record.alert_id, version=record.version)
    alert.outcome, alert.ended_at = record.reason.strip(), now()
    receipt = act.advance(alert, AlertAction.CANCEL, AlertMoved)
    leave(source_ids=[alert.pk])
    return receipt


@command(Permission.ERI_SP_ALERT_FOLLOW)
def close_alert(record: CloseAlert, act: Act) -> Receipt:
    """End the intervention; the team keeps the file open thirty days, to write and to answer the family."""
    alert = act.open(Alert, record.alert_id, version=record.version)
    return _close(alert, record.reason, act)


@command(Permission.ERI_SP_ALERT_FOLLOW)
def plan_relay(record: PlanRelay, act: Act) -> Receipt:
    """Say who takes over, from when, and who else if that fails."""
    alert = act.open(Alert, record.alert_id, version=record.version)
    offer = CareOffer.objects.filter(pk=record.offer_id, is_active=True).first()
    if offer is None:
        raise NotFound
    if record.from_at < now():
        raise RelayInPast(field="from_at")
    alert.relay_offer, alert.relay_at, alert.relay_fallback = offer, record.from_at, record.fallback.strip()
    return act.amend(alert, "plan_relay", AlertAmended)


@command(Permission.ERI_SP_ALERT_FOLLOW)
def pause_alert(record: PauseAlert, act: Act) -> Receipt:
    """Stop the clock, for a published reason."""
    alert = act.open(Alert, record.alert_id, version=record.version)
    if AlertPause.objects.filter(alert=alert, ended_at=None).exists():
        raise AlreadyPaused
    AlertPause.objects.create(alert=alert, reason=record.reason)
    return act.amend(alert, "pause", AlertAmended)


@command(Permission.ERI_SP_ALERT_FOLLOW)
def resume_alert(record: ResumeAlert, act: Act) -> Receipt:
    """Let the clock run again."""
    alert = act.open(Alert, record.alert_id, version=record.version)
    if not AlertPause.objects.filter(alert=alert, ended_at=None).update(ended_at=now()):
        raise NotPaused
    return act.amend(alert, "resume", AlertAmended)


@command(Permission.PATIENT_IDENTITY_MARK_DECEASED)
def close_alerts_for_death(record: CloseForDeath, act: Act) -> Receipt:
    """End every open alert of a person who died: part of `pathway.stays.commands.record_death`."""
    act.ask(Facts(type="person", id=record.person_id, person_id=record.person_id))
    found = Alert.objects.filter(person_id=record.person_id, state__in=OPEN).order_by("id")
    for alert_id in list(found.values_list("id", flat=True)):
        _close(act.lock(Alert, alert_id), CloseReason.DIED, act)
    return Receipt(type="person", id=record.person_id, version=0)


@command(Permission.CONSENT_OPPOSITION_WITHDRAW)
def stop_alerts(record: StopForWithdrawal, act: Act) -> Receipt:
    """End the calls to a team that the person no longer agrees to: part of `withdraw_sharing_consent`.

    A call without an answer is taken back. A team that has answered is taking care of her:
    it reads until its intervention ends, and not a day longer.
    """
    act.ask(Facts(type="consent", person_id=record.person_id))
    found = Alert.objects.filter(person_id=record.person_id, team__in=record.organisation_ids, state__in=OPEN)
    for alert_id in list(found.order_by("id").values_list("id", flat=True)):
        alert = act.lock(Alert, alert_id)
        if alert.answered_at:
            enter(_membership(alert, Basis.ACCEPTED_REFERRAL), by=act.by)
            continue
        alert.outcome, alert.ended_at = WITHDRAWN, now()
        act.advance(alert, AlertAction.CANCEL, AlertMoved)
    return Receipt(type="person", id=record.person_id, version=0)


def _close(alert: Alert, reason: str, act: Act) -> Receipt:
    alert.ended_at = now()
    AlertPause.objects.filter(alert=alert, ended_at=None).update(ended_at=alert.ended_at)
    receipt = act.advance(alert, AlertAction.CLOSE, AlertMoved, reason=reason)
    leave(source_ids=[alert.pk], bases=[Basis.ADDRESSED_REFERRAL])
    _keep_open_a_while(alert, act)
    return receipt


def _keep_open_a_while(alert: Alert, act: Act) -> None:
    leave(source_ids=[alert.pk], bases=[Basis.ACCEPTED_REFERRAL])
    if alert.answered_at and standing_consent(alert.person_id, alert.team_id):
        enter(_membership(alert, Basis.ACCEPTED_REFERRAL, days=KEPT_OPEN_AFTER), by=act.by)


def _membership(alert: Alert, basis: Basis, *, days: timedelta | None = None) -> OpenMembership:
    return OpenMembership(
        person_id=alert.person_id,
        organisation_id=alert.team_id,
        basis=basis,
        source_id=alert.pk,
        ends_at=now() + days if days else None,
    )


def _check_team(offer: CareOffer, person: Person) -> None:
    if person.died_on is not None:
        raise PersonDeceased
    if offer.kind != OfferKind.RAPID_RESPONSE:
        raise NotARapidTeam(field="offer")
    places = [code for code in (person.commune, person.departement) if code]
    if not OfferArea.objects.filter(offer=offer, code__in=places).exists():
        raise OutOfArea(field="offer")


def _last_mark(alert: Alert) -> datetime:
    marks = [alert.called_at, alert.answered_at, alert.departed_at, alert.arrived_at, alert.stabilised_at]
    return max(mark for mark in marks if mark)
