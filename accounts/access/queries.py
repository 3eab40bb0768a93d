"""Reading the circle of care: who stands round a person, why, since when."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from accounts.access.circle import present, reviewable_by
from accounts.access.gate import is_permitted, permit, permitted_among, scope
from accounts.access.models import CircleMembership, Opposition, SharingConsent, TreatingClaim
from accounts.access.permissions import Permission
from accounts.access.records import CircleMemberSnapshot, Facts
from accounts.access.states import (
    BASIS_LABELS,
    CATEGORY_LABELS,
    CIRCLE,
    CLOSED_IN_EMERGENCY,
    CONSENT_MEANS_LABELS,
    ENDED_BY_HAND,
    Basis,
    Category,
    ClaimState,
    ConsentMeans,
)
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now


@dataclass(frozen=True, slots=True)
class CircleMember:
    """One line of the circle, as a page shows it. `data` are the categories it opens, when not all of them.

    `cares`: takes part in the care, rather than knows her, was asked, or came in an emergency.
    """

    membership_id: UUID
    source_id: UUID | None
    organisation_id: UUID
    organisation: str
    professional: str
    basis: str
    since: datetime
    until: datetime | None
    data: str
    opened_by: str
    is_present: bool
    cares: bool
    may_end: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A declared treating relation that waits for somebody to review it."""

    id: UUID
    version: int
    person_id: UUID
    professional: str
    organisation: str
    reason: str
    declared_at: datetime
    is_own: bool
    may_review: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the person agreed to, as a page shows it; `withdrawn_on` is `None` while it stands."""

    id: UUID
    organisations: tuple[str, ...]
    data: str
    given_on: date
    means: str
    representative_id: UUID | None
    notice_version: str
    withdrawn_on: date | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the person refused, as a page shows it; `to` is empty for every structure but the one that noted it."""

    id: UUID
    to: str
    noted_at: str
    what: str
    stated_on: date
    means: str
    representative_id: UUID | None
    lifted_on: date | None


_BESIDE_THE_CIRCLE = {
    Permission.CIRCLE_MEMBERSHIP_HISTORY,
    Permission.CIRCLE_MEMBERSHIP_END,
    Permission.BREAK_GLASS_READ_TRACE,
}


def circle_of(person_id: UUID, *, actor: Actor) -> list[CircleMember]:
    """Return the present members of a person's circle, newest first; past ones after them for those who may read them.

    Who came in an emergency is left out for who may not read that an emergency access took place.
    """
    facts = Facts(type="circle", id=person_id, person_id=person_id)
    permit(actor, Permission.CIRCLE_MEMBERSHIP_READ, facts)
    given = permitted_among(actor, _BESIDE_THE_CIRCLE, facts)
    with_past = Permission.CIRCLE_MEMBERSHIP_HISTORY in given
    rows = CircleMembership.objects.filter(person_id=person_id) if with_past else present(person_id)
    if Permission.BREAK_GLASS_READ_TRACE not in given:
        rows = rows.exclude(basis=Basis.BREAK_GLASS)
    fetched = rows.select_related("organisation", "professional", "opened_by").order_by("-starts_at", "-id")
    members = [_member(row, may_end=Permission.CIRCLE_MEMBERSHIP_END in given) for row in fetched]
    return sorted(_merged(members), key=lambda member: not member.is_present)


def _member(row: CircleMembership, *, may_end: bool) -> CircleMember:
    is_present = row.ends_at is None or row.ends_at > now()
    return CircleMember(
        membership_id=row.id,
        source_id=row.source_id,
        organisation_id=row.organisation_id,
        organisation=row.organisation.name,
        professional=row.professional.display_name if row.professional else "",
        basis=BASIS_LABELS[Basis(row.basis)],
        since=row.starts_at,
        until=row.ends_at,
        data="" if row.category == Category.ALL else CATEGORY_LABELS[Category(row.category)],
        opened_by=row.opened_by.display_name if row.opened_by else "",
        is_present=is_present,
        cares=row.basis in CIRCLE,
        may_end=may_end and is_present and row.basis in ENDED_BY_HAND,
    )


def _merged(members: Iterable[CircleMember]) -> list[CircleMember]:
    """Show as one line what one agreement opened by several categories."""
    lines: dict[tuple[object, ...], CircleMember] = {}
    for member in members:
        key = (
            (member.organisation_id, member.professional, member.basis, member.source_id, member.until)
            if member.data
            else (member.membership_id,)
        )
        known = lines.get(key)
        lines[key] = replace(known, data=f"{member.data} ; {known.data}") if known else member
    return list(lines.values())


def claims_of(person_id: UUID, *, actor: Actor) -> list[Claim]:
    """Return the declared relations of a person that wait for a review, to those who may review them."""
    facts = Facts(type="circle", id=person_id, person_id=person_id)
    if not is_permitted(actor, Permission.CIRCLE_MEMBERSHIP_REVIEW_CLAIM, facts):
        return []
    permit(actor, Permission.CIRCLE_MEMBERSHIP_REVIEW_CLAIM, facts)
    return _claims(TreatingClaim.objects.filter(person_id=person_id), actor)


def claims_to_review(*, actor: Actor) -> list[Claim]:
    """Return the declared relations that wait for the actor's review, oldest first: for his desk."""
    waiting = TreatingClaim.objects.filter(scope(actor, Permission.CIRCLE_MEMBERSHIP_REVIEW_CLAIM))
    return [claim for claim in _claims(waiting, actor) if claim.may_review]


def _claims(rows: QuerySet[TreatingClaim], actor: Actor) -> list[Claim]:
    waiting = rows.filter(state=ClaimState.TO_REVIEW).annotate(may_review=reviewable_by(actor))
    return [
        Claim(
            id=row.id,
            version=row.version,
            person_id=row.person_id,
            professional=row.professional.display_name,
            organisation=row.membership.organisation.name,
            reason=row.reason,
            declared_at=row.created_at,
            is_own=row.professional_id == actor.professional_id,
            may_review=row.may_review,
        )
        for row in waiting.select_related("professional", "membership__organisation").order_by("created_at", "id")
    ]


def circle_snapshot(person_id: UUID) -> list[CircleMemberSnapshot]:
    """Return every membership of a person's circle, past ones included, unscoped: for the projection.

    Those to whom a request is only addressed stand outside the circle.
    """
    rows = CircleMembership.objects.filter(person_id=person_id, basis__in=CIRCLE).order_by("starts_at", "id")
    return [
        CircleMemberSnapshot(
            organisation_id=row.organisation_id,
            professional_id=row.professional_id,
            basis=Basis(row.basis),
            since=row.starts_at,
            until=row.ends_at,
        )
        for row in rows
    ]


def is_closed_in_emergency(person_id: UUID) -> bool:
    """Tell whether the person refuses that an emergency service opens her file, whichever it is: unscoped."""
    standing = Opposition.objects.filter(person_id=person_id, lifted_on=None, organisation=None)
    return standing.filter(category__in=CLOSED_IN_EMERGENCY).exists()


def is_refused_to_somebody(person_id: UUID, category: Category) -> bool:
    """Tell whether the person refuses one category of her file to any organisation: unscoped, for what is given away."""
    standing = Opposition.objects.filter(person_id=person_id, lifted_on=None)
    return standing.filter(category__in=[category, Category.ALL]).exists()


def agreements_of(person_id: UUID, *, actor: Actor) -> list[Agreement]:
    """Return the person's agreements to sharing, those that stand first, newest first."""
    permit(actor, Permission.CONSENT_OPPOSITION_READ, Facts(type="consent", id=person_id, person_id=person_id))
    rows = SharingConsent.objects.filter(person_id=person_id).prefetch_related("organisations")
    found = [
        Agreement(
            id=row.id,
            organisations=tuple(sorted(organisation.name for organisation in row.organisations.all())),
            data=" ; ".join(CATEGORY_LABELS[Category(category)] for category in row.categories),
            given_on=row.given_on,
            means=CONSENT_MEANS_LABELS[ConsentMeans(row.means)],
            representative_id=row.representative_id,
            notice_version=row.notice_version,
            withdrawn_on=row.withdrawn_on,
        )
        for row in rows.order_by("-given_on", "-id")
    ]
    return sorted(found, key=lambda agreement: agreement.withdrawn_on is not None)


def agreed_organisations(person_id: UUID, *, actor: Actor) -> list[tuple[UUID, str]]:
    """Return the structures that a standing agreement of the person names, by name, as (id, name)."""
    permit(actor, Permission.CONSENT_OPPOSITION_READ, Facts(type="consent", id=person_id, person_id=person_id))
    standing = SharingConsent.objects.filter(person_id=person_id, withdrawn_on=None)
    found = set(standing.values_list("organisations__id", "organisations__name"))
    return sorted(found, key=lambda one: (one[1], one[0]))


def refusals_by(person_id: UUID, *, actor: Actor) -> list[Refusal]:
    """Return the person's refusals, those that stand first, newest first."""
    permit(actor, Permission.CONSENT_OPPOSITION_READ, Facts(type="opposition", id=person_id, person_id=person_id))
    rows = Opposition.objects.filter(person_id=person_id).select_related("organisation", "stated_at")
    found = [
        Refusal(
            id=row.id,
            to=row.organisation.name if row.organisation else "",
            noted_at=row.stated_at.name if row.stated_at else "",
            what=CATEGORY_LABELS[Category(row.category)],
            stated_on=row.stated_on,
            means=CONSENT_MEANS_LABELS[ConsentMeans(row.means)],
            representative_id=row.representative_id,
            lifted_on=row.lifted_on,
        )
        for row in rows.order_by("-stated_on", "-id")
    ]
    return sorted(found, key=lambda refusal: refusal.lifted_on is not None)
