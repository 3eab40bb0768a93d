"""A structure, a site or a team as an Organization. Source: interop_fr.md §1.6, §5.3, §9.6."""

from collections.abc import Mapping
from typing import Final

from accounts.organisations.records import OrganisationSnapshot
from accounts.organisations.states import OrganisationKind
from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, address, coding, compact, concept, extension, identifier, reference, telecom
from fhir_bridge.r4.systems import EXT_INSEE_CODE, FINESS, FINESS_SITE_TYPE, FR_V2_0203, R244, nos

_COMMUNES: Final = nos("R13-CommuneOM")
_LABELS: Final[Mapping[OrganisationKind, str]] = {
    OrganisationKind.COORDINATION: "Dispositif d’appui à la coordination",
    OrganisationKind.HOSPITAL: "Établissement de santé",
    OrganisationKind.CARE_UNIT: "Unité de soins",
    OrganisationKind.HOME_HOSPITAL: "Hospitalisation à domicile",
    OrganisationKind.MOBILE_TEAM: "Équipe mobile",
    OrganisationKind.SUPPORT_HOUSE: "Maison d’accompagnement",
    OrganisationKind.CARE_HOME: "Établissement d’hébergement",
    OrganisationKind.HOME_NURSING: "Service de soins infirmiers à domicile",
    OrganisationKind.EMERGENCY: "SAMU",
    OrganisationKind.AGENCY: "Agence régionale de santé",
    OrganisationKind.NETWORK: "Réseau ou dispositif",
    OrganisationKind.ASSOCIATION: "Association de bénévoles d’accompagnement",
    OrganisationKind.OTHER: "Autre structure",
}
_CATEGORIES: Final[Mapping[OrganisationKind, str]] = {
    OrganisationKind.COORDINATION: "178",
    OrganisationKind.HOME_HOSPITAL: "128",
    OrganisationKind.CARE_HOME: "21",
    OrganisationKind.HOME_NURSING: "28",
}


def to_resource(place: OrganisationSnapshot) -> Json:
    """Return the Organization; a team without a FINESS number of its own hangs on its structure by `partOf`."""
    return compact(
        resourceType="Organization",
        id=str(place.id),
        identifier=[finess_identifier(place.finess)] if place.finess else [],
        active=True,
        type=[_type(place.kind)],
        name=place.name,
        telecom=contact_points(phone=place.phone, email=place.email),
        address=[site_address(city=place.city, commune=place.commune)] if place.city or place.commune else [],
        partOf=reference(f"Organization/{place.part_of_id}") if place.part_of_id else None,
    )


def finess_identifier(number: str) -> Json:
    """Return the FINESS number of a site."""
    return identifier(FINESS, number, type_=concept(coding(FR_V2_0203, FINESS_SITE_TYPE)))


def contact_points(*, phone: str = "", night_phone: str = "", email: str = "") -> list[Json]:
    """Return the ways to reach a structure, the day number first."""
    phones = [number for number in (phone, night_phone) if number]
    points = [telecom("phone", number, use="work", rank=rank) for rank, number in enumerate(phones, start=1)]
    return points + ([telecom("email", email, use="work")] if email else [])


def site_address(*, city: str, commune: str) -> Json:
    """Return where a structure stands: a city and its INSEE code."""
    insee = [extension(EXT_INSEE_CODE, valueCoding=coding(_COMMUNES, commune))] if commune else []
    return address(city=city, country="FR", use="work", extension=insee)


def _type(kind: OrganisationKind) -> Json:
    code = _CATEGORIES.get(kind)
    codings = [code_list("organization_categories").get(R244, code).coding()] if code else []
    return concept(*codings, text=_LABELS[kind])
