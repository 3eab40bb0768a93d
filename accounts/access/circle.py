"""Opening and ending memberships inside a command's own transaction: the only writer of the circle."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access.gate import memberships_of, oppositions_to
from accounts.access.models import CircleMembership, SharingConsent
from accounts.access.records import OpenMembership
from accounts.access.rules import opened_categories
from accounts.access.states import CIRCLE, Basis, Category, ClaimState
from accounts.kernel.actor import Actor, Channel, Role
from accounts.kernel.clock import now


def enter(record: OpenMembership, *, by: Actor | None = None) -> CircleMembership:
    """Open a membership unless the same one is open, `by` whom is kept; the command that calls has asked the gate."""
    open_one = CircleMembership.objects.filter(
        person_id=record.person_id,
        organisation_id=record.organisation_id,
        professional=record.professional_id,
        basis=record.basis,
        source_id=record.source_id,
        category=record.category,
        ends_at=None,
    ).first()
    if open_one:
        return open_one
    return CircleMembership.objects.create(
        person_id=record.person_id,
        organisation_id=record.organisation_id,
        professional_id=record.professional_id,
        basis=record.basis,
        source_id=record.source_id,
        category=record.category,
        opened_by_id=by.professional_id if by else None,
        starts_at=record.starts_at or now(),
        ends_at=record.ends_at,
    )


def enter_by_consent(record: OpenMembership, consent: SharingConsent, *, by: Actor) -> None:
    """Open a membership by an agreement, one for each category that it opens."""
    for category in opened_categories(consent.categories):
        enter(replace(record, basis=Basis.CONSENT, category=category), by=by)


def standing_consent(person_id: UUID, organisation_id: UUID) -> SharingConsent | None:
    """Return the latest agreement of the person that names an organisation and was not withdrawn."""
    consents = SharingConsent.objects.filter(person_id=person_id, organisations=organisation_id, withdrawn_on=None)
    return consents.order_by("-given_on", "-id").first()


def present(person_id: UUID) -> QuerySet[CircleMembership]:
    """Return the memberships of a person's circle that have not ended, those that will end one day included."""
    return CircleMembership.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now()), person_id=person_id)


def reviewable_by(actor: Actor) -> Q:
    """Return the filter that keeps the declared relations which the actor's place in the circle lets him answer.

    His place is settled, comes from another structure than the declaration, and the declaration is not his own.
    """
    settled = Q(basis__in=CIRCLE - {Basis.TREATING}) | Q(basis=Basis.TREATING, claims__state=ClaimState.CONFIRMED)
    grounds = memberships_of(actor, Category.IDENTITY).filter(settled, person_id=OuterRef("person_id"))
    elsewhere = grounds.exclude(organisation_id=OuterRef("membership__organisation_id"))
    return Q(Exists(elsewhere)) & ~Q(professional_id=actor.professional_id)


def still_admits(person_id: UUID, places: frozenset[UUID], category: Category) -> bool:
    """Tell whether an organisation stands in a person's circle for a category of data that she does not refuse it.

    `places` are the organisation and what it is part of. Asked again before what was queued
    leaves: a refusal ends no membership.
    """
    there = Actor(role=Role.SYSTEM, channel=Channel.JOB, stands_for=places, organisation_id=next(iter(places)))
    categories = frozenset({Category.ALL, category})
    standing = present(person_id).filter(organisation_id__in=places, basis__in=CIRCLE, category__in=categories)
    return standing.exists() and not oppositions_to(there, categories).filter(person_id=person_id).exists()


def leave(*, source_ids: Iterable[UUID], bases: Iterable[Basis] = tuple(Basis), at: datetime | None = None) -> int:
    """End, now or at a later instant, the open memberships that these sources opened on these bases; return how many."""
    end = at or now()
    still_open = Q(ends_at=None) | Q(ends_at__gt=end)
    return CircleMembership.objects.filter(still_open, source_id__in=list(source_ids), basis__in=list(bases)).update(
        ends_at=end
    )
