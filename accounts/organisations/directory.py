"""Finding organisations and professionals, and keeping those a partner names: called inside commands."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import CharField, Q

from accounts.kernel.actor import Actor, Role
from accounts.kernel.errors import NotFound
from accounts.organisations.models import Membership, Organisation, Professional, Territory, TerritoryPart
from accounts.organisations.records import OutsideOrganisation, OutsideProfessional
from accounts.organisations.rules import check_lengths
from accounts.organisations.states import OrganisationKind, TerritoryKind


def coordination_for(*, commune: str, departement: str) -> Organisation | None:
    """Return the DAC that covers a commune, else the one that covers its département, else `None`."""
    for code in (commune, departement):
        if not code:
            continue
        territories = TerritoryPart.objects.filter(code=code).values("territory_id")
        found = (
            Organisation.objects.filter(kind=OrganisationKind.COORDINATION, territory_id__in=territories, verified=True)
            .order_by("name", "id")
            .first()
        )
        if found:
            return found
    return None


def is_emergency_service(organisation_id: UUID) -> bool:
    """Tell whether an organisation answers emergencies: a SAMU, a SMUR, an emergency ward."""
    return Organisation.objects.filter(pk=organisation_id, kind=OrganisationKind.EMERGENCY).exists()


def addresses_of(organisation_ids: Collection[UUID], role: str) -> list[str]:
    """Return the e-mail addresses of those who hold a function at some organisations today, in order."""
    rows = Membership.objects.present().filter(organisation_id__in=organisation_ids, role=role)
    return sorted(set(rows.exclude(professional__email="").values_list("professional__email", flat=True)))


def has_anyone(organisation_id: UUID, roles: Collection[str]) -> bool:
    """Tell whether somebody holds one of some functions today at an organisation or a unit of it."""
    places = units_of(organisation_id) | {organisation_id}
    return Membership.objects.present().filter(organisation_id__in=places, role__in=roles).exists()


def professionals_at(organisation_id: UUID, role: str) -> dict[UUID, str]:
    """Return those who work for an organisation today in a function, by id, in the order of their names."""
    rows = Membership.objects.present().filter(organisation_id=organisation_id, role=role)
    rows = rows.select_related("professional")
    ordered = rows.order_by("professional__family", "professional__given", "professional_id")
    return {row.professional_id: row.professional.display_name for row in ordered}


def colleagues_with_account(organisation_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the physicians and nurses with an account who work for some organisations today, each with where, by name."""
    rows = Membership.objects.present().filter(
        organisation_id__in=organisation_ids, role__in=[Role.PHYSICIAN, Role.NURSE], professional__user__is_active=True
    )
    ordered = rows.order_by("professional__family", "professional__given", "professional_id", "organisation_id")
    return dict(ordered.values_list("professional_id", "organisation_id"))


def account_of(professional_id: UUID) -> UUID:
    """Return the account of a professional; raises `NotFound` when he has none."""
    account_id: UUID | None = Professional.objects.filter(pk=professional_id).values_list("user__pk", flat=True).first()
    if account_id is None:
        raise NotFound
    return account_id


def professional_names(ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of professionals by id, as a page shows them."""
    return {row.id: row.display_name for row in Professional.objects.filter(pk__in=ids).order_by("pk")}


def match_professional(named: OutsideProfessional) -> Professional:
    """Return the professional with that RPPS number, else a new unverified outside contact."""
    if named.rpps:
        known = Professional.objects.filter(rpps=named.rpps).first()
        if known:
            return known
    longest = _longest(Professional)
    told = {"family": named.family, "given": named.given, "phone": named.phone}
    check_lengths({**told, "rpps": named.rpps}, longest=longest)
    shown = {"title": named.title, "profession": named.profession}  # the message keeps what no page has room for
    fitting = {name: text for name, text in shown.items() if len(text) <= longest[name]}
    return Professional.objects.create(rpps=named.rpps or None, verified=False, **told, **fitting)


def match_organisation(named: OutsideOrganisation) -> Organisation:
    """Return the organisation with that FINESS number, else a new unverified one."""
    if named.finess:
        known = Organisation.objects.filter(finess=named.finess).first()
        if known:
            return known
    told = {"finess": named.finess, "name": named.name, "phone": named.phone}
    check_lengths(told, longest=_longest(Organisation))
    return Organisation.objects.create(
        finess=named.finess or None, name=named.name, kind=OrganisationKind.OTHER, phone=named.phone, verified=False
    )


def _longest(model: type[Organisation] | type[Professional]) -> dict[str, int]:
    columns = [field for field in model._meta.fields if isinstance(field, CharField)]
    return {column.name: column.max_length for column in columns if column.max_length}


def organisation_names(ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of organisations by id."""
    return dict(Organisation.objects.filter(pk__in=ids).values_list("id", "name")) if ids else {}


def associations_among(ids: set[UUID]) -> set[UUID]:
    """Return which organisations are associations of volunteers: nobody there gives care, or is called at night."""
    rows = Organisation.objects.filter(pk__in=ids, kind=OrganisationKind.ASSOCIATION)
    return set(rows.values_list("id", flat=True))


def phones_of(ids: set[UUID]) -> dict[UUID, str]:
    """Return the phones of organisations by id; those without one are left out."""
    rows = Organisation.objects.filter(pk__in=ids).exclude(phone="")
    return dict(rows.order_by("pk").values_list("id", "phone"))


def territories_covering(*, commune: str, departement: str) -> list[str]:
    """Return the codes of the territories that hold a commune or its département."""
    parts = TerritoryPart.objects.filter(code__in=[code for code in (commune, departement) if code])
    return sorted(set(parts.values_list("territory__code", flat=True)))


def territory_names(codes: Collection[str]) -> dict[str, str]:
    """Return the names of territories by code; a code that is none is left out."""
    return dict(Territory.objects.filter(code__in=codes).order_by("code").values_list("code", "name"))


def coordination_territories() -> dict[str, str]:
    """Return the code of the DAC territory of each commune and département that one covers."""
    parts = TerritoryPart.objects.filter(territory__kind=TerritoryKind.COORDINATION)
    return dict(parts.order_by("-territory__code", "-code").values_list("code", "territory__code"))


def territory_of(organisation_id: UUID) -> tuple[str, str] | None:
    """Return the code and name of the territory that an organisation coordinates, if it does."""
    found = Territory.objects.filter(organisations__id=organisation_id, kind=TerritoryKind.COORDINATION)
    return found.order_by("code").values_list("code", "name").first()


def units_of(organisation_id: UUID) -> frozenset[UUID]:
    """Return the units of an organisation, and theirs: what its record system speaks for."""
    return units_below({organisation_id})


def units_below(organisation_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return the units of some organisations, and theirs."""
    below = Q(part_of__in=organisation_ids) | Q(part_of__part_of__in=organisation_ids)
    return frozenset(Organisation.objects.filter(below).values_list("id", flat=True))


def places_of(ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return organisations by id, each with itself and what it is part of, two floors up: what a refusal to it may name."""
    rows = Organisation.objects.filter(pk__in=ids).order_by("pk").values_list("id", "part_of_id", "part_of__part_of_id")
    return {row[0]: frozenset(one for one in row if one) for row in rows}


def establishment_of(organisation: Organisation) -> frozenset[UUID]:
    """Return what an organisation is part of, two floors up: whose team its professionals belong to (L.1110-12 CSP, 1°)."""
    above = organisation.part_of
    return frozenset(one for one in (organisation.part_of_id, above and above.part_of_id) if one)


def team_places(organisation_id: UUID) -> list[tuple[UUID, str]]:
    """Return the other places of an organisation's establishment, by name, as (id, name): one team (L.1110-12 CSP, 1°)."""
    own = Organisation.objects.select_related("part_of__part_of").filter(pk=organisation_id).first()
    if own is None:
        return []
    above = own.part_of
    root = (above.part_of or above) if above else own
    inside = Q(pk=root.pk) | Q(part_of=root) | Q(part_of__part_of=root)
    rows = Organisation.objects.filter(inside).exclude(pk=own.pk).order_by("name", "id")
    return list(rows.values_list("id", "name"))


def managed_by(actor: Actor) -> frozenset[UUID]:
    """Return the organisation that an actor works for and its units: whose people its managers manage."""
    own = actor.organisation_id
    return units_of(own) | {own} if own else frozenset()
