"""Reading the circle of care: who stands round a person, why, since when."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.access.gate import permit
from accounts.access.models import CircleMembership, SharingConsent
from accounts.access.permissions import Permission
from accounts.access.records import CircleMemberSnapshot, Facts
from accounts.access.states import BASIS_LABELS, CIRCLE, Basis
from accounts.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class CircleMember:
    """One line of the circle, as a page shows it."""

    membership_id: UUID
    organisation_id: UUID
    organisation: str
    professional: str
    basis: str
    since: datetime
    until: datetime | None


def circle_of(person_id: UUID, *, actor: Actor) -> list[CircleMember]:
    """Return the members of a person's circle, present ones first, newest first."""
    permit(actor, Permission.CIRCLE_MEMBERSHIP_READ, Facts(type="circle", id=person_id, person_id=person_id))
    rows = CircleMembership.objects.filter(person_id=person_id).select_related("organisation", "professional")
    ordered = sorted(rows.order_by("-starts_at", "-id"), key=lambda row: row.ends_at is not None)
    return [
        CircleMember(
            row.id,
            row.organisation_id,
            row.organisation.name,
            row.professional.display_name if row.professional else "",
            BASIS_LABELS[Basis(row.basis)],
            row.starts_at,
            row.ends_at,
        )
        for row in ordered
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


def consents_of(person_id: UUID, *, actor: Actor) -> list[SharingConsent]:
    """Return the person's agreements to sharing, newest first, their organisations fetched."""
    permit(actor, Permission.CONSENT_OPPOSITION_READ, Facts(type="consent", id=person_id, person_id=person_id))
    return list(
        SharingConsent.objects.filter(person_id=person_id)
        .prefetch_related("organisations")
        .order_by("-given_on", "-id")
    )
