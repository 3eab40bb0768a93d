"""Who acts when a volume is written: staff of the demo territory, by département."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts.authentication.models import User
from accounts.kernel.actor import Actor, Channel, Role
from accounts.kernel.clock import now
from accounts.organisations.models import FUNCTIONS, Membership, Organisation
from accounts.organisations.states import OrganisationKind
from pathway.structures.models import CareOffer
from pathway.structures.states import OfferKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in a function at an organisation."""

    role: Role
    account_id: UUID | None
    professional_id: UUID
    organisation_id: UUID
    name: str

    def at_work(self) -> Actor:
        """Return the actor, both factors just given."""
        return Actor(
            role=self.role,
            channel=Channel.CONSOLE,
            id=self.account_id,
            professional_id=self.professional_id,
            organisation_id=self.organisation_id,
            display_name=self.name,
            session="seed_volume",
            authenticated_at=now(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """A hospital with the people who register and send."""

    id: UUID
    physician: Member
    nurse: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An offer and who answers for it."""

    offer_id: UUID
    manager: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A département with its coordinators, its hospitals, its offers by kind; the volunteers come from the whole territory."""

    departement: str
    coordinators: Sequence[Member]
    hospitals: Sequence[Hospital]
    places: dict[OfferKind, list[Place]]
    volunteers: Sequence[Member] = ()


def areas() -> list[Area]:
    """Return every département where a path can be walked: a DAC with two coordinators, hospitals, offers."""
    staff = _staff()
    places = _places(staff)
    volunteers = [
        member
        for row in _organisations(OrganisationKind.ASSOCIATION)
        for member in staff[row.id].get(Role.VOLUNTEER, [])
    ]
    found = []
    for departement in sorted({row.departement for row in _organisations(OrganisationKind.COORDINATION)}):
        coordinators = [
            member
            for row in _organisations(OrganisationKind.COORDINATION, departement)
            for member in staff[row.id].get(Role.COORDINATOR, [])
        ]
        hospitals = [
            Hospital(
                id=row.id,
                physician=staff[row.id][Role.PHYSICIAN][0],
                nurse=staff[row.id][Role.NURSE][0],
            )
            for row in _organisations(OrganisationKind.HOSPITAL, departement)
            if {Role.PHYSICIAN, Role.NURSE} <= staff[row.id].keys()
        ]
        area = Area(
            departement=departement,
            coordinators=coordinators,
            hospitals=hospitals,
            places=places[departement],
            volunteers=volunteers,
        )
        if len(coordinators) > 1 and hospitals and area.places:
            found.append(area)
    return found


def _staff() -> dict[UUID, dict[Role, list[Member]]]:
    accounts = dict(User.objects.exclude(professional=None).values_list("professional_id", "id"))
    staff: dict[UUID, dict[Role, list[Member]]] = defaultdict(lambda: defaultdict(list))
    rows = (
        Membership.objects.filter(ends_on=None, role__in=FUNCTIONS)
        .select_related("professional")
        .order_by("professional__rpps", "id")
    )
    for row in rows:
        member = Member(
            role=Role(row.role),
            account_id=accounts.get(row.professional_id),
            professional_id=row.professional_id,
            organisation_id=row.organisation_id,
            name=row.professional.display_name,
        )
        staff[row.organisation_id][member.role].append(member)
    return staff


def _places(staff: dict[UUID, dict[Role, list[Member]]]) -> dict[str, dict[OfferKind, list[Place]]]:
    places: dict[str, dict[OfferKind, list[Place]]] = defaultdict(lambda: defaultdict(list))
    offers = CareOffer.objects.filter(is_active=True).select_related("organisation")
    for offer in offers.order_by("organisation__finess", "organisation__name", "code", "id"):
        answering = [
            member
            for role in (Role.BED_MANAGER, Role.PHYSICIAN)
            for member in staff[offer.organisation_id].get(role, [])
        ]
        if answering:
            kinds = places[offer.organisation.departement]
            kinds[OfferKind(offer.kind)].append(Place(offer_id=offer.id, manager=answering[0]))
    return places


def _organisations(kind: OrganisationKind, departement: str = "") -> list[Organisation]:
    rows = Organisation.objects.filter(kind=kind).exclude(departement="").order_by("finess", "id")
    return list(rows.filter(departement=departement) if departement else rows)
