"""Who may be given an action, and go on holding it: read by the page that offers them, the command that checks, and what takes back."""

from collections.abc import Iterable
from uuid import UUID

from accounts.access.circle import present
from accounts.access.models import CircleMembership, Opposition, SharingConsent
from accounts.access.states import CIRCLE, Basis, Category
from accounts.kernel.clock import now
from accounts.organisations.directory import organisation_names, places_of, units_below
from ppa.entrusted_actions.models import EntrustedAction
from ppa.entrusted_actions.rules import ENOUGH, is_refused
from ppa.entrusted_actions.states import OPEN


def structures_told(person_id: UUID, *, besides: Iterable[UUID | None] = ()) -> dict[UUID, str]:
    """Return the structures that may be given an action: those of her circle with their units, and those that she agreed to; by name.

    Not those that she refuses, nor the structure of a professional who stands in her circle by
    himself. The caller has asked the gate.
    """
    caring = _caring(person_id)
    places = places_of(caring | units_below(caring) | _agreed(person_id))
    refusals = Opposition.objects.filter(person_id=person_id, category__in=ENOUGH, lifted_on=None)
    refused = list(refusals.values_list("organisation_id", "stated_at_id"))
    told = {one for one, within in places.items() if not is_refused(within, by=refused)}
    names = organisation_names(told - set(besides))
    return dict(sorted(names.items(), key=lambda one: (one[1], one[0])))


def held_without_right(person_id: UUID) -> list[UUID]:
    """Return the ids of the open ones about a person in the hands of a structure that may no longer be told, unscoped."""
    held = EntrustedAction.objects.filter(person_id=person_id, state__in=OPEN).order_by("id")
    rows = list(held.values_list("id", "organisation_id"))
    told = structures_told(person_id) if rows else {}
    return [id for id, organisation_id in rows if organisation_id not in told]


def _caring(person_id: UUID) -> set[UUID]:
    """Return the organisations that stand in her circle now, as a whole and not by her agreement alone."""
    whole = present(person_id).filter(
        basis__in=CIRCLE - {Basis.CONSENT}, category=Category.ALL, professional=None, starts_at__lte=now()
    )
    return set(whole.values_list("organisation_id", flat=True))


def _agreed(person_id: UUID) -> set[UUID]:
    """Return the organisations of her standing agreements that cover the plan.

    An agreement need not open the circle; who entered it by one and was taken out is no longer told by it.
    """
    consents = SharingConsent.objects.filter(person_id=person_id, withdrawn_on=None).prefetch_related("organisations")
    entered = {"basis": Basis.CONSENT, "professional": None, "category__in": ENOUGH}
    ever = CircleMembership.objects.filter(person_id=person_id, **entered).values_list("source_id", "organisation_id")
    left = set(ever) - set(present(person_id).filter(**entered).values_list("source_id", "organisation_id"))
    return {
        one.pk
        for consent in consents
        if ENOUGH & set(consent.categories)
        for one in consent.organisations.all()
        if (consent.pk, one.pk) not in left
    }
