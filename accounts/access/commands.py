"""Writing consents, oppositions and the end of memberships."""

from uuid import UUID

from accounts.access.circle import present
from accounts.access.events import CircleChanged, ConsentChanged
from accounts.access.models import CircleMembership, Opposition, SharingConsent
from accounts.access.notices import check_notice
from accounts.access.permissions import Permission
from accounts.access.records import (
    EndMembership,
    Facts,
    LiftOpposition,
    Receipt,
    RecordOpposition,
    RecordSharingConsent,
    WithdrawSharingConsent,
)
from accounts.access.rules import check_agreed, check_refused, check_stated_date
from accounts.access.states import Basis
from accounts.access.unit import Act, command
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotFound


@command(Permission.CONSENT_OPPOSITION_RECORD_CONSENT)
def record_sharing_consent(record: RecordSharingConsent, act: Act) -> Receipt:
    """Keep the person's agreement that named organisations receive what care needs."""
    act.ask(Facts(type="consent", person_id=record.person_id))
    check_stated_date(record.given_on, today())
    check_agreed(record.organisation_ids, record.categories)
    check_notice(record.notice_version)
    consent = SharingConsent.objects.create(
        person_id=record.person_id,
        given_on=record.given_on,
        means=record.means,
        categories=sorted(record.categories),
        representative_id=record.representative_id,
        notice_version=record.notice_version,
        recorded_by=act.by.id,
    )
    consent.organisations.set(list(record.organisation_ids))  # type: ignore[arg-type]  # (Django takes ids; the stubs know integers only)
    _tell_of_consent(consent.id, consent.person_id, act)
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
    standing = present(consent.person_id)
    resting = standing.filter(organisation__in=consent.organisations.all())
    caring = standing.filter(basis=Basis.SAME_TEAM).values("organisation")
    resting.filter(basis__in=[Basis.CONSENT, Basis.ADDRESSED_REFERRAL]).update(ends_at=now())
    resting.filter(basis=Basis.ACCEPTED_REFERRAL).exclude(organisation__in=caring).update(ends_at=now())
    _tell_of_circle(consent.person_id, act)
    _tell_of_consent(consent.id, consent.person_id, act)
    return Receipt(type="consent", id=consent.id, version=2)


@command(Permission.CONSENT_OPPOSITION_RECORD_OPPOSITION)
def record_opposition(record: RecordOpposition, act: Act) -> Receipt:
    """Keep the person's refusal that an organisation opens the file; it acts on the next request."""
    act.ask(Facts(type="opposition", person_id=record.person_id))
    check_stated_date(record.stated_on, today())
    check_refused(record.categories)
    rows = [
        Opposition(
            person_id=record.person_id,
            organisation_id=record.organisation_id,
            category=category,
            stated_at_id=act.by.organisation_id,
            stated_on=record.stated_on,
            means=record.means,
            representative_id=record.representative_id,
            recorded_by=act.by.id,
        )
        for category in sorted(record.categories)
    ]
    Opposition.objects.bulk_create(rows)
    _tell_of_consent(rows[0].id, record.person_id, act)
    return Receipt(type="opposition", id=rows[0].id, version=1)


@command(Permission.CONSENT_OPPOSITION_WITHDRAW)
def lift_opposition(record: LiftOpposition, act: Act) -> Receipt:
    """Take a refusal back: what stood open before it is open again."""
    opposition = Opposition.objects.filter(pk=record.opposition_id, lifted_on=None).first()
    if opposition is None:
        raise NotFound
    act.ask(Facts(type="opposition", id=opposition.id, person_id=opposition.person_id))
    check_stated_date(record.lifted_on, today())
    opposition.lifted_on, opposition.lifted_means = record.lifted_on, record.means
    opposition.save(update_fields=["lifted_on", "lifted_means"])
    _tell_of_consent(opposition.id, opposition.person_id, act)
    return Receipt(type="opposition", id=opposition.id, version=2)


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


def _tell_of_consent(id: UUID, person_id: UUID, act: Act) -> None:
    act.tell(ConsentChanged, about="consent", id=id, person_id=person_id)
