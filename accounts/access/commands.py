"""Writing consents, oppositions and the end of memberships."""

from uuid import UUID

from accounts.access.events import CircleChanged
from accounts.access.models import CircleMembership, Opposition, SharingConsent
from accounts.access.permissions import Permission
from accounts.access.records import (
    EndMembership,
    Facts,
    Receipt,
    RecordOpposition,
    RecordSharingConsent,
    WithdrawSharingConsent,
)
from accounts.access.rules import check_stated_date
from accounts.access.states import Basis
from accounts.access.unit import Act, command
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotFound


@command(Permission.CONSENT_OPPOSITION_RECORD_CONSENT)
def record_sharing_consent(record: RecordSharingConsent, act: Act) -> Receipt:
    """Keep the person's agreement that named organisations receive what care needs."""
    act.ask(Facts(type="consent", person_id=record.person_id))
    check_stated_date(record.given_on, today())
    consent = SharingConsent.objects.create(
        person_id=record.person_id,
        given_on=record.given_on,
        means=record.means,
        notice_version=record.notice_version,
        recorded_by=act.by.id,
    )
    consent.organisations.set(list(record.organisation_ids))  # type: ignore[arg-type]  # (Django takes ids; the stubs know integers only)
    return Receipt(type="consent", id=consent.id, version=1)


@command(Permission.CONSENT_OPPOSITION_WITHDRAW)
def withdraw_sharing_consent(record: WithdrawSharingConsent, act: Act) -> Receipt:
    """Take an agreement back: memberships that rested on it end with it, in the same transaction.

    A structure that has admitted the person is her team by now, which needs no agreement
    to sharing (L.1110-4 CSP, III): it goes on reading.
    """
    consent = SharingConsent.objects.filter(pk=record.consent_id, withdrawn_on=None).first()
    if consent is None:
        raise NotFound
    act.ask(Facts(type="consent", id=consent.id, person_id=consent.person_id))
    check_stated_date(record.withdrawn_on, today())
    consent.withdrawn_on, consent.withdrawn_means = record.withdrawn_on, record.means
    consent.save(update_fields=["withdrawn_on", "withdrawn_means"])
    present = CircleMembership.objects.filter(person_id=consent.person_id, ends_at=None)
    resting = present.filter(organisation__in=consent.organisations.all())
    caring = present.filter(basis=Basis.SAME_TEAM).values("organisation")
    resting.filter(basis__in=[Basis.CONSENT, Basis.ADDRESSED_REFERRAL]).update(ends_at=now())
    resting.filter(basis=Basis.ACCEPTED_REFERRAL).exclude(organisation__in=caring).update(ends_at=now())
    _tell_of_circle(consent.person_id, act)
    return Receipt(type="consent", id=consent.id, version=2)


@command(Permission.CONSENT_OPPOSITION_RECORD_OPPOSITION)
def record_opposition(record: RecordOpposition, act: Act) -> Receipt:
    """Keep the person's refusal that an organisation opens the file; it acts on the next request."""
    act.ask(Facts(type="opposition", person_id=record.person_id))
    check_stated_date(record.stated_on, today())
    opposition = Opposition.objects.create(
        person_id=record.person_id,
        organisation_id=record.organisation_id,
        stated_on=record.stated_on,
        means=record.means,
        recorded_by=act.by.id,
        scope=record.scope,
    )
    return Receipt(type="opposition", id=opposition.id, version=1)


@command(Permission.CIRCLE_MEMBERSHIP_END)
def end_membership(record: EndMembership, act: Act) -> Receipt:
    """End one membership of the circle now."""
    membership = CircleMembership.objects.filter(pk=record.membership_id, ends_at=None).first()
    if membership is None:
        raise NotFound
    act.ask(Facts(type="circle", id=membership.id, person_id=membership.person_id))
    membership.ends_at = now()
    membership.save(update_fields=["ends_at"])
    _tell_of_circle(membership.person_id, act)
    return Receipt(type="circle_membership", id=membership.id, version=2)


def _tell_of_circle(person_id: UUID, act: Act) -> None:
    act.tell(CircleChanged, about="circle", id=person_id, person_id=person_id)
