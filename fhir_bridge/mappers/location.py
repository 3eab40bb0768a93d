"""Where an offer is given, with its places, as a Location. Source: interop_fr.md §5.1 (capacity extension of the ROR).

Each figure is one extension: nature, status, horizon, count, gender, source and instant.
"""

from collections.abc import Iterator
from datetime import datetime

from fhir_bridge.mappers.organization import contact_points, site_address
from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, extension, instant, reference
from fhir_bridge.r4.systems import EXT_SUPPORTED_CAPACITY, R329, R330, R331, R332
from pathway.capacity.records import PlacesSnapshot
from pathway.capacity.states import CapacityGender, CapacityStatus, Horizon
from pathway.structures.records import OfferSnapshot
from pathway.structures.states import Nature


def to_resource(offer: OfferSnapshot, places: PlacesSnapshot) -> Json:
    """Return the Location of an offer: it has the offer's id, and a figure only when somebody gave one."""
    return compact(
        resourceType="Location",
        id=str(offer.id),
        extension=list(_figures(offer, places)),
        status="active" if offer.is_active else "inactive",
        name=offer.name,
        mode="instance",
        telecom=contact_points(phone=offer.best_phone),
        address=site_address(city=offer.city, commune=offer.commune) if offer.city or offer.commune else None,
        managingOrganization=reference(f"Organization/{offer.organisation_id}"),
    )


def _figures(offer: OfferSnapshot, places: PlacesSnapshot) -> Iterator[Json]:
    if places.nature is None:
        return
    if places.installed:
        yield _figure(places.nature, CapacityStatus.INSTALLED, places.installed, offer.updated_at)
    if places.free is not None and places.observed_at is not None:
        yield _figure(places.nature, CapacityStatus.AVAILABLE, places.free, places.observed_at)
        yield _figure(places.nature, CapacityStatus.RESERVED, places.held, places.observed_at)


def _figure(nature: Nature, status: CapacityStatus, count: int, at: datetime) -> Json:
    return extension(
        EXT_SUPPORTED_CAPACITY,
        extension("capacityType", valueCodeableConcept=_coded(R329, nature)),
        extension("capacityStatus", valueCodeableConcept=_coded(R330, status)),
        extension("temporalityCapacity", valueCodeableConcept=_coded(R331, Horizon.NOW)),
        extension("nbCapacity", valueInteger=count),
        extension("capacitySourceType", valueCodeableConcept=concept(text="Déclaration de la structure")),
        extension("genderCapacityAvailable", valueCodeableConcept=_coded(R332, CapacityGender.ANY)),
        extension("capacityUpdateDate", valueDateTime=instant(at)),
    )


def _coded(system: str, code: str) -> Json:
    return concept(coding(system, code, code_list("capacity").display(system, code)))
