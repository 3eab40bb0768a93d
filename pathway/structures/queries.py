"""Reading the directory: lists, one offer, offers that cover a place, and snapshots for other features."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.access.gate import permit, scope
from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from accounts.organisations.directory import territories_covering, territory_names
from accounts.organisations.models import Membership, Organisation, Professional
from pathway.structures.communes import communes
from pathway.structures.models import CareOffer, DirectoryImport
from pathway.structures.records import Criteria, ImportReport, OfferPage, OfferSnapshot, Referent
from pathway.structures.rules import folded
from pathway.structures.states import Exclusion, OfferKind

PAGE_SIZE = 50


def directory(
    actor: Actor, *, kind: str = "", departement: str = "", text: str = "", after: str = "", size: int = PAGE_SIZE
) -> OfferPage:
    """Return one page of the active offers, by name; `after` is the `next_key` of the page before."""
    offers = _active(actor)
    if kind:
        offers = offers.filter(kind=kind)
    if departement:
        offers = offers.filter(organisation__departement=departement)
    for word in folded(text).split():
        offers = offers.filter(search_text__contains=word)
    last = _last_row(after)
    if last:
        offers = offers.filter(Q(name__gt=last[0]) | Q(name=last[0], id__gt=last[1]))
    rows = list(offers.order_by("name", "id")[: size + 1])
    next_key = str(rows[size - 1].id) if len(rows) > size else ""
    return OfferPage(offers=tuple(_snapshot(row) for row in rows[:size]), next_key=next_key)


def offer_for(offer_id: UUID, *, actor: Actor) -> OfferSnapshot:
    """Return one offer that the actor may read."""
    offer = _whole().filter(pk=offer_id).first()
    if offer is None:
        raise NotFound
    permit(actor, Permission.STRUCTURE_DIRECTORY_READ, offer.facts())
    return _snapshot(offer)


def offers_of(organisation_id: UUID | None, *, actor: Actor) -> list[OfferSnapshot]:
    """Return the active offers of one structure, by name."""
    if organisation_id is None:
        return []
    return [_snapshot(row) for row in _active(actor).filter(organisation_id=organisation_id).order_by("name", "id")]


def offers_covering(
    *, commune: str, departement: str, kinds: Collection[OfferKind], actor: Actor
) -> list[OfferSnapshot]:
    """Return the active offers of some kinds that act where a commune is, by kind then name."""
    here = [code for code in (commune, departement) if code]
    codes = here + territories_covering(commune=commune, departement=departement)
    offers = _active(actor).filter(kind__in=[str(kind) for kind in kinds], areas__code__in=codes).distinct()
    return [_snapshot(row) for row in offers.order_by("kind", "name", "id")]


def offer_snapshot(offer_id: UUID) -> OfferSnapshot:
    """Return one offer, closed or not, for the FHIR projection and for composing commands."""
    found = offer_snapshots([offer_id]).get(offer_id)
    if found is None:
        raise NotFound
    return found


def offer_snapshots(offer_ids: Iterable[UUID]) -> dict[UUID, OfferSnapshot]:
    """Return offers, closed or not, by id, at a constant cost."""
    return {row.id: _snapshot(row) for row in _whole().filter(pk__in=set(offer_ids)).order_by("id")}


def area_names(codes: Collection[str]) -> list[str]:
    """Return in French where an offer acts, in the order given."""
    names = territory_names({*codes, *(f"DEP-{code}" for code in codes)})
    return [names.get(code) or names.get(f"DEP-{code}") or _commune_name(code) for code in codes]


def departements_listed() -> list[tuple[str, str]]:
    """Return the départements where the directory has structures: (code, name), by code."""
    codes = sorted(set(Organisation.objects.exclude(departement="").values_list("departement", flat=True)))
    return [(code, name) for code, name in zip(codes, area_names(codes), strict=True)]


def possible_referents(offer_id: UUID, *, actor: Actor) -> list[tuple[str, str]]:
    """Return who may be named a referent of an offer: (id, name) of those who work there, by name."""
    offer = _whole().filter(pk=offer_id).first()
    if offer is None:
        raise NotFound
    permit(actor, Permission.STRUCTURE_DIRECTORY_UPDATE_OWN_ORG, offer.facts())
    places = [place for place in (offer.organisation_id, offer.organisation.part_of_id) if place]
    staff = Membership.objects.filter(organisation_id__in=places, ends_on=None).values("professional_id")
    rows = Professional.objects.filter(pk__in=staff).order_by("family", "given", "id")
    return [(str(row.id), row.display_name) for row in rows]


def last_import(kind: str) -> ImportReport | None:
    """Return what the last import of a kind did; `None` before the first."""
    row = DirectoryImport.objects.filter(kind=kind).order_by("-created_at", "-id").first()
    if row is None:
        return None
    return ImportReport(
        id=row.id,
        created=row.created,
        updated=row.updated,
        unchanged=row.unchanged,
        digest=row.digest,
        at=row.created_at,
    )


def _whole() -> QuerySet[CareOffer]:
    return CareOffer.objects.select_related(
        "organisation__part_of", "medical_referent", "nursing_referent"
    ).prefetch_related("areas")


def _active(actor: Actor) -> QuerySet[CareOffer]:
    return _whole().filter(scope(actor, Permission.STRUCTURE_DIRECTORY_READ), is_active=True)


def _last_row(after: str) -> tuple[str, UUID] | None:
    try:
        return CareOffer.objects.filter(pk=UUID(after)).values_list("name", "id").first()
    except ValueError:
        return None


def _commune_name(code: str) -> str:
    commune = communes().get(code)
    return commune.name if commune else code


def _referent(row: Professional | None) -> Referent | None:
    return Referent(id=row.id, name=row.display_name, phone=row.phone) if row else None


def _snapshot(row: CareOffer) -> OfferSnapshot:
    place = row.organisation
    above = place.part_of
    return OfferSnapshot(
        id=row.id,
        version=row.version,
        code=row.code,
        kind=OfferKind(row.kind),
        name=row.name,
        organisation_id=place.id,
        organisation_name=f"{place.name}, {above.name}" if above else place.name,
        finess=place.finess or (above.finess if above else "") or "",
        commune=place.commune,
        city=place.city,
        departement=place.departement,
        organisation_phone=place.phone or (above.phone if above else ""),
        areas=tuple(sorted(area.code for area in row.areas.all())),
        criteria=Criteria(
            levels=frozenset(int(level) for level in row.levels),
            min_age=row.min_age,
            max_age=row.max_age,
            needs_home_carer=row.needs_home_carer,
            excludes=frozenset(Exclusion(one) for one in row.excludes),
            text=row.criteria_text,
        ),
        installed=row.installed,
        hours=row.hours,
        phone=row.phone,
        night_phone=row.night_phone,
        email=row.email,
        medical_referent=_referent(row.medical_referent),
        nursing_referent=_referent(row.nursing_referent),
        is_active=row.is_active,
        updated_at=row.updated_at,
    )
