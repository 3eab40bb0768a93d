"""A care offer as a HealthcareService. Source: interop_fr.md §1.6, §5.1, §5.3, §9.6.

Codes are those of the national directory; what it has no code for takes one of ours, and
"EMSP" never takes R244 142, which means another kind of team.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from fhir_bridge.mappers.organization import contact_points
from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, identifier, reference
from fhir_bridge.r4.systems import FINESS, LOCAL_STRUCTURE_KIND, R211, R213, R227, R244
from pathway.structures.records import Criteria, OfferSnapshot
from pathway.structures.states import EXCLUSION_LABELS, KINDS, OfferKind

_LOCAL: Final[Mapping[OfferKind, str]] = {
    OfferKind.USPP: "uspp",
    OfferKind.EMSP: "emsp-pallia",
    OfferKind.EMSPT: "emspt",
    OfferKind.EMSP_PAEDIATRIC: "emsp-ped",
    OfferKind.RAPID_RESPONSE: "eri-sp",
    OfferKind.SUPPORT_HOUSE: "maison-accompagnement",
    OfferKind.ON_CALL_SUPPORT: "appui-territorial",
    OfferKind.EMERGENCY: "samu",
    OfferKind.REGIONAL_CELL: "carsp",
}


def to_resource(offer: OfferSnapshot, *, areas: Sequence[str]) -> Json:
    """Return the HealthcareService of an offer; `areas` are the French names of where it acts.

    Its places are at the Location of the same id.
    """
    facts = KINDS[offer.kind]
    return compact(
        resourceType="HealthcareService",
        id=str(offer.id),
        identifier=[_own_code(offer)] if offer.finess else [],
        active=offer.is_active,
        providedBy=reference(f"Organization/{offer.organisation_id}"),
        category=[_category(offer.kind)],
        type=[_coded("fields_of_activity", R227, facts.field)] if facts.field else [],
        specialty=[_coded("activities", R211, facts.activity)] if facts.activity else [],
        location=[reference(f"Location/{offer.id}")],
        name=offer.name,
        comment=facts.purpose,
        telecom=contact_points(phone=offer.best_phone, night_phone=offer.night_phone, email=offer.email),
        coverageArea=[reference(type_="Location", display=area) for area in areas],
        eligibility=[{"comment": text} for text in _criteria(offer.criteria)],
        characteristic=[_coded("care_modes", R213, facts.care_mode)] if facts.care_mode else [],
        availabilityExceptions=f"Horaires : {offer.hours}" if offer.hours else None,
    )


def _own_code(offer: OfferSnapshot) -> Json:
    """The offer's code inside its structure: meaningful with the structure's FINESS number only."""
    assigner = reference(type_="Organization", identifier=identifier(FINESS, offer.finess))
    return identifier(None, f"{offer.finess}-{offer.code}", use="secondary", assigner=assigner)


def _category(kind: OfferKind) -> Json:
    facts = KINDS[kind]
    if kind in _LOCAL:
        return concept(code_list("local").get(LOCAL_STRUCTURE_KIND, _LOCAL[kind]).coding(), text=facts.label)
    if facts.category:
        return concept(code_list("organization_categories").get(R244, facts.category).coding(), text=facts.label)
    return concept(text=facts.long_label)


def _coded(name: str, system: str, code: str) -> Json:
    return concept(coding(system, code, code_list(name).display(system, code)))


def _criteria(criteria: Criteria) -> list[str]:
    said = []
    if criteria.min_age is not None:
        said.append(f"À partir de {criteria.min_age} ans")
    if criteria.max_age is not None:
        said.append(f"Jusqu’à {criteria.max_age} ans")
    if criteria.levels:
        said.append("Niveaux : " + ", ".join(str(level) for level in sorted(criteria.levels)))
    if criteria.needs_home_carer:
        said.append("Un proche doit être présent au domicile")
    if criteria.excludes:
        labels = sorted(EXCLUSION_LABELS[one].lower() for one in criteria.excludes)
        said.append("N’accueille pas : " + ", ".join(labels))
    return [*said, criteria.text] if criteria.text else said
