"""Who may be given an action: read by the page that offers them, and by the command that checks."""

from collections.abc import Iterable
from uuid import UUID

from accounts.access.circle import present
from accounts.access.models import SharingConsent
from accounts.access.states import CIRCLE, Basis, Category
from accounts.organisations.directory import organisation_names, units_of
from ppa.entrusted_actions.rules import ENOUGH


def structures_told(person_id: UUID, *, besides: Iterable[UUID | None] = ()) -> dict[UUID, str]:
    """Return the structures that may be given an action: those of her circle with their units, and those that she agreed to; by name.

    The caller has asked the gate.
    """
    whole = present(person_id).filter(basis__in=CIRCLE - {Basis.CONSENT}, category=Category.ALL)
    agreed = SharingConsent.objects.filter(person_id=person_id, withdrawn_on=None).prefetch_related("organisations")
    caring = set(whole.values_list("organisation_id", flat=True))
    units = {unit for one in caring for unit in units_of(one)}
    told = {one.pk for consent in agreed if ENOUGH & set(consent.categories) for one in consent.organisations.all()}
    names = organisation_names((caring | units | told) - set(besides))
    return dict(sorted(names.items(), key=lambda one: (one[1], one[0])))
