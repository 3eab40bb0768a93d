"""Writing the circle: who enters and leaves it, what the person agrees to, what she refuses."""

from dataclasses import replace
from uuid import UUID

from django.db.models import Q

from accounts.access.circle import enter, present, reviewable_by
from accounts.access.events import CircleChanged, ConsentChanged, TreatingDeclared, TreatingReviewed
from accounts.access.models import CircleMembership, Opposition, SharingConsent, TreatingClaim
from accounts.access.notices import check_notice
from accounts.access.permissions import Permission
from accounts.access.records import (
    AddOrganisation,
    DeclareTreating,
    EndMembership,
    Facts,
    LiftOpposition,
    OpenMembership,
    Receipt,
    RecordOpposition,
    RecordSharingConsent,
    ReviewClaim,
    WithdrawSharingConsent,
)
from accounts.access.rules import (
    TREATING_UNTIL_REVIEWED,
    AlreadyInCircle,
    EndsByItself,
    NotInAgreement,
    OwnClaim,
    ReviewerTooNear,
    check_agreed,
    check_claim,
    check_refused,
    check_stated_date,
    opened_categories,
)
from accounts.access.states import ENDED_BY_HAND, Basis, ClaimAction
from accounts.access.unit import Act, Unit, command, together
from accounts.access.withdrawal import stop_after_withdrawal
from accounts.kernel.actor import system_actor
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound


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


@command(Permission.CIRCLE_MEMBERSHIP_CREATE_OTHER_ORG)
def add_organisation(record: AddOrganisation, act: Act) -> Receipt:
    """Let an organisation of an agreement into the circle, for the data that she agreed to."""
    act.ask(Facts(type="circle", person_id=record.person_id, addressed_to=frozenset({record.organisation_id})))
    consent = SharingConsent.objects.filter(
        pk=record.consent_id, person_id=record.person_id, organisations=record.organisation_id, withdrawn_on=None
    ).first()
    if consent is None:
        raise NotInAgreement
    opened = None
    for category in opened_categories(consent.categories):
        opened = enter(
            OpenMembership(
                person_id=record.person_id,
                organisation_id=record.organisation_id,
                basis=Basis.CONSENT,
                source_id=consent.id,
                category=category,
            ),
            by=act.by,
        )
    _tell_of_circle(record.person_id, act)
    return Receipt(type="circle_membership", id=opened.id if opened else consent.id, version=1)


@together
def agree_and_add(record: RecordSharingConsent, run: Unit) -> Receipt:
    """Record the person's agreement and open the circle to the organisations that she named, as one act."""
    receipt = run(record_sharing_consent, record)
    for organisation_id in sorted(record.organisation_ids):
        run(
            add_organisation,
            AddOrganisation(person_id=record.person_id, organisation_id=organisation_id, consent_id=receipt.id),
        )
    return receipt


@command(Permission.CONSENT_OPPOSITION_WITHDRAW)
def end_sharing_consent(record: WithdrawSharingConsent, act: Act) -> Receipt:
    """Note that an agreement is taken back, and end the memberships that rested on it: part of `withdraw_sharing_consent`.

    A structure that takes care of the person now is her team, which needs no agreement to
    sharing (L.1110-4 CSP, III): it goes on reading. One that has discharged her does not.
    """
    consent = SharingConsent.objects.filter(pk=record.consent_id, withdrawn_on=None).first()
    if consent is None:
        raise NotFound
    act.ask(Facts(type="consent", id=consent.id, person_id=consent.person_id))
    check_stated_date(record.withdrawn_on, today())
    consent.withdrawn_on, consent.withdrawn_means = record.withdrawn_on, record.means
    consent.save(update_fields=["withdrawn_on", "withdrawn_means"])
    standing = present(consent.person_id)
    caring = standing.filter(basis=Basis.SAME_TEAM, ends_at=None).values("organisation")
    resting = standing.filter(organisation__in=consent.organisations.all())
    resting.filter(basis__in=[Basis.CONSENT, Basis.ADDRESSED_REFERRAL]).update(ends_at=now())
    resting.filter(basis__in=[Basis.ACCEPTED_REFERRAL, Basis.SAME_TEAM]).exclude(organisation__in=caring).update(
        ends_at=now()
    )
    _tell_of_circle(consent.person_id, act)
    _tell_of_consent(consent.id, consent.person_id, act)
    return Receipt(type="consent", id=consent.id, version=2)


@together
def withdraw_sharing_consent(record: WithdrawSharingConsent, run: Unit) -> Receipt:
    """Take an agreement back: what rested on it in the circle and in every feature ends in the same transaction.

    What follows is a clerk's: the actor may have ended his own sight of the person.
    """
    receipt = run(end_sharing_consent, record)
    consent = SharingConsent.objects.get(pk=record.consent_id)
    organisation_ids = frozenset(consent.organisations.values_list("pk", flat=True))
    clerk = replace(system_actor("withdrawal"), correlation_id=run.by.correlation_id)
    stop_after_withdrawal(consent.person_id, organisation_ids, replace(run, by=clerk))
    return receipt


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


@command(Permission.CIRCLE_MEMBERSHIP_SELF_JOIN)
def declare_treating(record: DeclareTreating, act: Act) -> Receipt:
    """Let a professional who declares that he takes care of the person read her file until it is reviewed.

    Only he enters, not his whole organisation; the circle sees it on its desks and answers, the referents are written to.
    """
    check_claim(record.reason)
    act.ask(Facts(type="circle", person_id=record.person_id, treating_claim=True))
    if act.by.professional_id is None:
        raise NotAllowed
    if present(record.person_id).filter(professional_id=act.by.professional_id, basis=Basis.TREATING).exists():
        raise AlreadyInCircle
    claim = TreatingClaim(
        person_id=record.person_id, professional_id=act.by.professional_id, reason=record.reason.strip()
    )
    claim.membership = enter(
        OpenMembership(
            person_id=record.person_id,
            organisation_id=act.organisation_id,
            professional_id=act.by.professional_id,
            basis=Basis.TREATING,
            source_id=claim.id,
            ends_at=now() + TREATING_UNTIL_REVIEWED,
        ),
        by=act.by,
    )
    _tell_of_circle(record.person_id, act)
    return act.add(claim, "declare", TreatingDeclared)


@command(Permission.CIRCLE_MEMBERSHIP_REVIEW_CLAIM)
def review_claim(record: ReviewClaim, act: Act) -> Receipt:
    """Answer a declared relation: confirmed, it lasts; refused, it ends now. Raises `OwnClaim` or `ReviewerTooNear`."""
    claim = act.open(TreatingClaim, record.claim_id, version=record.version)
    if claim.professional_id == act.by.professional_id:
        raise OwnClaim
    if not TreatingClaim.objects.filter(reviewable_by(act.by), pk=claim.pk).exists():
        raise ReviewerTooNear
    claim.reviewed_by_id = act.by.professional_id
    receipt = act.advance(claim, ClaimAction.CONFIRM if record.confirmed else ClaimAction.REFUSE, TreatingReviewed)
    still_open = CircleMembership.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now()), pk=claim.membership_id)
    still_open.update(ends_at=None if record.confirmed else now())
    _tell_of_circle(claim.person_id, act)
    return receipt


@command(Permission.CIRCLE_MEMBERSHIP_END)
def end_membership(record: EndMembership, act: Act) -> Receipt:
    """End one membership of the circle now, with each category of data that the same source opened.

    Those that follow a request or a file end with it.
    """
    membership = CircleMembership.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=now()), pk=record.membership_id
    ).first()
    if membership is None:
        raise NotFound
    act.ask(Facts(type="circle", id=membership.id, person_id=membership.person_id))
    if membership.basis not in ENDED_BY_HAND:
        raise EndsByItself
    present(membership.person_id).filter(
        organisation=membership.organisation_id,
        professional=membership.professional_id,
        basis=membership.basis,
        source_id=membership.source_id,
    ).update(ends_at=now())
    _tell_of_circle(membership.person_id, act)
    return Receipt(type="circle_membership", id=membership.id, version=2)


def _tell_of_circle(person_id: UUID, act: Act) -> None:
    act.tell(CircleChanged, about="circle", id=person_id, person_id=person_id)


def _tell_of_consent(id: UUID, person_id: UUID, act: Act) -> None:
    act.tell(ConsentChanged, about="consent", id=id, person_id=person_id)
